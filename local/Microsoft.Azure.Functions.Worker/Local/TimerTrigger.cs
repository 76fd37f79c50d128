using Microsoft.Azure.Functions.Worker;

namespace Portability.Local;

/// <summary>
/// One timer function and its next occurrence. A run must end before the next occurrence is set, so a function never
/// overlaps itself, and what it missed meanwhile is skipped, as on the real host.
/// </summary>
internal sealed class TimerTrigger(FunctionMethod function, TimerSchedule schedule, TimerStatusStore store)
{
    // In one move of the clock a trigger runs about this often at most.
    private const int RunsPerMove = 1000;

    private readonly Lock _gate = new();
    private DateTimeOffset? _due;
    private DateTimeOffset? _last;
    private bool _pastDue;

    public FunctionMethod Function => function;

    public DateTimeOffset? Due
    {
        get
        {
            lock (_gate)
            {
                return _due;
            }
        }
    }

    // The official monitor leaves out schedules with runs less than a minute apart.
    private bool Monitored => ((TimerTriggerAttribute)function.Trigger).UseMonitor && !schedule.IsBelowMinute;

    /// <summary>Sets the first occurrence: at once when one was missed or the function runs at each start.</summary>
    public async Task StartAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        TimerStatus? status = Monitored ? store.Read(function.Name) : null;
        bool pastDue = status is not null && schedule.After(status.Last ?? status.Updated) <= now;
        bool atOnce = pastDue || ((TimerTriggerAttribute)function.Trigger).RunOnStartup;
        DateTimeOffset? due = atOnce ? now : schedule.After(now);
        lock (_gate)
        {
            _last = status?.Last;
            _pastDue = pastDue;
            _due = due;
        }
        if (status is null)
        {
            await SaveAsync(new TimerStatus(Last: null, due, now), cancellationToken);
        }
    }

    /// <summary>Takes the occurrence that is due, so that nobody else runs it; null when none is.</summary>
    public TimerRun? Take(DateTimeOffset now)
    {
        lock (_gate)
        {
            if (_due is not { } due || due > now)
            {
                return null;
            }
            var info = new TimerInfo
            {
                IsPastDue = _pastDue,
                ScheduleStatus = Monitored
                    ? new ScheduleStatus
                    {
                        Last = _last?.UtcDateTime ?? default,
                        Next = schedule.After(now)?.UtcDateTime ?? default,
                        LastUpdated = _last?.UtcDateTime ?? default,
                    }
                    : null,
            };
            _due = null;
            _pastDue = false;
            return new TimerRun(due, info);
        }
    }

    /// <summary>Sets the occurrence after a run.</summary>
    /// <param name="run">The run that has ended.</param>
    /// <param name="now">The clock's time at its end.</param>
    /// <param name="move">How the clock is being moved; null in its normal course.</param>
    /// <param name="cancellationToken">Ends the storing.</param>
    public async Task EndAsync(TimerRun run, DateTimeOffset now, ClockMove? move, CancellationToken cancellationToken)
    {
        DateTimeOffset? next = move is null ? After(run.Due, now) : After(run.Due, move);
        lock (_gate)
        {
            _last = run.Due;
            _due = next;
        }
        await SaveAsync(new TimerStatus(run.Due, next, now), cancellationToken);
    }

    private DateTimeOffset? After(DateTimeOffset due, DateTimeOffset now) =>
        schedule.After(due) is { } next && next > now ? next : schedule.After(now);

    /// <summary>
    /// A move over months must not run a minutely trigger a hundred thousand times: occurrences that lie closer together
    /// than a thousandth of the way are skipped, and after the move the schedule goes on as ever. So a daily trigger
    /// keeps every run of a move over less than 1000 days, and an hourly one of a move over less than 41.
    /// </summary>
    private DateTimeOffset? After(DateTimeOffset due, ClockMove move)
    {
        DateTimeOffset? next = schedule.After(due);
        DateTimeOffset earliest = due + (move.To - move.From) / RunsPerMove;
        if (next is null || next >= earliest)
        {
            return next;
        }
        DateTimeOffset? spaced = schedule.AtOrAfter(earliest);
        return spaced > move.To ? schedule.After(move.To) : spaced;
    }

    private Task SaveAsync(TimerStatus status, CancellationToken cancellationToken) =>
        Monitored ? store.WriteAsync(function.Name, status, cancellationToken) : Task.CompletedTask;
}

/// <summary>An occurrence taken to be run.</summary>
internal sealed record TimerRun(DateTimeOffset Due, TimerInfo Info);

/// <summary>What is stored of a timer: its last occurrence run, the next one, and when that was written.</summary>
internal sealed record TimerStatus(DateTimeOffset? Last, DateTimeOffset? Next, DateTimeOffset Updated);
