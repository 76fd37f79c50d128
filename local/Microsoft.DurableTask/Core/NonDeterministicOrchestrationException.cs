namespace DurableTask.Core.Exceptions;

/// <summary>The orchestrator's code decided otherwise than its history says.</summary>
internal sealed class NonDeterministicOrchestrationException(int taskId, string difference)
    : Exception(
        $"Non-deterministic orchestrator: at task #{taskId} {difference}. The code was changed under a running instance, "
            + "or it depends on something that changes between runs."
    );
