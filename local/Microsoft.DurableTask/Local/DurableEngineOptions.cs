using Microsoft.DurableTask;
using Microsoft.DurableTask.Converters;

namespace Portability.Local;

/// <summary>Runs an orchestrator: returns its output, which the engine serialises.</summary>
public delegate Task<object?> OrchestratorFunction(TaskOrchestrationContext context);

/// <summary>Runs an activity: returns its result, which the engine serialises.</summary>
/// <param name="call">What is called.</param>
/// <param name="cancellationToken">Cancelled when the host stops and the grace period is over.</param>
public delegate Task<object?> ActivityFunction(ActivityCall call, CancellationToken cancellationToken);

/// <summary>One call of an activity.</summary>
/// <param name="Name">The activity's name.</param>
/// <param name="InstanceId">The orchestration that called it.</param>
/// <param name="SerializedInput">The input as text; null for none.</param>
/// <param name="Version">The version called; empty for none.</param>
public sealed record ActivityCall(TaskName Name, string InstanceId, string? SerializedInput, string Version);

/// <summary>Settings of a <see cref="DurableEngine"/>.</summary>
public sealed record DurableEngineOptions
{
    /// <summary>Path of the SQLite file; it and its folder are made when absent.</summary>
    public required string StorePath { get; init; }

    /// <summary>Converts inputs, outputs, events and custom status.</summary>
    public DataConverter DataConverter { get; init; } = JsonDataConverter.Default;

    /// <summary>How many activities run at once.</summary>
    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;

    /// <summary>A longer timer is made of several of this length.</summary>
    public TimeSpan MaximumTimerInterval { get; init; } = TimeSpan.FromDays(3);

    /// <summary>How long running activities may go on when the engine stops before they are cancelled.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How many waiting orchestrations stay in memory; others are replayed from their history.</summary>
    public int MaxCachedOrchestrations { get; init; } = 20_000;

    /// <summary>The version of orchestrations started without one.</summary>
    public string DefaultVersion { get; init; } = "";

    /// <summary>Which orchestrations this host runs, by their version and <see cref="DefaultVersion"/>.</summary>
    public VersionMatch VersionMatch { get; init; }

    /// <summary>What becomes of one that it does not run.</summary>
    public VersionMismatch VersionMismatch { get; init; }

    /// <summary>Where a clock that was never moved begins, when that is ahead; one that was moved goes on from where it is.</summary>
    public DateTimeOffset? StartsAt { get; init; }

    /// <summary>
    /// When set, the clock goes by itself to the next durable timer once nothing has been under way for this long.
    /// Without durable timers it runs as it always does: timer triggers alone move no clock.
    /// </summary>
    public TimeSpan? SkipIdleTimeAfter { get; init; }

    /// <summary>
    /// Whether each commit waits for the disk. Without it a killed process loses nothing, and a power loss may take
    /// back the last steps, never half of one.
    /// </summary>
    public bool SurvivePowerLoss { get; init; }
}
