namespace Microsoft.DurableTask;

/// <content>Orchestrators and activities as functions.</content>
public sealed partial class DurableTaskRegistry
{
    /// <summary>Adds an orchestrator of a version with input and output.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TInput, TOutput>(
        TaskName name,
        TaskVersion version,
        Func<TaskOrchestrationContext, TInput, Task<TOutput>> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestrator(name, version, () => FuncTaskOrchestrator.Create(orchestrator));
    }

    /// <summary>Adds an orchestrator with input and output.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TInput, TOutput>(
        TaskName name,
        Func<TaskOrchestrationContext, TInput, Task<TOutput>> orchestrator
    ) => AddOrchestratorFunc(name, default, orchestrator);

    /// <summary>Adds an orchestrator with input and output.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TInput, TOutput>(
        TaskName name,
        Func<TaskOrchestrationContext, TInput, TOutput> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<TInput, TOutput>(
            name,
            (context, input) => Task.FromResult(orchestrator(context, input))
        );
    }

    /// <summary>Adds an orchestrator with input.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TInput>(
        TaskName name,
        Func<TaskOrchestrationContext, TInput, Task> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<TInput, object?>(
            name,
            async (context, input) =>
            {
                await orchestrator(context, input);
                return null;
            }
        );
    }

    /// <summary>Adds an orchestrator with output.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TOutput>(
        TaskName name,
        Func<TaskOrchestrationContext, Task<TOutput>> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<object?, TOutput>(name, (context, _) => orchestrator(context));
    }

    /// <summary>Adds an orchestrator with output.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TOutput>(
        TaskName name,
        Func<TaskOrchestrationContext, TOutput> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<object?, TOutput>(name, (context, _) => Task.FromResult(orchestrator(context)));
    }

    /// <summary>Adds an orchestrator.</summary>
    public DurableTaskRegistry AddOrchestratorFunc(TaskName name, Func<TaskOrchestrationContext, Task> orchestrator)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<object?, object?>(
            name,
            async (context, _) =>
            {
                await orchestrator(context);
                return null;
            }
        );
    }

    /// <summary>Adds an orchestrator with input.</summary>
    public DurableTaskRegistry AddOrchestratorFunc<TInput>(
        TaskName name,
        Action<TaskOrchestrationContext, TInput> orchestrator
    )
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<TInput, object?>(
            name,
            (context, input) =>
            {
                orchestrator(context, input);
                return Task.FromResult<object?>(null);
            }
        );
    }

    /// <summary>Adds an orchestrator.</summary>
    public DurableTaskRegistry AddOrchestratorFunc(TaskName name, Action<TaskOrchestrationContext> orchestrator)
    {
        ArgumentNullException.ThrowIfNull(orchestrator);
        return AddOrchestratorFunc<object?, object?>(
            name,
            (context, _) =>
            {
                orchestrator(context);
                return Task.FromResult<object?>(null);
            }
        );
    }

    /// <summary>Adds an activity of a version with input and output.</summary>
    public DurableTaskRegistry AddActivityFunc<TInput, TOutput>(
        TaskName name,
        TaskVersion version,
        Func<TaskActivityContext, TInput, Task<TOutput>> activity
    )
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivity(name, version, () => FuncTaskActivity.Create(activity));
    }

    /// <summary>Adds an activity with input and output.</summary>
    public DurableTaskRegistry AddActivityFunc<TInput, TOutput>(
        TaskName name,
        Func<TaskActivityContext, TInput, Task<TOutput>> activity
    ) => AddActivityFunc(name, default, activity);

    /// <summary>Adds an activity with input and output.</summary>
    public DurableTaskRegistry AddActivityFunc<TInput, TOutput>(
        TaskName name,
        Func<TaskActivityContext, TInput, TOutput> activity
    )
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<TInput, TOutput>(name, (context, input) => Task.FromResult(activity(context, input)));
    }

    /// <summary>Adds an activity with input.</summary>
    public DurableTaskRegistry AddActivityFunc<TInput>(TaskName name, Func<TaskActivityContext, TInput, Task> activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<TInput, object?>(
            name,
            async (context, input) =>
            {
                await activity(context, input);
                return null;
            }
        );
    }

    /// <summary>Adds an activity with output.</summary>
    public DurableTaskRegistry AddActivityFunc<TOutput>(
        TaskName name,
        Func<TaskActivityContext, Task<TOutput>> activity
    )
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<object?, TOutput>(name, (context, _) => activity(context));
    }

    /// <summary>Adds an activity with output.</summary>
    public DurableTaskRegistry AddActivityFunc<TOutput>(TaskName name, Func<TaskActivityContext, TOutput> activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<object?, TOutput>(name, (context, _) => Task.FromResult(activity(context)));
    }

    /// <summary>Adds an activity.</summary>
    public DurableTaskRegistry AddActivityFunc(TaskName name, Func<TaskActivityContext, Task> activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<object?, object?>(
            name,
            async (context, _) =>
            {
                await activity(context);
                return null;
            }
        );
    }

    /// <summary>Adds an activity with input.</summary>
    public DurableTaskRegistry AddActivityFunc<TInput>(TaskName name, Action<TaskActivityContext, TInput> activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<TInput, object?>(
            name,
            (context, input) =>
            {
                activity(context, input);
                return Task.FromResult<object?>(null);
            }
        );
    }

    /// <summary>Adds an activity.</summary>
    public DurableTaskRegistry AddActivityFunc(TaskName name, Action<TaskActivityContext> activity)
    {
        ArgumentNullException.ThrowIfNull(activity);
        return AddActivityFunc<object?, object?>(
            name,
            (context, _) =>
            {
                activity(context);
                return Task.FromResult<object?>(null);
            }
        );
    }
}
