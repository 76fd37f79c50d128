using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>Runs activities on the thread pool, a bounded number at once, in the order they were scheduled.</summary>
internal sealed class ActivityRunner(
    DurableEngineOptions options,
    TaskTable<ActivityFunction> functions,
    IdleTracker idle,
    ILogger logger
) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Queue<(PendingActivity Activity, string InstanceId)> _waiting = new();
    private readonly CancellationTokenSource _cancellation = new();
    private TaskCompletionSource? _quiet;
    private int _running;
    private bool _stopping;

    /// <summary>Takes the result to the instance; set before anything is enqueued.</summary>
    public required Action<PendingActivity, HistoryEvent> OnEnded { get; init; }

    /// <summary>Whether the instance that called still wants the result.</summary>
    public required Predicate<long> IsWanted { get; init; }

    public void Enqueue(PendingActivity activity, string instanceId)
    {
        idle.Begin();
        lock (_gate)
        {
            _waiting.Enqueue((activity, instanceId));
            if (_stopping || _running >= options.MaxConcurrentActivities)
            {
                return;
            }
            _running++;
        }
        ThreadPool.UnsafeQueueUserWorkItem(static runner => _ = runner.RunWaitingAsync(), this, preferLocal: false);
    }

    /// <summary>Starts no more; lets running ones end within the grace period, then cancels them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        Task quiet;
        lock (_gate)
        {
            _stopping = true;
            _quiet = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_running == 0)
            {
                _quiet.SetResult();
            }
            quiet = _quiet.Task;
        }
        if (!await EndsWithinAsync(quiet, options.GracePeriod, cancellationToken))
        {
            logger.LogWarning("Activities still run after {Grace}; they are cancelled.", options.GracePeriod);
            await _cancellation.CancelAsync();
            if (!await EndsWithinAsync(quiet, TimeSpan.FromSeconds(2), CancellationToken.None))
            {
                logger.LogWarning("Activities ignored their cancellation; they run again after the next start.");
            }
        }
    }

    public void Dispose() => _cancellation.Dispose();

    private static async Task<bool> EndsWithinAsync(Task task, TimeSpan time, CancellationToken cancellationToken)
    {
        try
        {
            await task.WaitAsync(time, cancellationToken);
            return true;
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunWaitingAsync()
    {
        while (true)
        {
            PendingActivity activity;
            string instanceId;
            lock (_gate)
            {
                if (_stopping || !_waiting.TryDequeue(out (PendingActivity Activity, string InstanceId) next))
                {
                    if (--_running == 0)
                    {
                        _quiet?.TrySetResult();
                    }
                    return;
                }
                (activity, instanceId) = next;
            }
            if (IsWanted(activity.Key) && await RunAsync(activity, instanceId) is { } fact)
            {
                OnEnded(activity, fact);
            }
            idle.End();
        }
    }

    /// <summary>The outcome; null when the stop interrupted it.</summary>
    private async Task<HistoryEvent?> RunAsync(PendingActivity activity, string instanceId)
    {
        if (functions.Find(activity.Name, activity.Version) is not { } function)
        {
            logger.LogError("Instance {Instance} called the unknown activity {Activity}.", instanceId, activity.Name);
            return new TaskFailed(
                activity.Task,
                new StoredFailure("(unknown)", $"There is no activity named '{activity.Name}'.", null, null)
            );
        }
        try
        {
            var call = new ActivityCall(new TaskName(activity.Name), instanceId, activity.Input, activity.Version);
            object? result = await function(call, _cancellation.Token);
            return new TaskCompleted(activity.Task, options.DataConverter.Serialize(result));
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception failure)
        {
            logger.LogWarning(
                failure,
                "Activity {Activity} of instance {Instance} (task {Task}) failed.",
                activity.Name,
                instanceId,
                activity.Task
            );
            return new TaskFailed(activity.Task, StoredFailure.Of(failure));
        }
    }
}
