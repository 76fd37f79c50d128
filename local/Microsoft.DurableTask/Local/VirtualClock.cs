namespace Portability.Local;

/// <summary>
/// The clock of the embedded runtime: the real time plus an offset that only grows. Timers and timestamps made by it
/// run in real time, so delays, leases and timeouts are not shortened; only <see cref="GetUtcNow"/> is virtual.
/// </summary>
/// <remarks>
/// The clock paces the work registered with it: <see cref="IClockedWork.RunDueAsync"/> is called when the time of
/// <see cref="IClockedWork.NextDue"/> has come by itself, and in order while the clock settles. Both never overlap.
/// </remarks>
public sealed class VirtualClock : TimeProvider, IDisposable
{
    // Timers of the runtime reach about 49 days; a later due time is looked at again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan PauseAfterFault = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly Lock _paceGate = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenSource _disposal = new();
    private readonly Timer _pace;
    private IClockedWork[] _works = [];
    private TimeSpan _offset;
    private DateTimeOffset? _frozen;

    /// <summary>A clock that shows the real time until it is moved.</summary>
    public VirtualClock()
    {
        _pace = new Timer(
            static clock => _ = ((VirtualClock)clock!).PaceAsync(),
            this,
            Timeout.Infinite,
            Timeout.Infinite
        );
    }

    /// <summary>How far the clock is ahead of the real time.</summary>
    public TimeSpan Offset
    {
        get
        {
            lock (_gate)
            {
                return _frozen is { } frozen ? frozen - System.GetUtcNow() : _offset;
            }
        }
    }

    /// <summary>How the clock is being moved right now; null in its normal course.</summary>
    internal ClockMove? Move { get; private set; }

    /// <summary>Stores a new offset before anything happens at the new time; set by the engine.</summary>
    internal Func<TimeSpan, CancellationToken, Task>? StoreOffset { get; set; }

    /// <summary>Says that paced work failed; set by the engine.</summary>
    internal Action<Exception>? OnPaceFailed { get; set; }

