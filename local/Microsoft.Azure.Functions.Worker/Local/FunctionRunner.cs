using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Portability.Local;

/// <summary>Gives each invocation its scope, its token and its line in the log.</summary>
internal sealed class FunctionRunner(
    InvocationPipeline pipeline,
    ServiceBusOutputs outputs,
    IServiceScopeFactory scopes,
    HostFile hostFile,
    ILoggerFactory loggers
)
{
    // The official extension's words, which its users look for.
    private const string IllegalAwait =
        "An invalid asynchronous invocation was detected. This can be caused by awaiting non-durable tasks in an "
        + "orchestrator function's implementation or by middleware that invokes asynchronous code.";

    private readonly ILogger _log = loggers.CreateLogger("Portability.Local.Functions");

    /// <summary>Runs a function that is no orchestrator, and gives what it came to.</summary>
    /// <param name="function">The function.</param>
    /// <param name="trigger">What the trigger delivers.</param>
    /// <param name="data">What it tells beside, by name.</param>
    /// <param name="finish">Runs within the scope, after the pipeline; may use the context's outcome.</param>
    /// <param name="prepare">Runs within the scope, before the pipeline.</param>
    /// <param name="cancellationToken">Ends the invocation early.</param>
    public async Task<object?> RunAsync(
        FunctionMethod function,
        object? trigger,
        IReadOnlyDictionary<string, object?> data,
        CancellationToken cancellationToken,
        Action<LocalFunctionContext>? prepare = null,
        Func<LocalFunctionContext, Task>? finish = null
    )
    {
        long begun = Stopwatch.GetTimestamp();
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (hostFile.FunctionTimeout is { } limit)
        {
            timeout.CancelAfter(limit);
        }
        await using AsyncServiceScope scope = scopes.CreateAsyncScope();
        var context = new LocalFunctionContext(function, scope.ServiceProvider, data, trigger, timeout.Token);
        prepare?.Invoke(context);
        try
        {
            await pipeline.RunAsync(context);
            await outputs.SendAsync(function, context.Outcome.Value, timeout.Token);
            if (finish is not null)
            {
                await finish(context);
            }
            _log.LogDebug("{Function} ran in {Elapsed}", function.Name, Stopwatch.GetElapsedTime(begun));
            return context.Outcome.Value;
        }
        catch (Exception exception) when (Explain(function, exception, timeout.Token, cancellationToken))
        {
            throw;
        }
    }

    /// <summary>
    /// Runs an orchestrator on the engine's thread. While it waits the run stands still in memory, and the engine may
    /// drop it to replay it later; only a run that ends disposes of its scope, others leave it to the collector.
    /// </summary>
    public async Task<object?> OrchestrateAsync(FunctionMethod function, object trigger, string instanceId)
    {
        AsyncServiceScope scope = scopes.CreateAsyncScope();
        var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = instanceId };
        var context = new LocalFunctionContext(function, scope.ServiceProvider, data, trigger, CancellationToken.None);
        var start = new OrchestratorStart();
        context.Features.Set(start);
        Task run = pipeline.RunAsync(context);
        if (!run.IsCompleted && !start.Reached)
        {
            throw new InvalidOperationException(IllegalAwait);
        }
        try
        {
            await run;
        }
        finally
        {
            await scope.DisposeAsync();
        }
        return context.Outcome.Value;
    }

    // A filter and not a handler: the stack is still whole when the line is written.
    private bool Explain(
        FunctionMethod function,
        Exception exception,
        CancellationToken invocation,
        CancellationToken caller
    )
    {
        if (exception is OperationCanceledException && caller.IsCancellationRequested)
        {
            _log.LogInformation("{Function} was cancelled", function.Name);
        }
        else if (exception is OperationCanceledException && invocation.IsCancellationRequested)
        {
            _log.LogError(
                "{Function} ran longer than functionTimeout {Limit}",
                function.Name,
                hostFile.FunctionTimeout
            );
        }
        else
        {
            _log.LogError(exception, "{Function} failed", function.Name);
        }
        return true;
    }
}

/// <summary>Tells whether the pipeline came as far as the orchestrator before its first wait.</summary>
internal sealed class OrchestratorStart
{
    public bool Reached { get; set; }
}
