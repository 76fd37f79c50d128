using DurableTask.Core.Exceptions;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>
/// All that one step changes, in one transaction: the facts it took and decided, its activities and timers, messages to
/// other instances, and the status.
/// </summary>
internal sealed class StepOperation : IStoreOperation
{
    private readonly Runtime _runtime;
    private readonly IReadOnlyList<Message> _taken;
    private readonly StepResult _result;
    private readonly long _step;
    private readonly byte[]? _events;
    private readonly DateTime _now;
    private readonly string? _customStatus;
    private readonly List<TimerEntry> _timers = [];
    private readonly List<TimerEntry> _cancelled = [];
    private readonly List<PendingActivity> _activities = [];
    private readonly List<Message> _toSelf = [];
    private readonly List<InstanceStart> _starts = [];
    private readonly List<(long Key, Message Message)> _toOthers = [];

    public StepOperation(Runtime runtime, Instance instance, StepFacts facts, StepResult result)
    {
        _runtime = runtime;
        Instance = instance;
        _taken = facts.Taken;
        _result = result;
        _now = facts.Now;
        _step = instance.NextStep;
        _customStatus = instance.CustomStatus;

        // A cancelled timer that no step has stored yet needs no row.
        var cancelled = result.CancelledTimers.ToHashSet();
        foreach (Decision decision in result.Decisions)
        {
            if (decision is ScheduleActivity a)
            {
                _activities.Add(new(runtime.NextSeq(), instance.Key, a.Id, a.Name, a.Version, a.Input));
            }
            else if (decision is CreateTimer timer && !cancelled.Contains(timer.Id))
            {
                _timers.Add(new(runtime.NextSeq(), instance.Key, instance.Generation, timer.Id, timer.FireAt));
            }
        }
        foreach (int id in result.CancelledTimers)
        {
            if (instance.Timers?.Remove(id, out TimerEntry? timer) == true)
            {
                _cancelled.Add(timer);
            }
        }
        if (result.Ending is Ending.ContinuedAsNew next)
        {
            _toSelf.Add(new(new ExecutionStarted(), MessageSource.Inbox, runtime.NextSeq()));
            _toSelf.AddRange(next.Preserved.Select(e => new Message(e, MessageSource.Inbox, runtime.NextSeq())));
        }
        else
        {
            _events = StoredJson.Write([.. facts.Facts, .. result.Decisions.Select(decision => decision.ToEvent())]);
        }
    }

    public Instance Instance { get; }

    public Ending? Ending => _result.Ending;

    /// <summary>The status of the instance once this is stored, if it goes on.</summary>
    public OrchestrationRuntimeStatus Status =>
        _result.Ending is Ending.ContinuedAsNew ? OrchestrationRuntimeStatus.Running : _result.Status;

    public IReadOnlyList<TimerEntry> Timers => _timers;

    public IReadOnlyList<TimerEntry> CancelledTimers => _cancelled;

    public IReadOnlyList<PendingActivity> Activities => _activities;

    public IReadOnlyList<InstanceStart> Starts => _starts;

    public IReadOnlyList<(long Key, Message Message)> ToOthers => _toOthers;

    /// <summary>What the next generation begins with.</summary>
    public IReadOnlyList<Message> ToSelf => _toSelf;

    public void Apply(StoreSession session)
    {
        _starts.Clear();
        _toOthers.Clear();
        long key = Instance.Key;
        foreach (Message message in _taken)
        {
            session.Consume(message);
        }
        foreach (TimerEntry timer in _cancelled)
        {
            session.DeleteTimer(timer.Seq);
        }
        if (_events is not null)
        {
            session.InsertHistory(key, _step, _events);
        }
        foreach (PendingActivity activity in _activities)
        {
            session.InsertActivity(activity);
        }
        foreach (TimerEntry timer in _timers)
        {
            session.InsertTimer(timer);
        }
        foreach (Decision decision in _result.Decisions)
        {
            Send(session, decision);
        }
        SetStatus(session, key);
    }

    public void Committed() => _runtime.OnStepCommitted(this);

    public void Failed(Exception fault) => _runtime.OnStepFailed(this);

    private void SetStatus(StoreSession session, long key)
    {
        switch (_result.Ending)
        {
            case null:
                session.Update(key, _result.Status, _now, _customStatus);
                break;
            case Ending.ContinuedAsNew next:
                session.Continue(key, _now, _customStatus, next.Input, next.Version ?? Instance.Version);
                foreach (Message message in _toSelf)
                {
                    session.InsertInbox(message.Seq, key, message.Fact);
                }
                break;
            case { } ending:
                session.End(key, _now, _customStatus, ending);
                if (Instance.Parent is { } parent)
                {
                    SendTo(session, parent.Key, ResultFor(parent.Task, ending));
                }
                break;
        }
    }

    private void Send(StoreSession session, Decision decision)
    {
        switch (decision)
        {
            case SendEvent sent when session.Find(sent.InstanceId) is { HasEnded: false } target:
                SendTo(session, target.Key, new EventRaised(sent.Name, sent.Payload));
                break;
            case StartSubOrchestration sub:
                Start(session, sub);
                break;
        }
    }

    private void Start(StoreSession session, StartSubOrchestration sub)
    {
        FoundInstance? found = session.Find(sub.InstanceId);
        if (found is { HasEnded: false })
        {
            var refusal = new OrchestrationAlreadyExistsException(
                $"An instance '{sub.InstanceId}' exists and has the status {found.Status}."
            );
            SendTo(session, Instance.Key, new TaskFailed(sub.Id, StoredFailure.Of(refusal)));
            return;
        }
        if (found is not null)
        {
            session.Forget(found.Key);
        }
        var start = new InstanceStart(
            new NewInstance(
                _runtime.NextSeq(),
                sub.InstanceId,
                sub.Name,
                sub.Version,
                sub.Input,
                Tags.Write(sub.Tags),
                _now,
                null,
                new ParentTask(Instance.Key, sub.Id, Instance.Id, Instance.Name.Name)
            ),
            _runtime.NextSeq()
        );
        start.Apply(session);
        _starts.Add(start);
    }

    private void SendTo(StoreSession session, long key, HistoryEvent fact)
    {
        if (session.IsLive(key))
        {
            var message = new Message(fact, MessageSource.Inbox, _runtime.NextSeq());
            session.InsertInbox(message.Seq, key, fact);
            _toOthers.Add((key, message));
        }
    }

    private HistoryEvent ResultFor(int task, Ending ending) =>
        ending switch
        {
            Ending.Completed completed => new TaskCompleted(task, completed.Output),
            Ending.Failed failed => new TaskFailed(task, failed.Failure),
            _ => new TaskFailed(
                task,
                new StoredFailure("Terminated", $"The sub-orchestration '{Instance.Id}' was terminated.", null, null)
            ),
        };
}

/// <summary>What goes into a step.</summary>
internal sealed record StepFacts(DateTime Now, IReadOnlyList<Message> Taken, IReadOnlyList<HistoryEvent> Facts);
