namespace Portability.Local.Engine;

/// <summary>
/// Runs an orchestrator's code and its continuations one after the other on the thread that takes the step. Work that
/// comes from any other thread is the sign of an await on something that is not durable: it is refused and remembered.
/// </summary>
internal sealed class OrchestratorThread(Action onForeignWork) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    private OrchestratorScheduler? _scheduler;
    private volatile int _thread;

    /// <summary>Whether work came from elsewhere.</summary>
    public bool SawForeignWork { get; private set; }

    /// <summary>Whether the caller is the orchestrator's own code.</summary>
    public bool IsCurrent => _thread == Environment.CurrentManagedThreadId;

    /// <summary>Applies each fact and then runs all that it queued, before the next one.</summary>
    public void Run<T>(IEnumerable<T> facts, Action<T> apply)
    {
        SynchronizationContext? before = Current;
        _thread = Environment.CurrentManagedThreadId;
        SetSynchronizationContext(this);
        try
        {
            // As a task on a scheduler of our own, so that ContinueWith and StartNew stay on this thread too.
            var task = new Task(() =>
            {
                foreach (T fact in facts)
                {
                    apply(fact);
                    while (_work.TryDequeue(out (SendOrPostCallback Callback, object? State) next))
                    {
                        next.Callback(next.State);
                    }
                }
            });
            task.RunSynchronously(_scheduler ??= new OrchestratorScheduler(this));
#pragma warning disable VSTHRD002 // It has run.
            task.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002
        }
        finally
        {
            _thread = 0;
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (IsCurrent)
        {
            _work.Enqueue((d, state));
        }
        else
        {
            SawForeignWork = true;
            onForeignWork();
        }
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!IsCurrent)
        {
            throw new InvalidOperationException("An orchestrator's code runs on its own thread only.");
        }
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;

    private sealed class OrchestratorScheduler(OrchestratorThread thread) : TaskScheduler
    {
        public override int MaximumConcurrencyLevel => 1;

        protected override IEnumerable<Task> GetScheduledTasks() => [];

        protected override void QueueTask(Task task) => thread.Post(queued => TryExecuteTask((Task)queued!), task);

        protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
            thread.IsCurrent && TryExecuteTask(task);
    }
}
