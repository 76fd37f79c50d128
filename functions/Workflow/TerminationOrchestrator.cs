using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// One per case, instance id = case id: asks what comes next, has it done, waits, and continues as new. No rule runs
/// here and nothing of value is kept here: killed or purged, it is started again from the stream.
/// </summary>
public static class TerminationOrchestrator
{
    /// <summary>Growing delays within one attempt at a step; after the last the case needs attention.</summary>
    internal static readonly TaskOptions Patiently = TaskOptions.FromRetryPolicy(
        new RetryPolicy(
            maxNumberOfAttempts: 5,
            firstRetryInterval: TimeSpan.FromSeconds(2),
            backoffCoefficient: 3,
            maxRetryInterval: TimeSpan.FromMinutes(5)
        )
    );

    /// <summary>How long the loop rests when even reading or writing the stream fails.</summary>
    private static readonly TimeSpan StreamOutOfReach = TimeSpan.FromMinutes(15);

    [Function(nameof(TerminationOrchestrator))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        string caseId = context.InstanceId;
        try
        {
            StepToTake next = await context.CallActivityAsync<StepToTake>(
                nameof(CaseActivities.FindNextStep),
                caseId,
                Patiently
            );
            context.SetCustomStatus(new CaseStatus(next.Version, next.Name, next.Until));
            switch (next.Name)
            {
                case nameof(NextStep.Done):
                    return;
                case nameof(NextStep.Wait):
                    await WaitAsync(context, next.Until);
                    break;
                default:
                    await TakeAsync(context, caseId, next);
                    break;
            }
        }
        catch (TaskFailedException)
        {
            await WaitAsync(context, new DateTimeOffset(context.CurrentUtcDateTime, TimeSpan.Zero) + StreamOutOfReach);
        }
        context.ContinueAsNew(newInput: null);
    }

    private static async Task TakeAsync(TaskOrchestrationContext context, string caseId, StepToTake step)
    {
        try
        {
            await context.CallActivityAsync(nameof(CaseActivities.TakeStep), new CaseStep(caseId, step), Patiently);
        }
        catch (TaskFailedException e) when (step.AttentionStep is { } failed)
        {
            await context.CallActivityAsync(
                nameof(CaseActivities.ReportFailure),
                new StepFailure(caseId, failed, FailureCodes.Of(e)),
                Patiently
            );
            return;
        }
        if (step.Until is not null)
        {
            await WaitAsync(context, step.Until);
        }
    }

    private static async Task WaitAsync(TaskOrchestrationContext context, DateTimeOffset? until)
    {
        Task nudge = context.WaitForExternalEvent<CaseNudge>(CaseOrchestrations.CaseChanged);
        if (until is not { } instant)
        {
            await nudge;
            return;
        }
        using var timeUp = new CancellationTokenSource();
        Task timer = context.CreateTimer(instant.UtcDateTime, timeUp.Token);
        if (await Task.WhenAny(nudge, timer) == nudge)
        {
#pragma warning disable CA1849, VSTHRD103, MA0042 // CancelAsync leaves the orchestrator's thread, which replay forbids.
            timeUp.Cancel();
#pragma warning restore CA1849, VSTHRD103, MA0042
        }
    }
}
