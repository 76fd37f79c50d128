using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>Where a message's row is; it is removed in the step that takes the message.</summary>
internal enum MessageSource
{
    None,
    Inbox,
    Activity,
    Timer,
}

/// <summary>A fact on its way to an instance.</summary>
internal readonly record struct Message(HistoryEvent Fact, MessageSource Source, long Seq, int Generation = -1);

/// <summary>An activity that has not ended.</summary>
internal sealed record PendingActivity(long Seq, long Key, int Task, string Name, string Version, string? Input);

/// <summary>A timer that has not fired.</summary>
internal sealed record TimerEntry(long Seq, long Key, int Generation, int Task, DateTime Due)
{
    /// <summary>The task number of an instance's start.</summary>
    public const int Start = -1;

    /// <summary>Set when it must not fire any more; guarded by its queue.</summary>
    public bool IsCancelled { get; set; }
}

/// <summary>An instance that has not ended, in memory. Guarded by the runtime's lock unless said otherwise.</summary>
internal sealed class Instance(long key, string id, TaskName name, ParentTask? parent)
{
    private int _storedStatus = (int)OrchestrationRuntimeStatus.Pending;

    public long Key => key;

    public string Id => id;

    public TaskName Name => name;

    public ParentTask? Parent => parent;

    public Queue<Message> Inbox { get; } = new(2);

    /// <summary>Whether it waits for a step, takes one, or has one being stored.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The status as it is stored. Set by the writer's thread, read by any.</summary>
    public OrchestrationRuntimeStatus StoredStatus
    {
        get => (OrchestrationRuntimeStatus)Volatile.Read(ref _storedStatus);
        set => Volatile.Write(ref _storedStatus, (int)value);
    }

    // What follows belongs to whoever takes the step.

    public required string Version { get; set; }

    public required int Generation { get; set; }

    /// <summary>The custom status as it is stored.</summary>
    public string? CustomStatus { get; set; }

    /// <summary>Whether nothing of this generation is stored yet; its input is then in memory.</summary>
    public bool IsFresh { get; set; }

    public string? FreshInput { get; set; }

    public long NextStep { get; set; }

    public DateTime LastStepAt { get; set; }

    public Execution? Execution { get; set; }

    public Dictionary<int, TimerEntry>? Timers { get; set; }

    /// <summary>Its place among the executions kept in memory.</summary>
    public LinkedListNode<Instance>? CachePlace { get; set; }
}
