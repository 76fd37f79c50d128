using Microsoft.DurableTask;

namespace Portability.Local.Engine;

/// <summary>A new instance on its way into the store and then into memory.</summary>
internal sealed class InstanceStart(NewInstance instance, long startSeq)
{
    public NewInstance New => instance;

    /// <summary>The timer of a start in the future.</summary>
    public TimerEntry? Timer { get; } =
        instance.StartAt is { } startAt && startAt > instance.Created
            ? new TimerEntry(startSeq, instance.Key, 0, TimerEntry.Start, startAt)
            : null;

    public Message StartMessage => new(new ExecutionStarted(), MessageSource.Inbox, startSeq);

    public void Apply(StoreSession session)
    {
        session.Insert(instance);
        if (Timer is not null)
        {
            session.InsertTimer(Timer);
        }
        else
        {
            session.InsertInbox(startSeq, instance.Key, new ExecutionStarted());
        }
    }

    public Instance ToInstance() =>
        new(instance.Key, instance.Id, new TaskName(instance.Name), instance.Parent)
        {
            Version = instance.Version,
            Generation = 0,
            LastStepAt = instance.Created,
            IsFresh = true,
            FreshInput = instance.Input,
        };
}
