using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Middleware;

namespace Local.Tests.Functions;

/// <summary>A service of one invocation.</summary>
public sealed class Scoped : IDisposable
{
    public bool Disposed { get; private set; }

    public void Dispose() => Disposed = true;
}

public sealed class ScopedFunctions(Scoped scoped, Journal journal) : IDisposable
{
    [Function("Scoped")]
    public string Scope([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request, FunctionContext context)
    {
        journal.Add($"function {context.Items["mark"]} {ReferenceEquals(scoped, Of(context))} {scoped.Disposed}");
        return request.Path;
    }

    [Function("Shout")]
    public static string Shout(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "shout/{text}")] HttpRequest request,
        string text,
        [InputConverter(typeof(PathLength))] int length
    ) => $"{text} {length} {request.Method}";

    public void Dispose() => journal.Add("disposed");

    private static object Of(FunctionContext context) => context.InstanceServices.GetService(typeof(Scoped))!;
}

/// <summary>A converter of the app's own.</summary>
public sealed class PathLength : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
        ValueTask.FromResult(
            ConversionResult.Success(context.FunctionContext.GetHttpContext()!.Request.Path.Value!.Length)
        );
}

/// <summary>One instance for all invocations, as the worker has it.</summary>
public sealed class Outer(Journal journal) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        context.Items["mark"] = "marked";
        journal.Add("outer in " + context.FunctionDefinition.Name);
        try
        {
            await next(context);
        }
        catch (FunctionInputConverterException exception)
        {
            context.GetInvocationResult().Value = new BadRequestObjectResult(exception.Message);
        }
        journal.Add($"outer out {context.GetInvocationResult().Value}");
    }
}
