using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Exports;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>What an export's orchestration has done. Each may be repeated: finished files are adopted.</summary>
public sealed class ExportActivities(
    TerminationCases cases,
    Exporter exporter,
    TimeProvider clock,
    ILogger<ExportActivities> logger
)
{
    /// <summary>Small files of one dataset that one call takes together; media comes in thousands.</summary>
    private const int FilesOfBatch = 32;

    private const long BytesOfBatch = 64L << 20;

    /// <summary>A call ends well within the 4 minutes an activity may take.</summary>
    private static readonly TimeSpan CallTime = TimeSpan.FromMinutes(2);

    [Function(nameof(OutlineExport))]
    public async Task<ExportOutline> OutlineExport([ActivityTrigger] ExportWork work, CancellationToken cancellation)
    {
        Termination state = (await cases.LoadAsync(work.CaseId, cancellation)).State;
        ExportRun export =
            state.Export(work.Export)
            ?? throw new InvalidOperationException($"Case {work.CaseId} has no export {work.Export}.");
        if (export.Status != ExportStatus.Running)
        {
            // Cancelled before it began: a plan made now would outlive its export.
            return new ExportOutline([], []);
        }
        ExportPlan plan = await exporter.PlanAsync(
            new ExportOrder
            {
                CaseId = work.CaseId,
                Number = work.Export,
                CustomerId = state.CustomerId,
                Locale = state.Locale,
                Categories = export.Categories,
                Formats = export.Formats,
                RequestedAt = export.RequestedAt,
            },
            cancellation
        );
        return Outline(plan);
    }

    [Function(nameof(WriteBatch))]
    public async Task<BatchProgress> WriteBatch([ActivityTrigger] BatchToWrite batch, CancellationToken cancellation)
    {
        var export = new ExportRef(batch.CaseId, batch.Export);
        long started = clock.GetTimestamp();
        (int file, string? cursor) = (batch.File, batch.Cursor);
        do
        {
            if (!await IsRunningAsync(export, cancellation))
            {
                return new BatchProgress(Cancelled: true, Done: false, file, cursor);
            }
            switch (await exporter.WriteFileAsync(export, file, cursor, cancellation))
            {
                case FileOutcome.Done when file == batch.LastFile:
                    return new BatchProgress(Cancelled: false, Done: true, file, Cursor: null);
                case FileOutcome.Done:
                    (file, cursor) = (file + 1, null);
                    break;
                case FileOutcome.More more:
                    cursor = more.Cursor;
                    break;
            }
        } while (clock.GetElapsedTime(started) < CallTime);
        return new BatchProgress(Cancelled: false, Done: false, file, cursor);
    }

    [Function(nameof(RecordDataset))]
    public async Task RecordDataset([ActivityTrigger] DatasetToRecord dataset, CancellationToken cancellation)
    {
        var export = new ExportRef(dataset.CaseId, dataset.Export);
        IReadOnlyList<FileProgress> files =
        [
            .. (await exporter.ProgressAsync(export, cancellation)).Where(f => f.Dataset == dataset.Dataset),
        ];
        await cases.ReportAsync(
            dataset.CaseId,
            new RecordDatasetExported(
                dataset.Export,
                dataset.Dataset,
                files.Count,
                files.GroupBy(f => f.Format).Select(parts => parts.Sum(f => f.Rows)).DefaultIfEmpty().Max(),
                files.Sum(f => f.Bytes)
            ),
            cancellation
        );
    }

    /// <summary>Loads the dumps into empty databases; false when there is more to load.</summary>
    [Function(nameof(DrillExport))]
    public async Task<bool> DrillExport([ActivityTrigger] ExportWork work, CancellationToken cancellation)
    {
        var export = new ExportRef(work.CaseId, work.Export);
        return !await IsRunningAsync(export, cancellation) || await exporter.DrillAsync(export, cancellation);
    }

    /// <summary>Puts all files into one ZIP; false when there is more to put in.</summary>
    [Function(nameof(PackExport))]
    public async Task<bool> PackExport([ActivityTrigger] ExportWork work, CancellationToken cancellation)
    {
        var export = new ExportRef(work.CaseId, work.Export);
        return !await IsRunningAsync(export, cancellation) || await exporter.PackAsync(export, cancellation);
    }

    [Function(nameof(CompleteExport))]
    public async Task CompleteExport(
        [ActivityTrigger] ExportWork work,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        var export = new ExportRef(work.CaseId, work.Export);
        if (!await IsRunningAsync(export, cancellation))
        {
            return;
        }
        ExportSummary summary = await exporter.CompleteAsync(export, cancellation);
        Termination state = await cases.ReportAsync(
            work.CaseId,
            new RecordExportReady(work.Export, summary.ManifestSha256, summary.Files, summary.Rows, summary.Bytes),
            cancellation
        );
        await new CaseOrchestrations(client, logger).NudgeAsync(work.CaseId, state.Version, cancellation);
    }

    [Function(nameof(FailExport))]
    public async Task FailExport(
        [ActivityTrigger] ExportFailure failure,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        var export = new ExportRef(failure.CaseId, failure.Export);
        string? file = await FailedFileAsync(export, cancellation);
        logger.LogError(
            "Export {Export} of case {Case} failed at {File} ({Code}).",
            failure.Export,
            failure.CaseId,
            file ?? "its plan",
            failure.Code
        );
        Termination state = await cases.ReportAsync(
            failure.CaseId,
            new RecordExportFailed(failure.Export, file, failure.Code),
            cancellation
        );
        await new CaseOrchestrations(client, logger).NudgeAsync(failure.CaseId, state.Version, cancellation);
    }

    private async Task<string?> FailedFileAsync(ExportRef export, CancellationToken cancellation)
    {
        try
        {
            IReadOnlyList<FileProgress> files = await exporter.ProgressAsync(export, cancellation);
            return files.FirstOrDefault(f => f.State == FileState.Failed)?.Path;
        }
        catch (ExportGoneException)
        {
            return null; // It failed before there was a plan.
        }
    }

    private async Task<bool> IsRunningAsync(ExportRef export, CancellationToken cancellation)
    {
        Termination state = (await cases.LoadAsync(export.CaseId, cancellation)).State;
        return state.Export(export.Number)?.Status == ExportStatus.Running;
    }

    private static ExportOutline Outline(ExportPlan plan)
    {
        var batches = new List<FileBatch>();
        var datasets = new List<OutlinedDataset>();
        foreach (PlannedDataset dataset in plan.Datasets)
        {
            long bytes = 0;
            FileBatch? open = null;
            foreach (PlannedFile file in dataset.Files)
            {
                long size = file.Format == ExportFormats.Media ? file.Expected ?? BytesOfBatch : BytesOfBatch;
                if (open is { } batch && batch.Files < FilesOfBatch && bytes + size <= BytesOfBatch)
                {
                    open = batch with { Files = batch.Files + 1 };
                    bytes += size;
                    continue;
                }
                if (open is not null)
                {
                    batches.Add(open);
                }
                (open, bytes) = (new FileBatch(file.Index, 1), size);
            }
            if (open is not null)
            {
                batches.Add(open);
            }
            datasets.Add(new OutlinedDataset(dataset.Name, batches.Count - 1));
        }
        return new ExportOutline(batches, datasets)
        {
            AtOnce = ExportLimits.FilesAtOnce,
            Zip = plan.Order.Formats.Contains(ExportFormats.Zip),
        };
    }
}
