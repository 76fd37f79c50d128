using System.Diagnostics.CodeAnalysis;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>
/// The live instances of a store: routes messages to them, hands what a committed step decided to activities, timers and
/// other instances. Steps themselves are taken by the <see cref="StepPump"/>.
/// </summary>
internal sealed class Runtime : IDisposable
{
    private readonly object _gate = new();
    private readonly Dictionary<long, Instance> _live = [];
    private readonly Dictionary<string, Instance> _liveById = new(StringComparer.Ordinal);
    private readonly Queue<Instance> _runnable = new();
    private readonly VirtualClock _clock;
    private readonly StepPump _pump;
    private long _sequence;
    private bool _stopping;

    public Runtime(RuntimeParts parts)
    {
        _clock = parts.Clock;
        Writer = parts.Writer;
        Reader = parts.Reader;
        Options = parts.Options;
        Activities = new ActivityRunner(parts.Options, parts.Activities, Idle, parts.Logger)
        {
            IsWanted = IsLive,
            OnEnded = (activity, fact) => Deliver(activity.Key, new(fact, MessageSource.Activity, activity.Seq)),
        };
        _pump = new StepPump(this, parts);
    }

    public StoreWriter Writer { get; }

    public StoreReader Reader { get; }

    public DurableEngineOptions Options { get; }

    public ActivityRunner Activities { get; }

    public IdleTracker Idle { get; } = new();

    public TimerQueue Timers { get; } = new();

    public StatusSignals Signals { get; } = new();

    public DateTime Now => _clock.GetUtcNow().UtcDateTime;

    /// <summary>The next number for a row.</summary>
    public long NextSeq() => Interlocked.Increment(ref _sequence);

    /// <summary>Takes up what an earlier process left and begins to work.</summary>
    public void Start(Recovery recovery)
    {
        _sequence = recovery.LastSeq;
        foreach (Instance instance in recovery.Instances)
        {
            _live.Add(instance.Key, instance);
            _liveById.Add(instance.Id, instance);
        }
        foreach (TimerEntry timer in recovery.Timers)
        {
            Arm(timer);
        }
        foreach ((long key, Message message) in recovery.Messages)
        {
            Deliver(key, message);
        }
        foreach (PendingActivity activity in recovery.Activities)
        {
            if (_live.TryGetValue(activity.Key, out Instance? caller))
            {
                Activities.Enqueue(activity, caller.Id);
            }
        }
        _pump.Start();
    }

