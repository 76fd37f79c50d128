namespace Portability.Local.Engine;

/// <summary>Counts what is under way, and tells when nothing is.</summary>
internal sealed class IdleTracker
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;
    private Exception? _stopped;
    private long _busy;

    public void Begin()
    {
        lock (_gate)
        {
            _busy++;
        }
    }

    public void End()
    {
        lock (_gate)
        {
            if (--_busy == 0)
            {
                _idle?.SetResult();
                _idle = null;
            }
        }
    }

    /// <summary>Nothing that is still under way will end any more; tells those who wait for it.</summary>
    public void Stop(Exception reason)
    {
        lock (_gate)
        {
            _stopped = reason;
            _idle?.SetException(reason);
            _idle = null;
        }
    }

    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_busy == 0)
            {
                return Task.CompletedTask;
            }
            if (_stopped is not null)
            {
                return Task.FromException(_stopped);
            }
            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }
}
