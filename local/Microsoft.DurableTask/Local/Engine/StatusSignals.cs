namespace Portability.Local.Engine;

/// <summary>Wakes those who wait for the status of an instance to change.</summary>
internal sealed class StatusSignals
{
    private readonly Dictionary<string, TaskCompletionSource> _signals = [];
    private readonly Lock _gate = new();

    /// <summary>Ends at the next change. To be taken before the status is read.</summary>
    public Task Next(string id)
    {
        lock (_gate)
        {
            if (!_signals.TryGetValue(id, out TaskCompletionSource? signal))
            {
                _signals.Add(id, signal = new(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            return signal.Task;
        }
    }

    public void Changed(string id)
    {
        TaskCompletionSource? signal;
        lock (_gate)
        {
            _signals.Remove(id, out signal);
        }
        signal?.SetResult();
    }

    /// <summary>Tells all who wait that there will be no change any more.</summary>
    public void Stop(Exception reason)
    {
        TaskCompletionSource[] waiting;
        lock (_gate)
        {
            waiting = [.. _signals.Values];
            _signals.Clear();
        }
        foreach (TaskCompletionSource signal in waiting)
        {
            signal.SetException(reason);
        }
    }
}
