using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>
/// One generation of one orchestration in memory: feeds facts to the orchestrator's code and collects what it decides.
/// A fresh one is brought up to date by feeding it the stored history, during which its decisions must be the stored ones.
/// </summary>
internal sealed class Execution
{
    /// <summary>Custom status is limited to 16 KB of UTF-16.</summary>
    private const int MaxCustomStatusCharacters = 16 * 1024 / sizeof(char);

    private readonly OrchestratorFunction _function;
    private readonly OrchestratorThread _thread;
    private readonly EngineContext _context;
    private readonly ExternalEvents _events = new();
    private readonly Dictionary<int, OpenTask> _open = [];
    private readonly SortedDictionary<int, Decision> _decisions = [];
    private readonly List<int> _cancelledTimers = [];
    private Queue<HistoryEvent>? _held;
    private Task<object?>? _run;
    private int _nextId;
    private bool _suspended;
    private StoredFailure? _fault;

    public Execution(ExecutionFacts facts, OrchestratorFunction function, ExecutionServices services, Action onForeign)
    {
        _function = function;
        Services = services;
        _thread = new OrchestratorThread(onForeign);
        _context = new EngineContext(this, facts);
    }

    public ExecutionServices Services { get; }

    public ExternalEvents Events => _events;

    public DateTime CurrentUtcDateTime { get; private set; }

    public bool IsReplaying { get; private set; }

    /// <summary>What the generation published last.</summary>
    public string? CustomStatus { get; set; }

    /// <summary>Set by the orchestrator: what follows when it returns.</summary>
    public ContinueAsNewOptions? Next { get; set; }

    /// <summary>Feeds the stored history.</summary>
    public void Replay(IEnumerable<HistoryEvent> history)
    {
        IsReplaying = true;
        Feed(history);
        IsReplaying = false;
        // Their rows went with the steps that cancelled them.
        _cancelledTimers.Clear();
    }

    /// <summary>Feeds new facts and gives what came of them.</summary>
    public StepResult Step(IEnumerable<HistoryEvent> facts)
    {
        Feed(facts);
        Ending? ending = Ending();
        string? customStatus = CustomStatus;
        if (customStatus?.Length > MaxCustomStatusCharacters && ending is not Engine.Ending.Failed)
        {
            customStatus = null;
            ending = new Ending.Failed(
                StoredFailure.Of(
                    new ArgumentException(
                        $"The custom status takes {CustomStatus!.Length * 2} bytes of UTF-16; 16 KB is the limit."
                    )
                )
            );
        }
        var result = new StepResult
        {
            // What ends needs nothing any more; what it sent before is still sent.
            Decisions =
                _fault is not null ? []
                : ending is null ? [.. _decisions.Values]
                : [.. _decisions.Values.OfType<SendEvent>()],
            CancelledTimers = [.. _cancelledTimers],
            Ending = ending,
            CustomStatus = customStatus,
            Status =
                _suspended ? OrchestrationRuntimeStatus.Suspended
                : _run is null ? OrchestrationRuntimeStatus.Pending
                : OrchestrationRuntimeStatus.Running,
        };
        _decisions.Clear();
        _cancelledTimers.Clear();
        return result;
    }

    /// <summary>Takes the number of the next decision.</summary>
    public int NextId() => _nextId++;

    /// <summary>Decides something that nothing is awaited of.</summary>
    public void Decide(Decision decision) => _decisions.Add(decision.Id, decision);

    /// <summary>Decides something and gives the task that ends with its result.</summary>
    public Task<string?> DecideAndAwait(Decision decision, string name)
    {
        var source = new TaskCompletionSource<string?>();
        _decisions.Add(decision.Id, decision);
        _open.Add(decision.Id, new OpenTask(name, source));
        return source.Task;
    }

    /// <summary>Cancels a timer that is still open.</summary>
    public void CancelTimer(int id, CancellationToken cancellationToken)
    {
        if (_open.Remove(id, out OpenTask? timer))
        {
            _cancelledTimers.Add(id);
            timer.Source.TrySetCanceled(cancellationToken);
        }
    }

    /// <summary>Refuses calls from elsewhere than the orchestrator's own thread.</summary>
    public void ThrowIfForeign()
    {
        if (!_thread.IsCurrent)
        {
            throw IllegalAwait();
        }
    }

    private static InvalidOperationException IllegalAwait() =>
        new(
            "An invalid asynchronous invocation was detected: the orchestrator awaited something other than the tasks of its "
                + "context, or left its thread by Task.Run or ConfigureAwait(false). Do such work in an activity."
        );

    private void Feed(IEnumerable<HistoryEvent> facts)
    {
        if (_fault is not null)
        {
            return;
        }
        try
        {
            _thread.Run(facts, Apply);
        }
        catch (Exception fault)
        {
            // The code's own exceptions are in its task; what comes here broke a rule of the context.
            _fault = StoredFailure.Of(fault);
        }
    }

