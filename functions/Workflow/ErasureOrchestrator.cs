using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Portability.Workflow;

/// <summary>
/// Runs one erasure: files of exports first, then the sealed datasets in order, then the independent recount, then the
/// certificate. Ends when a hold covers the case; the case starts it again, and it goes on where it was.
/// </summary>
public static class ErasureOrchestrator
{
    /// <summary>Activities of one generation; history stays small however many datasets and rows there are.</summary>
    private const int CallsPerGeneration = 100;

    [Function(nameof(ErasureOrchestrator))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ErasureWork work = context.GetInput<ErasureWork>()!;
        try
        {
            if (await GenerationAsync(context, work) is { } next)
            {
                context.ContinueAsNew(newInput: next);
            }
        }
        catch (TaskFailedException e)
        {
            await context.CallActivityAsync(
                nameof(CaseActivities.ReportFailure),
                new StepFailure(work.CaseId, Terminations.Steps.Erasure(work.Run), FailureCodes.Of(e)),
                TerminationOrchestrator.Patiently
            );
        }
    }

    /// <summary>Gets on by so many calls; gives where the next generation goes on, or null at the end.</summary>
    private static async Task<ErasureWork?> GenerationAsync(TaskOrchestrationContext context, ErasureWork work)
    {
        int calls = 0;
        ErasureOutline outline;
        do
        {
            if (calls++ == CallsPerGeneration)
            {
                return work;
            }
            outline = await context.CallActivityAsync<ErasureOutline>(
                nameof(ErasureActivities.SealErasure),
                work,
                TerminationOrchestrator.Patiently
            );
        } while (outline.Unfinished);
        if (outline.CaseHeld)
        {
            return null;
        }
        while (work.NextDataset < outline.Datasets.Count)
        {
            if (calls++ >= CallsPerGeneration)
            {
                return work;
            }
            var progress = await context.CallActivityAsync<DatasetErasure>(
                nameof(ErasureActivities.EraseDataset),
                new DatasetToErase(work.CaseId, work.Run, outline.Datasets[work.NextDataset], work.Cursor),
                TerminationOrchestrator.Patiently
            );
            if (progress.CaseHeld)
            {
                return null;
            }
            work =
                progress.Done || progress.Stopped
                    ? work with
                    {
                        NextDataset = work.NextDataset + 1,
                        Cursor = null,
                    }
                    : work with
                    {
                        Cursor = progress.Cursor,
                    };
        }
        bool concluded;
        do
        {
            if (calls++ >= CallsPerGeneration)
            {
                return work;
            }
            concluded = await context.CallActivityAsync<bool>(
                nameof(ErasureActivities.ConcludeErasure),
                work,
                TerminationOrchestrator.Patiently
            );
        } while (!concluded);
        return null;
    }
}
