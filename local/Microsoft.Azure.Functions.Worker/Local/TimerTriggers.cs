using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Portability.Local;

/// <summary>Runs timer functions as the clock comes to their occurrences, by itself or moved.</summary>
internal sealed class TimerTriggers : IClockedWork, IDisposable
{
    private readonly TimerTrigger[] _triggers;
    private readonly FunctionRunner _runner;
    private readonly VirtualClock _clock;
    private readonly TimerStatusStore _store;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    public TimerTriggers(
        IReadOnlyList<FunctionMethod> functions,
        FunctionRunner runner,
        VirtualClock clock,
        AppSettings settings,
        TimerStatusStore store,
        ILogger<TimerTriggers> log
    )
    {
        _runner = runner;
        _clock = clock;
        _store = store;
        _log = log;
        _triggers =
        [
            .. functions
                .Where(function => function.Trigger is TimerTriggerAttribute)
                .Select(function => new TimerTrigger(function, Schedule(function, settings), store)),
        ];
    }

    public DateTimeOffset? NextDue => _triggers.Select(trigger => trigger.Due).Min();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_triggers.Length == 0)
        {
            return;
        }
        await _store.LoadAsync(cancellationToken);
        foreach (TimerTrigger trigger in _triggers)
        {
            await trigger.StartAsync(_clock.GetUtcNow(), cancellationToken);
        }
        _clock.Register(this);
    }

    public Task RunDueAsync(DateTimeOffset now, CancellationToken ct)
    {
        foreach (TimerTrigger trigger in _triggers.OrderBy(trigger => trigger.Due))
        {
            if (trigger.Take(now) is { } run)
            {
                Track(RunAsync(trigger, run));
            }
        }
        return Task.CompletedTask;
    }

    public Task WhenIdleAsync(CancellationToken ct)
    {
        Task[] running = Running();
        return running.Length == 0 ? Task.CompletedTask : Task.WhenAll(running).WaitAsync(ct);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _clock.Unregister(this);
        await _stopping.CancelAsync();
        await Task.WhenAll(Running()).WaitAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Never fails: a fault of the function is in the log, and the schedule goes on.</summary>
    private async Task RunAsync(TimerTrigger trigger, TimerRun run)
    {
        // Off the clock's own turn, which only starts what is due.
        await Task.Yield();
        try
        {
            var data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
            await _runner.RunAsync(trigger.Function, run.Info, data, _stopping.Token);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // The host stops; as no end is stored, the next start sees this occurrence as missed.
            return;
        }
        catch (Exception)
        {
            // The runner has logged the fault.
            _log.LogWarning("{Function} waits for its next occurrence", trigger.Function.Name);
        }
        try
        {
            await trigger.EndAsync(run, _clock.GetUtcNow(), _clock.Move, CancellationToken.None);
        }
        catch (Exception exception)
        {
            _log.LogError(exception, "The status of {Function} could not be stored", trigger.Function.Name);
        }
        _clock.Reschedule();
    }

    private void Track(Task task)
    {
        lock (_gate)
        {
            _running.RemoveWhere(ended => ended.IsCompleted);
            _running.Add(task);
        }
    }

    private Task[] Running()
    {
        lock (_gate)
        {
            _running.RemoveWhere(ended => ended.IsCompleted);
            return [.. _running];
        }
    }

    // Discovery has checked the schedule.
    private static TimerSchedule Schedule(FunctionMethod function, AppSettings settings)
    {
        string text = settings.Expand(((TimerTriggerAttribute)function.Trigger).Schedule);
        return TimerSchedule.TryParse(text, out TimerSchedule? schedule)
            ? schedule
            : throw new HostStartException($"'{text}' is no schedule of {function.Name}.", null);
    }
}
