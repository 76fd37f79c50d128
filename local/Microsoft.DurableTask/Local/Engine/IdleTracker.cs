namespace Portability.Local.Engine;

/// <summary>Counts what is under way, and tells when nothing is.</summary>
internal sealed class IdleTracker
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _idle;
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

    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_busy == 0)
            {
                return Task.CompletedTask;
            }
            _idle ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }
}
