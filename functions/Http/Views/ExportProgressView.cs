using Portability.Exports;
using Portability.Terminations;

namespace Portability.Http.Views;

/// <summary>Shows an export with the progress of each dataset and file.</summary>
internal static class ExportProgressView
{
    public static ExportDetailView Show(ExportRun export, IReadOnlyList<FileProgress> files) =>
        new()
        {
            Number = export.Number,
            Status = export.Status,
            ReceivedAt = export.ReceivedAt,
            RequestedAt = export.RequestedAt,
            ReadyAt = export.ReadyAt,
            Categories = export.Categories,
            Formats = export.Formats,
            ManifestSha256 = export.ManifestSha256,
            FilesErased = export.FilesErased,
            Failure = CaseViews.Failure(export),
            Datasets = [.. files.GroupBy(file => file.Dataset, StringComparer.Ordinal).Select(Show)],
            Files =
            [
                .. files.Select(file => new FileProgressView(
                    file.Path,
                    file.Dataset,
                    file.State,
                    file.Rows,
                    file.Bytes,
                    file.Error,
                    file.UpdatedAt
                )),
            ],
        };

    // Rows of a dataset are those of its fullest format: each format repeats them.
    private static DatasetProgressView Show(IGrouping<string, FileProgress> files) =>
        new(
            files.Key,
            files.Count(),
            files.Count(file => file.State == FileState.Done),
            files.GroupBy(FormatOf, StringComparer.Ordinal).Max(format => format.Sum(file => file.Rows)),
            files.Sum(file => file.Bytes),
            files.Select(file => file.Error).FirstOrDefault(error => error is not null)
        );

    private static string FormatOf(FileProgress file) => Path.GetExtension(file.Path);
}
