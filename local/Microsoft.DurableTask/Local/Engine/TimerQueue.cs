namespace Portability.Local.Engine;

/// <summary>Timers by time, and by sequence where the time is the same.</summary>
internal sealed class TimerQueue
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<TimerEntry, (DateTime Due, long Seq)> _queue = new();

    /// <summary>When the next timer is due; null without any.</summary>
    public DateTime? NextDue
    {
        get
        {
            lock (_gate)
            {
                DropCancelled();
                return _queue.TryPeek(out TimerEntry? next, out _) ? next.Due : null;
            }
        }
    }

    /// <summary>Adds a timer; true when it is now the next one.</summary>
    public bool Add(TimerEntry timer)
    {
        lock (_gate)
        {
            DropCancelled();
            bool isNext = !_queue.TryPeek(out TimerEntry? next, out _) || timer.Due < next.Due;
            _queue.Enqueue(timer, (timer.Due, timer.Seq));
            return isNext;
        }
    }

    public void Cancel(TimerEntry timer)
    {
        lock (_gate)
        {
            timer.IsCancelled = true;
        }
    }

    /// <summary>Takes out the next timer that is due.</summary>
    public TimerEntry? TakeDue(DateTime now)
    {
        lock (_gate)
        {
            DropCancelled();
            return _queue.TryPeek(out TimerEntry? next, out _) && next.Due <= now ? _queue.Dequeue() : null;
        }
    }

    private void DropCancelled()
    {
        while (_queue.TryPeek(out TimerEntry? next, out _) && next.IsCancelled)
        {
            _queue.Dequeue();
        }
    }
}
