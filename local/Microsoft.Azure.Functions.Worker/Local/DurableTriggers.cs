using Microsoft.Azure.Functions.Worker;

namespace Portability.Local;

/// <summary>Registers orchestrator and activity functions with the engine.</summary>
internal sealed class DurableTriggers(IReadOnlyList<FunctionMethod> functions, FunctionRunner runner)
{
    public void Register(DurableEngine engine)
    {
        foreach (FunctionMethod function in functions)
        {
            switch (function.Trigger)
            {
                case OrchestrationTriggerAttribute trigger:
                    engine.AddOrchestrator(
                        trigger.Orchestration ?? function.Name,
                        context => runner.OrchestrateAsync(function, context, context.InstanceId)
                    );
                    break;
                case ActivityTriggerAttribute trigger:
                    engine.AddActivity(
                        trigger.Activity ?? function.Name,
                        (call, cancellationToken) => ActAsync(function, call, cancellationToken)
                    );
                    break;
            }
        }
    }

    private Task<object?> ActAsync(FunctionMethod function, ActivityCall call, CancellationToken cancellationToken) =>
        runner.RunAsync(
            function,
            call.SerializedInput,
            new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = call.InstanceId },
            cancellationToken
        );
}
