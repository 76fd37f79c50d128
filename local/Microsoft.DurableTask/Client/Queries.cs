using System.Diagnostics.CodeAnalysis;

namespace Microsoft.DurableTask.Client;

/// <summary>Where an orchestration stands.</summary>
public enum OrchestrationRuntimeStatus
{
    /// <summary>It has started and has not ended.</summary>
    Running = 0,

    /// <summary>It returned.</summary>
    Completed = 1,

    /// <summary>Not used.</summary>
    [Obsolete("The ContinuedAsNew status is obsolete and exists only for compatibility reasons.")]
    ContinuedAsNew = 2,

    /// <summary>It ended with an exception.</summary>
    Failed = 3,

    /// <summary>Not used.</summary>
    [Obsolete("The Canceled status is not currently used and exists only for compatibility reasons.")]
    Canceled = 4,

    /// <summary>A client ended it.</summary>
    Terminated = 5,

    /// <summary>It waits for its start.</summary>
    Pending = 6,

    /// <summary>It takes no steps until it is resumed.</summary>
    Suspended = 7,
}

/// <summary>Selects instances; what is null selects all.</summary>
public record OrchestrationQuery(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null,
    IEnumerable<string>? TaskHubNames = null,
    string? InstanceIdPrefix = null,
    int PageSize = OrchestrationQuery.DefaultPageSize,
    bool FetchInputsAndOutputs = false,
    string? ContinuationToken = null
)
{
    /// <summary>The size of a page when none is asked for.</summary>
    public const int DefaultPageSize = 100;
}

/// <summary>How an instance is purged.</summary>
/// <param name="Recursive">Not used: sub-orchestrations are purged on their own.</param>
public record PurgeInstanceOptions(bool Recursive = false);

/// <summary>Selects ended instances to purge; what is null selects all.</summary>
public record PurgeInstancesFilter(
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    IEnumerable<OrchestrationRuntimeStatus>? Statuses = null
)
{
    /// <summary>How long the purge may take.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>What a purge removed.</summary>
public class PurgeResult
{
    public PurgeResult(int count)
        : this(count, null) { }

    public PurgeResult(int count, bool? isComplete)
    {
        PurgedInstanceCount = count;
        IsComplete = isComplete;
    }

    /// <summary>How many instances were removed.</summary>
    public int PurgedInstanceCount { get; }

    /// <summary>Whether all that were selected are gone; null when unknown.</summary>
    public bool? IsComplete { get; }
}

/// <summary>How an instance is terminated.</summary>
/// <param name="Output">Becomes the output of the instance.</param>
/// <param name="Recursive">Not used: sub-orchestrations go on.</param>
public record TerminateInstanceOptions(object? Output = null, bool Recursive = false);

/// <summary>Gives clients by name.</summary>
public interface IDurableTaskClientProvider
{
    /// <summary>The client of the given name.</summary>
    DurableTaskClient GetClient(string? name = null);
}

/// <summary>Settings of a client.</summary>
public class DurableTaskClientOptions
{
    /// <summary>The version of orchestrations started without one.</summary>
    public string DefaultVersion { get; set; } = "";

    /// <summary>Converts inputs, outputs and events.</summary>
    [SuppressMessage("Usage", "CA2208", Justification = "The value is the argument.")]
    public DataConverter DataConverter { get; set; } = Converters.JsonDataConverter.Default;

    /// <summary>Whether entities may be used.</summary>
    public bool EnableEntitySupport { get; set; }
}