    /// <summary>The virtual time, never before the real one.</summary>
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _frozen ?? System.GetUtcNow() + _offset;
        }
    }

    /// <summary>Adds work that is paced and settled by this clock.</summary>
    public void Register(IClockedWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        lock (_gate)
        {
            _works = [.. _works, work];
        }
        Reschedule();
    }

    /// <summary>Takes work away that was registered.</summary>
    public void Unregister(IClockedWork work)
    {
        lock (_gate)
        {
            _works = [.. _works.Where(other => !ReferenceEquals(other, work))];
        }
    }

    /// <summary>
    /// To be called when the next due time of registered work came nearer other than in its own run; not under a lock that
    /// <see cref="IClockedWork.NextDue"/> takes.
    /// </summary>
    public void Reschedule()
    {
        // One at a time: an older look at the due times must not overrule a newer one.
        lock (_paceGate)
        {
            if (!_disposal.IsCancellationRequested)
            {
                SetPace();
            }
        }
    }

    /// <summary>
    /// Moves the clock to <paramref name="target"/> and runs all that is due until then, in order. The clock stands at
    /// each due time until everything registered is idle.
    /// </summary>
    /// <exception cref="ArgumentException">The target is before the clock's time.</exception>
    public Task SettleAsync(DateTimeOffset target, CancellationToken cancellationToken) =>
        SettleAsync(target, mayBePast: false, cancellationToken);

    /// <summary>Settles to a time, or does nothing where it has passed already.</summary>
    internal Task SettleToAsync(DateTimeOffset target, CancellationToken cancellationToken) =>
        SettleAsync(target, mayBePast: true, cancellationToken);

    private async Task SettleAsync(DateTimeOffset target, bool mayBePast, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            DateTimeOffset start = GetUtcNow();
            if (target < start)
            {
                if (mayBePast)
                {
                    return;
                }
                throw new ArgumentException(
                    $"The clock is at {start:O} and never goes back to {target:O}.",
                    nameof(target)
                );
            }
            Move = new ClockMove(start, target);
            await StandAtAsync(start, cancellationToken);
            await WhenAllIdleAsync(cancellationToken);
            while (NextDue() is { } due && due <= target)
            {
                await StandAtAsync(due, cancellationToken);
                await RunDueAsync(cancellationToken);
                await WhenAllIdleAsync(cancellationToken);
            }
            await StandAtAsync(target, cancellationToken);
            await WhenAllIdleAsync(cancellationToken);
        }
        finally
        {
            Move = null;
            Release();
            _turn.Release();
            Reschedule();
        }
    }

    public void Dispose()
    {
        lock (_paceGate)
        {
            _disposal.Cancel();
            _pace.Dispose();
        }
    }

    /// <summary>Takes up an offset stored by an earlier process; a smaller one than the present is ignored.</summary>
    internal void Restore(TimeSpan offset)
    {
        lock (_gate)
        {
            _offset = offset > _offset ? offset : _offset;
        }
        Reschedule();
    }

    private void SetPace()
    {
        DateTimeOffset? next = NextDue();
        TimeSpan wait = next is { } due ? due - GetUtcNow() : Timeout.InfiniteTimeSpan;
        if (next is not null)
        {
            // A timer may fire a little early; a millisecond more spares an empty turn.
            wait = wait <= TimeSpan.Zero ? TimeSpan.Zero : wait + TimeSpan.FromMilliseconds(1);
            wait = wait > LongestWait ? LongestWait : wait;
        }
        _pace.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private async Task PaceAsync()
    {
        try
        {
            // A clock that settles reschedules when it has done so.
            if (!await _turn.WaitAsync(TimeSpan.Zero, _disposal.Token))
            {
                return;
            }
            try
            {
                await RunDueAsync(_disposal.Token);
            }
            finally
            {
                _turn.Release();
            }
            Reschedule();
        }
        catch (OperationCanceledException) when (_disposal.IsCancellationRequested)
        {
            // The clock was disposed of.
        }
        catch (Exception fault)
        {
            OnPaceFailed?.Invoke(fault);
            lock (_paceGate)
            {
                if (!_disposal.IsCancellationRequested)
                {
                    _pace.Change(PauseAfterFault, Timeout.InfiniteTimeSpan);
                }
            }
        }
    }

    private async Task RunDueAsync(CancellationToken cancellationToken)
    {
        DateTimeOffset now = GetUtcNow();
        foreach (IClockedWork work in Works().Where(work => work.NextDue <= now).OrderBy(work => work.NextDue))
        {
            await work.RunDueAsync(now, cancellationToken);
        }
    }

    private async Task WhenAllIdleAsync(CancellationToken cancellationToken)
    {
        // One work may wake another behind the back of a round: a handled message that raises an event, say. All are idle
        // when two rounds running had nothing to wait for, as nothing goes there and back between two looks.
        int quiet = 0;
        while (quiet < 2)
        {
            quiet++;
            foreach (IClockedWork work in Works())
            {
                Task idle = work.WhenIdleAsync(cancellationToken);
                quiet = idle.IsCompleted ? quiet : 0;
                await idle;
            }
        }
    }

    private async Task StandAtAsync(DateTimeOffset time, CancellationToken cancellationToken)
    {
        DateTimeOffset stand = time < GetUtcNow() ? GetUtcNow() : time;
        TimeSpan offset = stand - System.GetUtcNow();
        if (offset > _offset && StoreOffset is { } store)
        {
            // Stored first: after a crash the clock must not be before anything that happened.
            await store(offset, cancellationToken);
        }
        lock (_gate)
        {
            _offset = offset > _offset ? offset : _offset;
            _frozen = stand;
        }
    }

    private void Release()
    {
        lock (_gate)
        {
            if (_frozen is { } stand)
            {
                TimeSpan offset = stand - System.GetUtcNow();
                _offset = offset > _offset ? offset : _offset;
                _frozen = null;
            }
        }
    }

    private IClockedWork[] Works()
    {
        lock (_gate)
        {
            return _works;
        }
    }

    private DateTimeOffset? NextDue() => Works().Select(work => work.NextDue).Min();
}

/// <summary>A move of the clock, from its time at the beginning to the time it shall have.</summary>
internal sealed record ClockMove(DateTimeOffset From, DateTimeOffset To);
