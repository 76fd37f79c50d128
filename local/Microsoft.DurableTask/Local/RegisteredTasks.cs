using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;

namespace Portability.Local;

/// <summary>Lets an engine run the tasks of a registry.</summary>
internal static class RegisteredTasks
{
    public static void AddTo(
        DurableEngine engine,
        DurableTaskRegistry registry,
        IServiceProvider services,
        DataConverter converter
    )
    {
        foreach (
            (
                TaskName name,
                TaskVersion version,
                Func<IServiceProvider, ITaskOrchestrator> factory
            ) in registry.AllOrchestrators
        )
        {
            engine.AddOrchestrator(
                name,
                version,
                context =>
                {
                    ITaskOrchestrator orchestrator = factory(services);
                    return orchestrator.RunAsync(context, ReadInput(context, orchestrator.InputType));
                }
            );
        }
        foreach (
            (
                TaskName name,
                TaskVersion version,
                Func<IServiceProvider, ITaskActivity> factory
            ) in registry.AllActivities
        )
        {
            engine.AddActivity(
                name,
                version,
                async (call, _) =>
                {
                    await using AsyncServiceScope scope = services.CreateAsyncScope();
                    ITaskActivity activity = factory(scope.ServiceProvider);
                    object? input = converter.Deserialize(call.SerializedInput, activity.InputType);
                    return await activity.RunAsync(new CallContext(call), input);
                }
            );
        }

        object? ReadInput(TaskOrchestrationContext context, Type type) =>
            context is Engine.EngineContext own ? converter.Deserialize(own.SerializedInput, type) : null;
    }

    private sealed class CallContext(ActivityCall call) : TaskActivityContext
    {
        public override TaskName Name => call.Name;

        public override string InstanceId => call.InstanceId;

        public override string Version => call.Version;
    }
}
