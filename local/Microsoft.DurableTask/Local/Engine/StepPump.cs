using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>
/// Takes the steps of all orchestrations, one after the other, on one thread: orchestrators only decide, so a step takes
/// microseconds, and one thread makes their order the same on each run.
/// </summary>
internal sealed class StepPump
{
    private static readonly TimeSpan LongStep = TimeSpan.FromSeconds(5);

    private readonly Runtime _runtime;
    private readonly RuntimeParts _parts;
    private readonly ExecutionServices _services;
    private readonly LinkedList<Instance> _cached = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StepPump(Runtime runtime, RuntimeParts parts)
    {
        _runtime = runtime;
        _parts = parts;
        _services = new(
            parts.Options.DataConverter,
            parts.Loggers,
            parts.Options.MaximumTimerInterval,
            parts.Options.DefaultVersion
        );
    }

    public void Start() => new Thread(Run) { Name = "durable steps", IsBackground = true }.Start();

    public Task WhenEndedAsync() => _ended.Task;

    private void Run()
    {
        var messages = new List<Message>();
        while (_runtime.TryTakeRunnable(out Instance? instance, messages))
        {
            if (IsLeftAlone(instance))
            {
                _runtime.Park(instance, [.. messages]);
                continue;
            }
            try
            {
                long start = Stopwatch.GetTimestamp();
                StepOperation step = Take(instance, [.. messages]);
                if (Stopwatch.GetElapsedTime(start) is var taken && taken > LongStep)
                {
                    _parts.Logger.LogWarning(
                        "A step of {Instance} ({Name}) took {Time}: an orchestrator must not compute or block.",
                        instance.Id,
                        instance.Name,
                        taken
                    );
                }
                _runtime.Writer.Submit(step);
            }
            catch (Exception fault)
            {
                // The thread serves all instances; it does not end for one that the store fails to give.
                _parts.Logger.LogError(fault, "A step of {Instance} could not be taken; trying again.", instance.Id);
                Drop(instance);
                _runtime.PutBack(instance, [.. messages]);
                CancellationToken.None.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200));
            }
        }
        _ended.SetResult();
    }

    private bool IsLeftAlone(Instance instance)
    {
        if (
            _parts.Options.VersionMismatch == VersionMismatch.Fail
            || VersionRule.Runs(_parts.Options, instance.Version)
        )
        {
            return false;
        }
        _parts.Logger.LogWarning(
            "{Instance} ({Name}) waits for another host: {Reason}",
            instance.Id,
            instance.Name,
            VersionRule.Failure(_parts.Options, instance.Version).Message
        );
        return true;
    }

    private StepOperation Take(Instance instance, List<Message> messages)
    {
        // An orchestration's own time never goes back, whatever the system's clock does.
        DateTime now = _runtime.Now > instance.LastStepAt ? _runtime.Now : instance.LastStepAt;
        instance.LastStepAt = now;
        var facts = new List<HistoryEvent>(messages.Count + 1) { new StepStarted(now) };
        foreach (Message message in messages)
        {
            // A cancelled timer of the generation before may have been on its way.
            if (message.Generation < 0 || message.Generation == instance.Generation)
            {
                facts.Add(message.Fact);
            }
            if (message.Fact is TimerFired fired && message.Generation == instance.Generation)
            {
                instance.Timers?.Remove(fired.Id);
            }
        }

        int end = facts.FindIndex(fact => fact is ExecutionTerminated);
        StepResult result =
            end >= 0 ? Terminate(instance, facts, end)
            : VersionRule.Runs(_parts.Options, instance.Version) ? Execute(instance, facts)
            : Fail(instance, VersionRule.Failure(_parts.Options, instance.Version));
        bool isFirst = instance.NextStep == 0;
        instance.CustomStatus =
            result.CustomStatus ?? (isFirst || result.Ending is Ending.Terminated ? instance.CustomStatus : null);
        var step = new StepOperation(_runtime, instance, new StepFacts(now, messages, facts), result);
        Advance(instance, result.Ending);
        return step;
    }

    private static StepResult Terminate(Instance instance, List<HistoryEvent> facts, int end)
    {
        var terminated = (ExecutionTerminated)facts[end];
        facts.RemoveRange(end + 1, facts.Count - end - 1);
        return new StepResult
        {
            Decisions = [],
            CancelledTimers = [],
            Ending = new Ending.Terminated(terminated.Output),
            CustomStatus = instance.CustomStatus,
            Status = OrchestrationRuntimeStatus.Terminated,
        };
    }

    private StepResult Execute(Instance instance, List<HistoryEvent> facts)
    {
        try
        {
            return (instance.Execution ??= Load(instance)).Step(facts);
        }
        catch (Exception fault) when (fault is not SqliteException)
        {
            // A history that cannot be read, or an orchestrator nobody registered.
            _parts.Logger.LogError(fault, "Instance {Instance} ({Name}) has failed.", instance.Id, instance.Name);
            return Fail(instance, StoredFailure.Of(fault));
        }
    }

    private static StepResult Fail(Instance instance, StoredFailure failure) =>
        new()
        {
            Decisions = [],
            CancelledTimers = [],
            Ending = new Ending.Failed(failure),
            CustomStatus = instance.CustomStatus,
            Status = OrchestrationRuntimeStatus.Running,
        };

    private Execution Load(Instance instance)
    {
        OrchestratorFunction function =
            _parts.Orchestrators.Find(instance.Name.Name, instance.Version)
            ?? throw new InvalidOperationException($"There is no orchestrator named '{instance.Name}'.");
        (string? input, List<List<HistoryEvent>> steps) = instance.IsFresh
            ? (instance.FreshInput, [])
            : _runtime.Reader.History(instance.Key);
        ParentOrchestrationInstance? parent = instance.Parent is { } task
            ? new(new TaskName(task.Name), task.Id)
            : null;
        long key = instance.Key;
        var execution = new Execution(
            new ExecutionFacts(instance.Name, instance.Id, instance.Version, parent, input),
            function,
            _services,
            () => _runtime.Deliver(key, new Message(new ForeignAwaitSeen(), MessageSource.None, 0))
        );
        instance.NextStep = steps.Count;
        foreach (List<HistoryEvent> step in steps)
        {
            execution.Replay(step);
        }
        return execution;
    }

    private void Advance(Instance instance, Ending? ending)
    {
        instance.NextStep++;
        instance.IsFresh = false;
        instance.FreshInput = null;
        if (ending is null)
        {
            Keep(instance);
            return;
        }
        Drop(instance);
        if (ending is Ending.ContinuedAsNew next)
        {
            instance.Generation++;
            instance.NextStep = 0;
            instance.Version = next.Version ?? instance.Version;
            instance.IsFresh = true;
            instance.FreshInput = next.Input;
            instance.Timers = null;
        }
    }

    private void Keep(Instance instance)
    {
        if (instance.CachePlace is { } place)
        {
            _cached.Remove(place);
            _cached.AddLast(place);
            return;
        }
        instance.CachePlace = _cached.AddLast(instance);
        if (_cached.Count > _parts.Options.MaxCachedOrchestrations)
        {
            Drop(_cached.First!.Value);
        }
    }

    private void Drop(Instance instance)
    {
        instance.Execution = null;
        if (instance.CachePlace is { } place)
        {
            _cached.Remove(place);
            instance.CachePlace = null;
        }
    }
}
