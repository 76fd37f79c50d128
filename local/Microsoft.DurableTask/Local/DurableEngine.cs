using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Portability.Local;

/// <summary>The embedded Durable Task engine: event-sourced orchestrations on one SQLite file.</summary>
public sealed class DurableEngine : IAsyncDisposable, IClockedWork
{
    /// <summary>An engine over a store; nothing is opened before <see cref="StartAsync"/>.</summary>
    public DurableEngine(DurableEngineOptions options, VirtualClock clock, ILoggerFactory loggerFactory)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(loggerFactory);
    }

    /// <summary>The client of this engine; usable once it has started.</summary>
    public DurableTaskClient Client => throw new NotSupportedException();

    /// <inheritdoc />
    public DateTimeOffset? NextDue => throw new NotSupportedException();

    /// <summary>Adds an orchestrator; before the start.</summary>
    public void AddOrchestrator(TaskName name, OrchestratorFunction f) => throw new NotSupportedException();

    /// <summary>Adds an activity; before the start.</summary>
    public void AddActivity(TaskName name, ActivityFunction f) => throw new NotSupportedException();

    /// <summary>Opens the store, restores the clock, and goes on where an earlier process ended.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Stops: running activities may end within the grace period, then they are cancelled.</summary>
    public Task StopAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <inheritdoc />
    public Task RunDueAsync(DateTimeOffset now, CancellationToken ct) => throw new NotSupportedException();

    /// <inheritdoc />
    public Task WhenIdleAsync(CancellationToken ct) => throw new NotSupportedException();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => throw new NotSupportedException();
}