    private void Apply(HistoryEvent fact)
    {
        switch (fact)
        {
            case StepStarted step:
                CurrentUtcDateTime = step.At;
                break;
            case ExecutionSuspended:
                _suspended = true;
                break;
            case ExecutionResumed:
                _suspended = false;
                while (!_suspended && _held is not null && _held.TryDequeue(out HistoryEvent? held))
                {
                    Stimulate(held);
                }
                break;
            case ForeignAwaitSeen:
                throw IllegalAwait();
            case TaskScheduled or SubOrchestrationScheduled or TimerCreated or EventSent:
                Confirm(fact);
                break;
            default:
                if (_suspended)
                {
                    (_held ??= new()).Enqueue(fact);
                }
                else
                {
                    Stimulate(fact);
                }
                break;
        }
    }

    private void Stimulate(HistoryEvent fact)
    {
        switch (fact)
        {
            case ExecutionStarted:
                _run = RunAsync();
                break;
            case TaskCompleted completed when _open.Remove(completed.Id, out OpenTask? task):
                task.Source.TrySetResult(completed.Result);
                break;
            case TaskFailed failed when _open.Remove(failed.Id, out OpenTask? task):
                task.Source.TrySetException(new TaskFailedException(task.Name, failed.Id, failed.Failure.ToDetails()));
                break;
            case TimerFired fired when _open.Remove(fired.Id, out OpenTask? timer):
                timer.Source.TrySetResult(null);
                break;
            case EventRaised raised:
                _events.Raise(raised);
                break;
        }
    }

    // Awaited here and not only held: an end on a foreign thread then shows as foreign work.
    private async Task<object?> RunAsync() => await _function(_context);

    private void Confirm(HistoryEvent found)
    {
        int id = found switch
        {
            TaskScheduled task => task.Id,
            SubOrchestrationScheduled sub => sub.Id,
            TimerCreated timer => timer.Id,
            _ => ((EventSent)found).Id,
        };
        if (!_decisions.Remove(id, out Decision? decision))
        {
            throw new NonDeterministicOrchestrationException(
                id,
                $"the history has {Describe(found)}, and the code decided nothing there"
            );
        }
        if (!Agree(found, decision))
        {
            throw new NonDeterministicOrchestrationException(
                id,
                $"the history has {Describe(found)}, and the code decided {Describe(decision.ToEvent())}"
            );
        }
    }

    private static bool Agree(HistoryEvent found, Decision decision) =>
        (found, decision) switch
        {
            (TaskScheduled a, ScheduleActivity b) => Same(a.Name, b.Name),
            (SubOrchestrationScheduled a, StartSubOrchestration b) => Same(a.Name, b.Name)
                && a.InstanceId == b.InstanceId,
            (TimerCreated, CreateTimer) => true,
            (EventSent a, SendEvent b) => a.InstanceId == b.InstanceId && Same(a.Name, b.Name),
            _ => false,
        };

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    private static string Describe(HistoryEvent fact) =>
        fact switch
        {
            TaskScheduled task => $"activity '{task.Name}'",
            SubOrchestrationScheduled sub => $"sub-orchestration '{sub.Name}' as '{sub.InstanceId}'",
            TimerCreated timer => $"a timer until {timer.FireAt:O}",
            EventSent sent => $"event '{sent.Name}' to '{sent.InstanceId}'",
            _ => fact.GetType().Name,
        };

    private Ending? Ending()
    {
        if (_fault is null && _thread.SawForeignWork)
        {
            _fault = StoredFailure.Of(IllegalAwait());
        }
        if (_fault is not null)
        {
            return new Ending.Failed(_fault);
        }
        if (_run is null || _suspended)
        {
            return null;
        }
        if (!_run.IsCompleted)
        {
            return _open.Count > 0 || _events.HasWaiters ? null : new Ending.Failed(StoredFailure.Of(IllegalAwait()));
        }
        // Open tasks hold back the end, also one by an exception.
        return _open.Count > 0 ? null : EndOf(_run);
    }

    private Ending EndOf(Task<object?> run)
    {
        try
        {
#pragma warning disable VSTHRD002, VSTHRD104 // It has ended.
            object? output = run.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002, VSTHRD104
            if (Next is { } next)
            {
                return new Ending.ContinuedAsNew(
                    Services.Converter.Serialize(next.NewInput),
                    string.IsNullOrWhiteSpace(next.NewVersion) ? null : next.NewVersion,
                    next.PreserveUnprocessedEvents ? _events.Buffered : []
                );
            }
            return new Ending.Completed(Services.Converter.Serialize(output));
        }
        catch (Exception failure)
        {
            return new Ending.Failed(StoredFailure.Of(failure));
        }
    }

    private sealed record OpenTask(string Name, TaskCompletionSource<string?> Source);
}
