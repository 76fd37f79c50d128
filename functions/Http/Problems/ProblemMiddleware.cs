using Azure;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;
using Portability.Workflow;

namespace Portability.Http.Problems;

/// <summary>
/// Around every HTTP function: what it refuses becomes a problem, and so does any fault, which is logged under its trace
/// id and told without its words.
/// </summary>
public sealed class ProblemMiddleware(ILogger<ProblemMiddleware> logger) : IFunctionsWorkerMiddleware
{
    /// <summary>For <c>UseWhen</c>: other triggers, orchestrations above all, must not pass through here.</summary>
    public static bool IsHttp(FunctionContext context) =>
        context.FunctionDefinition.InputBindings.Values.Any(binding => binding.Type == "httpTrigger");

    /// <inheritdoc/>
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (Exception thrown) when (context.GetHttpContext() is { Response.HasStarted: false } http)
        {
            await AnswerAsync(http, context, Unwrap(thrown));
        }
    }

    // The official worker may hand over what a function threw inside an AggregateException.
    private static Exception Unwrap(Exception thrown) =>
        thrown is AggregateException { InnerExceptions: [{ } only] } ? Unwrap(only) : thrown;

    private async Task AnswerAsync(HttpContext http, FunctionContext context, Exception thrown)
    {
        if (thrown is OperationCanceledException && http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to read an answer.
            http.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return;
        }
        Problem problem = ProblemOf(thrown, context);
        http.Response.Clear();
        await problem.WriteAsync(http.Response, http.RequestAborted);
    }

    private Problem ProblemOf(Exception thrown, FunctionContext context)
    {
        switch (thrown)
        {
            case ProblemException refused:
                return refused.Problem;
            case UnknownCaseException:
                return ApiProblems.UnknownCase();
            case ConcurrentAppendException:
                return ApiProblems.Busy();
            case RequestFailedException { Status: 0 or 429 or >= 500 }:
            case AggregateException { InnerExceptions: [RequestFailedException { Status: 0 or 429 or >= 500 }, ..] }:
                logger.LogError(thrown, "{Function}: storage does not answer", context.FunctionDefinition.Name);
                return ApiProblems.StorageUnreachable();
            case BadHttpRequestException { StatusCode: 413 }:
                return ApiProblems.TooLarge(Parsing.JsonBody.Limit);
            case BadHttpRequestException bad:
                return ApiProblems.Malformed(bad.Message);
            default:
                string traceId = TraceIdOf(context);
                logger.LogError(thrown, "{Function} failed, trace {TraceId}", context.FunctionDefinition.Name, traceId);
                return ApiProblems.Fault(traceId);
        }
    }

    // The second part of a W3C trace parent; an invocation without one has its own id.
    private static string TraceIdOf(FunctionContext context) =>
        context.TraceContext.TraceParent?.Split('-') is [_, { Length: > 0 } trace, ..] ? trace : context.InvocationId;
}