    /// <summary>Ends activities and steps; what is not done goes on after the next start.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await Activities.StopAsync(cancellationToken);
        lock (_gate)
        {
            _stopping = true;
            Monitor.PulseAll(_gate);
        }
        await _pump.WhenEndedAsync();
        var reason = new OperationCanceledException("The durable engine has stopped.");
        Signals.Stop(reason);
        Idle.Stop(reason);
    }

    public void Dispose() => Activities.Dispose();

    /// <summary>Brings a new instance into memory once it is stored.</summary>
    public void Add(InstanceStart start)
    {
        Instance instance = start.ToInstance();
        lock (_gate)
        {
            _live.Add(instance.Key, instance);
            // One that another start of this id has overwritten has ended and is gone from here.
            _liveById[instance.Id] = instance;
        }
        if (start.Timer is { } timer)
        {
            Arm(timer);
        }
        else
        {
            Deliver(instance.Key, start.StartMessage);
        }
        Signals.Changed(instance.Id);
    }

    /// <summary>Puts a message before an instance; one that has ended gets none.</summary>
    public void Deliver(long key, Message message)
    {
        lock (_gate)
        {
            if (_live.TryGetValue(key, out Instance? instance))
            {
                instance.Inbox.Enqueue(message);
                Wake(instance);
                return;
            }
        }
        Discard([message]);
    }

    /// <summary>Fires all timers that are due, in the order of time and sequence.</summary>
    public void FireTimers(DateTime now)
    {
        while (Timers.TakeDue(now) is { } timer)
        {
            HistoryEvent fact = timer.Task == TimerEntry.Start ? new ExecutionStarted() : new TimerFired(timer.Task);
            Deliver(timer.Key, new(fact, MessageSource.Timer, timer.Seq, timer.Generation));
        }
    }

    /// <summary>Waits for an instance with messages and takes them; false when the engine stops.</summary>
    public bool TryTakeRunnable([NotNullWhen(true)] out Instance? instance, List<Message> messages)
    {
        messages.Clear();
        lock (_gate)
        {
            while (!_runnable.TryDequeue(out instance))
            {
                if (_stopping)
                {
                    return false;
                }
                Monitor.Wait(_gate);
            }
            while (instance.Inbox.TryDequeue(out Message message))
            {
                messages.Add(message);
            }
            return true;
        }
    }

    /// <summary>Puts messages back that a step could not take, and lets the instance try again.</summary>
    public void PutBack(Instance instance, IReadOnlyList<Message> messages)
    {
        lock (_gate)
        {
            PutInFront(instance, messages);
            _runnable.Enqueue(instance);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Puts messages back of an instance that this host does not run; they stay stored for another.</summary>
    public void Park(Instance instance, IReadOnlyList<Message> messages)
    {
        lock (_gate)
        {
            PutInFront(instance, messages);
            instance.IsBusy = false;
        }
        Idle.End();
    }

    private static void PutInFront(Instance instance, IReadOnlyList<Message> messages)
    {
        Message[] later = [.. instance.Inbox];
        instance.Inbox.Clear();
        foreach (Message message in messages.Concat(later))
        {
            instance.Inbox.Enqueue(message);
        }
    }

    /// <summary>Carries out what a step decided, now that it is stored.</summary>
    public void OnStepCommitted(StepOperation step)
    {
        Instance instance = step.Instance;
        foreach (InstanceStart start in step.Starts)
        {
            Add(start);
        }
        foreach ((long key, Message message) in step.ToOthers)
        {
            Deliver(key, message);
        }
        foreach (TimerEntry timer in step.CancelledTimers)
        {
            Timers.Cancel(timer);
        }
        foreach (TimerEntry timer in step.Timers)
        {
            (instance.Timers ??= []).Add(timer.Task, timer);
            Arm(timer);
        }
        foreach (PendingActivity activity in step.Activities)
        {
            Activities.Enqueue(activity, instance.Id);
        }
        bool hasEnded = step.Ending is not (null or Ending.ContinuedAsNew);
        if (hasEnded && instance.Timers is { } open)
        {
            foreach (TimerEntry timer in open.Values)
            {
                Timers.Cancel(timer);
            }
        }
        instance.StoredStatus = step.Status;
        Discard(Rest(instance, hasEnded, step.ToSelf));
        Signals.Changed(instance.Id);
        Idle.End();
    }

    /// <summary>A step could not be stored: the writer has given up, and so does the instance.</summary>
    public void OnStepFailed(StepOperation step)
    {
        lock (_gate)
        {
            Forget(step.Instance);
        }
        Idle.End();
    }

    /// <summary>The instance of an id that has not ended, as far as is stored; null when the store must say.</summary>
    public Instance? FindLive(string id)
    {
        lock (_gate)
        {
            return _liveById.GetValueOrDefault(id);
        }
    }

    private void Forget(Instance instance)
    {
        _live.Remove(instance.Key);
        if (_liveById.TryGetValue(instance.Id, out Instance? live) && live == instance)
        {
            _liveById.Remove(instance.Id);
        }
    }

    private bool IsLive(long key)
    {
        lock (_gate)
        {
            return _live.ContainsKey(key);
        }
    }

    private void Arm(TimerEntry timer)
    {
        if (Timers.Add(timer))
        {
            _clock.Reschedule();
        }
    }

    private void Wake(Instance instance)
    {
        if (!instance.IsBusy)
        {
            instance.IsBusy = true;
            Idle.Begin();
            _runnable.Enqueue(instance);
            Monitor.Pulse(_gate);
        }
    }

    // What came too late for an instance has a row of its own, which nothing else takes away.
    private void Discard(IReadOnlyList<Message> late)
    {
        if (late.Any(message => message.Source == MessageSource.Inbox))
        {
            _ = new ClientOperation<bool>(
                Idle,
                session =>
                {
                    foreach (Message message in late)
                    {
                        session.Consume(message);
                    }
                    return true;
                }
            ).SubmitTo(Writer);
        }
    }

    /// <summary>Lets an instance rest after a step; gives the messages that came too late for it.</summary>
    private IReadOnlyList<Message> Rest(Instance instance, bool hasEnded, IReadOnlyList<Message> toSelf)
    {
        lock (_gate)
        {
            if (hasEnded)
            {
                Forget(instance);
                return instance.Inbox.Count == 0 ? [] : [.. instance.Inbox];
            }
            if (toSelf.Count > 0)
            {
                // The next generation's start comes before what arrived meanwhile.
                PutInFront(instance, toSelf);
            }
            instance.IsBusy = false;
            if (instance.Inbox.Count > 0)
            {
                Wake(instance);
            }
            return [];
        }
    }
}

/// <summary>What a runtime is made of.</summary>
internal sealed record RuntimeParts(
    DurableEngineOptions Options,
    VirtualClock Clock,
    StoreWriter Writer,
    StoreReader Reader,
    TaskTable<OrchestratorFunction> Orchestrators,
    TaskTable<ActivityFunction> Activities,
    ILoggerFactory Loggers,
    ILogger Logger
);
