using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Portability.Workflow;

/// <summary>
/// Runs one erasure: files of exports first, then the sealed datasets in order, then the independent recount, then the
/// certificate. Ends when a hold covers the case; the case starts it again, and it goes on where it was.
/// </summary>
public static class ErasureOrchestrator
{
    /// <summary>Datasets of one generation; history stays small however many there are.</summary>
    private const int DatasetsPerGeneration = 50;

    [Function(nameof(ErasureOrchestrator))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ErasureWork work = context.GetInput<ErasureWork>()!;
        try
        {
            ErasureOutline outline;
            do
            {
                outline = await context.CallActivityAsync<ErasureOutline>(
                    nameof(ErasureActivities.SealErasure),
                    work,
                    TerminationOrchestrator.Patiently
                );
            } while (outline.Unfinished);
            if (outline.CaseHeld)
            {
                return;
            }
            int end = Math.Min(outline.Datasets.Count, work.NextDataset + DatasetsPerGeneration);
            for (int i = work.NextDataset; i < end; i++)
            {
                if (!await EraseAsync(context, work, outline.Datasets[i]))
                {
                    return;
                }
            }
            if (end < outline.Datasets.Count)
            {
                context.ContinueAsNew(newInput: work with { NextDataset = end });
                return;
            }
            bool concluded;
            do
            {
                concluded = await context.CallActivityAsync<bool>(
                    nameof(ErasureActivities.ConcludeErasure),
                    work,
                    TerminationOrchestrator.Patiently
                );
            } while (!concluded);
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

    /// <summary>Erases one dataset; false when the whole case is held.</summary>
    private static async Task<bool> EraseAsync(TaskOrchestrationContext context, ErasureWork work, string dataset)
    {
        var todo = new DatasetToErase(work.CaseId, work.Run, dataset, Cursor: null);
        while (true)
        {
            var progress = await context.CallActivityAsync<DatasetErasure>(
                nameof(ErasureActivities.EraseDataset),
                todo,
                TerminationOrchestrator.Patiently
            );
            if (progress.CaseHeld)
            {
                return false;
            }
            if (progress.Done || progress.Stopped)
            {
                return true;
            }
            todo = todo with { Cursor = progress.Cursor };
        }
    }
}
