using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Portability.Workflow;

/// <summary>
/// Writes one export: fans the plan's batches out with bounded parallelism, records each dataset once, in the plan's
/// order, then completes. Ends as soon as the export is cancelled; never waits for people.
/// </summary>
public static class ExportOrchestrator
{
    /// <summary>Batches of one generation; history stays small however many files an export has.</summary>
    private const int BatchesPerGeneration = 100;

    [Function(nameof(ExportOrchestrator))]
    public static async Task RunAsync([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        ExportWork work = context.GetInput<ExportWork>()!;
        try
        {
            var outline = await context.CallActivityAsync<ExportOutline>(
                nameof(ExportActivities.OutlineExport),
                work,
                TerminationOrchestrator.Patiently
            );
            int end = Math.Min(outline.Batches.Count, work.NextBatch + BatchesPerGeneration);
            var generation = new Generation(context, work, outline);
            if (!await generation.WriteAsync(end))
            {
                return;
            }
            if (end < outline.Batches.Count)
            {
                context.ContinueAsNew(newInput: work with { NextBatch = end, NextDataset = generation.NextDataset });
                return;
            }
            while (
                !await context.CallActivityAsync<bool>(
                    nameof(ExportActivities.DrillExport),
                    work,
                    TerminationOrchestrator.Patiently
                )
            ) { }
            while (
                outline.Zip
                && !await context.CallActivityAsync<bool>(
                    nameof(ExportActivities.PackExport),
                    work,
                    TerminationOrchestrator.Patiently
                )
            ) { }
            await context.CallActivityAsync(
                nameof(ExportActivities.CompleteExport),
                work,
                TerminationOrchestrator.Patiently
            );
        }
        catch (TaskFailedException e)
        {
            await context.CallActivityAsync(
                nameof(ExportActivities.FailExport),
                new ExportFailure(work.CaseId, work.Export, FailureCodes.Of(e)),
                TerminationOrchestrator.Patiently
            );
        }
    }

    /// <summary>One generation's share of the batches.</summary>
    private sealed class Generation(TaskOrchestrationContext context, ExportWork work, ExportOutline outline)
    {
        private readonly HashSet<int> written = [];
        private bool cancelled;

        public int NextDataset { get; private set; } = work.NextDataset;

        /// <summary>Writes batches up to <paramref name="end"/>; false when the export was cancelled.</summary>
        public async Task<bool> WriteAsync(int end)
        {
            var running = new List<Task<int>>();
            int next = work.NextBatch;
            TaskFailedException? failure = null;
            while (running.Count > 0 || (next < end && !cancelled && failure is null))
            {
                while (running.Count < outline.AtOnce && next < end && !cancelled && failure is null)
                {
                    running.Add(WriteBatchAsync(next++));
                }
                Task<int> finished = await Task.WhenAny(running);
                running.Remove(finished);
                try
                {
                    written.Add(await finished);
                    await RecordAsync();
                }
                catch (TaskFailedException e)
                {
                    // What runs beside it is awaited first: finished files stay finished.
                    failure ??= e;
                }
            }
            return failure is null ? !cancelled : throw failure;
        }

        private async Task<int> WriteBatchAsync(int batch)
        {
            FileBatch files = outline.Batches[batch];
            int last = files.FirstFile + files.Files - 1;
            var todo = new BatchToWrite(work.CaseId, work.Export, files.FirstFile, last, Cursor: null);
            while (!cancelled)
            {
                var progress = await context.CallActivityAsync<BatchProgress>(
                    nameof(ExportActivities.WriteBatch),
                    todo,
                    TerminationOrchestrator.Patiently
                );
                cancelled |= progress.Cancelled;
                if (progress.Done)
                {
                    break;
                }
                todo = todo with { File = progress.File, Cursor = progress.Cursor };
            }
            return batch;
        }

        /// <summary>Records datasets in the plan's order, each as soon as it and all before it are written.</summary>
        private async Task RecordAsync()
        {
            while (
                !cancelled
                && NextDataset < outline.Datasets.Count
                && IsWritten(outline.Datasets[NextDataset], NextDataset)
            )
            {
                await context.CallActivityAsync(
                    nameof(ExportActivities.RecordDataset),
                    new DatasetToRecord(work.CaseId, work.Export, outline.Datasets[NextDataset].Name),
                    TerminationOrchestrator.Patiently
                );
                NextDataset++;
            }
        }

        private bool IsWritten(OutlinedDataset dataset, int index)
        {
            int first = index == 0 ? 0 : outline.Datasets[index - 1].LastBatch + 1;
            for (int batch = Math.Max(first, work.NextBatch); batch <= dataset.LastBatch; batch++)
            {
                if (!written.Contains(batch))
                {
                    return false;
                }
            }
            return true;
        }
    }
}
