using Portability.DataMap;
using Portability.Exports.Formats;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>What an export would hold, without any of it being written.</summary>
/// <param name="Datasets">Tables, media, documents, reports and databases that would become files.</param>
/// <param name="Blockers">What would keep the export from being made, in sentences.</param>
/// <param name="Bytes">An estimate of all files together.</param>
/// <param name="Duration">
/// An estimate of the time it takes to read and format everything, one file after the other, at the rate measured just now.
/// Sending the files to storage is not in it.
/// </param>
public sealed record ExportPreview(
    IReadOnlyList<DatasetPreview> Datasets,
    IReadOnlyList<string> Blockers,
    long Bytes,
    TimeSpan Duration
);

/// <summary>One dataset of an export that would be made.</summary>
/// <param name="Rows">Rows now, counted; blobs of a media dataset; null where no count says much (a whole database).</param>
/// <param name="Bytes">An estimate: a piece of each file was written and thrown away.</param>
public sealed record DatasetPreview(
    string Dataset,
    string Category,
    IReadOnlyList<string> Formats,
    int Files,
    long? Rows,
    long Bytes
);

/// <summary>Plans an export and writes the first piece of its files into nothing, to see how large and how slow they are.</summary>
internal sealed class ExportPreviewer(
    ExportSources sources,
    FileContents contents,
    ExportLimits limits,
    TimeProvider clock
)
{
    /// <summary>Looking at files ends after this time; what is left is estimated like the rest.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(20);

    public async Task<ExportPreview> PreviewAsync(ExportOrder order, CancellationToken cancellationToken)
    {
        ExportPlan plan;
        try
        {
            plan = await new ExportPlanner(sources.For(order.CustomerId), limits).PlanAsync(order, cancellationToken);
        }
        catch (Exception fault) when (IsBlocker(fault, out var blockers))
        {
            return new([], blockers, 0, TimeSpan.Zero);
        }

        var begun = clock.GetTimestamp();
        var found = new List<string>();
        var datasets = new List<DatasetPreview>();
        var duration = TimeSpan.Zero;
        using var buffer = new RowBuffer();
        foreach (var dataset in plan.Datasets)
        {
            var samples = new List<Sample>();
            foreach (var file in dataset.Files)
            {
                var isLate = clock.GetElapsedTime(begun) > Budget || samples.Exists(s => s.Format == file.Format);
                var sample = isLate ? null : await TakeAsync(plan, file, buffer, found, cancellationToken);
                samples.Add(sample ?? Guess(file, samples));
            }

            duration += samples.Aggregate(TimeSpan.Zero, (sum, sample) => sum + sample.Duration);
            datasets.Add(
                new(
                    dataset.Name,
                    dataset.Category,
                    [.. dataset.Files.Select(file => file.Format).Distinct(StringComparer.Ordinal)],
                    dataset.Files.Count,
                    RowsOf(dataset),
                    samples.Sum(sample => sample.Bytes)
                )
            );
        }

        return new(datasets, found, datasets.Sum(dataset => dataset.Bytes), duration);
    }

    private async Task<Sample?> TakeAsync(
        ExportPlan plan,
        PlannedFile file,
        RowBuffer buffer,
        List<string> blockers,
        CancellationToken cancellationToken
    )
    {
        try
        {
            buffer.Clear();
            var begun = clock.GetTimestamp();
            await using var content = await contents.OpenAsync(plan, file, cancellationToken);
            var more = await content.FillAsync(buffer, cancellationToken);
            while (more && !buffer.IsFull)
            {
                // Some formats collect rows before the first byte, or compress behind the rows that they have read.
                more = await content.FillAsync(buffer, cancellationToken);
            }

            var took = clock.GetElapsedTime(begun);
            double piece = Math.Max(1, buffer.Length);
            var bytes =
                !more ? buffer.Length
                : file.Format == ExportFormats.Media ? file.Expected ?? buffer.Length
                : (long)(piece * Math.Max(1, (double)Expected(plan, file) / Math.Max(1, content.Rows)));
            return new(file.Format, bytes, took * Math.Max(1, bytes / piece), file.Expected ?? 0);
        }
        catch (UnwritableValueException unfit)
        {
            blockers.Add($"{file.Path}: {unfit.Message}");
            return null;
        }
        catch (Exception fault) when (IsBlocker(fault, out var reasons))
        {
            blockers.AddRange(reasons.Select(reason => $"{file.Path}: {reason}"));
            return null;
        }
    }

    /// <summary>A file that was not looked at is as dense as another of its dataset and format; media has its own size.</summary>
    private static Sample Guess(PlannedFile file, List<Sample> samples)
    {
        var like = samples.Find(sample => sample.Format == file.Format && sample.Rows > 0);
        var share = like is null ? 0 : (double)(file.Expected ?? 0) / like.Rows;
        return file.Format == ExportFormats.Media
            ? new(file.Format, file.Expected ?? 0, like?.Duration * share ?? TimeSpan.Zero, 0)
            : new(file.Format, (long)((like?.Bytes ?? 0) * share), like?.Duration * share ?? TimeSpan.Zero, 0);
    }

    private static long Expected(ExportPlan plan, PlannedFile file) =>
        file.Expected ?? plan.Datasets.Where(dataset => dataset.Columns.Count > 0).Sum(dataset => RowsOf(dataset) ?? 0);

    private static long? RowsOf(PlannedDataset dataset)
    {
        if (dataset.Files.Count > 0 && dataset.Files[0].Format == ExportFormats.Media)
        {
            return dataset.Files.Count;
        }

        // The files of one format hold all rows; the planner counted them.
        var rows = dataset.Files.GroupBy(file => file.Format).FirstOrDefault()?.Sum(file => file.Expected ?? 0);
        return dataset.Files.Any(file => file.Expected is not null) ? rows : null;
    }

    private static bool IsBlocker(Exception fault, out IReadOnlyList<string> blockers)
    {
        blockers = fault switch
        {
            DataMapException unfit => [.. unfit.Problems.Select(problem => problem.ToString())],
            SourceUnreachableException
            or System.Data.Common.DbException
            or Azure.RequestFailedException
            or ArgumentException
            or InvalidOperationException
            or AggregateException
            or NotSupportedException => [fault.Message],
            _ => [],
        };
        return blockers.Count > 0;
    }

    private sealed record Sample(string Format, long Bytes, TimeSpan Duration, long Rows);
}
