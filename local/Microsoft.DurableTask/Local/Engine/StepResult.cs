using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>What an orchestrator decided in a step and what the store has to do for it.</summary>
internal abstract record Decision(int Id)
{
    /// <summary>The fact that goes into the history.</summary>
    public abstract HistoryEvent ToEvent();
}

internal sealed record ScheduleActivity(int Id, string Name, string Version, string? Input) : Decision(Id)
{
    public override HistoryEvent ToEvent() => new TaskScheduled(Id, Name);
}

internal sealed record StartSubOrchestration(int Id, string Name, string InstanceId, string Version, string? Input)
    : Decision(Id)
{
    /// <summary>Tags of the new instance.</summary>
    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public override HistoryEvent ToEvent() => new SubOrchestrationScheduled(Id, Name, InstanceId);
}

internal sealed record CreateTimer(int Id, DateTime FireAt) : Decision(Id)
{
    public override HistoryEvent ToEvent() => new TimerCreated(Id, FireAt);
}

internal sealed record SendEvent(int Id, string InstanceId, string Name, string? Payload) : Decision(Id)
{
    public override HistoryEvent ToEvent() => new EventSent(Id, InstanceId, Name);
}

/// <summary>How a generation ended; null while it goes on.</summary>
internal abstract record Ending
{
    public sealed record Completed(string? Output) : Ending;

    public sealed record Failed(StoredFailure Failure) : Ending;

    public sealed record Terminated(string? Output) : Ending;

    public sealed record ContinuedAsNew(string? Input, string? Version, IReadOnlyList<EventRaised> Preserved) : Ending;
}

/// <summary>The outcome of a step.</summary>
internal sealed record StepResult
{
    public required IReadOnlyList<Decision> Decisions { get; init; }

    public required IReadOnlyList<int> CancelledTimers { get; init; }

    public required Ending? Ending { get; init; }

    /// <summary>The custom status of this generation; null when it set none.</summary>
    public required string? CustomStatus { get; init; }

    /// <summary>Where the instance stands if it goes on.</summary>
    public required OrchestrationRuntimeStatus Status { get; init; }
}
