using Portability.DataMap;
using Portability.Exports.Formats;
using Portability.Exports.Formats.Roster;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>Opens the content of a planned file, from the snapshot that the export's files share where the engine can.</summary>
internal sealed class FileContents(ExportSources sources, TimeProvider clock, ExportSnapshots? snapshots = null)
{
    /// <summary>The content alone.</summary>
    public async Task<IFileContent> OpenAsync(ExportPlan plan, PlannedFile file, CancellationToken cancellationToken) =>
        (await OpenSharedAsync(plan, file, cancellationToken)).Content;

    /// <summary>The content, and the name of the snapshot that it shares with others; null when it is the file's alone.</summary>
    public async Task<(IFileContent Content, string? Snapshot)> OpenSharedAsync(
        ExportPlan plan,
        PlannedFile file,
        CancellationToken cancellationToken
    ) =>
        file.Format == ExportFormats.Media
            ? (await OpenMediaAsync(file, cancellationToken), null)
            : await OpenRowsAsync(plan, file, cancellationToken);

    private async Task<IFileContent> OpenMediaAsync(PlannedFile file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var name = file.Source!;
        var entry = new BlobEntry(name, file.Expected ?? 0, ContentType: null, LastModified: default);
        var stream = await sources.Container(file.System).OpenReadAsync(entry, offset: 0, cancellationToken);
        return new MediaContent(stream, now);
    }

    private async Task<(IFileContent, string?)> OpenRowsAsync(
        ExportPlan plan,
        PlannedFile file,
        CancellationToken cancellationToken
    )
    {
        var own = sources.For(plan.Order.CustomerId);
        var scope = await own.ScopeAsync(file.System, cancellationToken);
        var queries = own.Queries(scope, plan.Order.CustomerId);
        var database = own.Database(file.System);
        var (connection, snapshot, name) = snapshots is null
            ? (await database.OpenReadAsync(cancellationToken), clock.GetUtcNow(), null)
            : await snapshots.OpenAsync(plan.Order.Reference, database, cancellationToken);
        RowReader Open(RowQuery query) => ExportSources.Open(connection, query);
        try
        {
            if (file.Format == ExportFormats.Sql)
            {
                var tables = ExportPlanner.DumpTables(scope, plan.Order);
                return (new SqlDumpContent(connection, Open, queries, tables, snapshot), name);
            }

            if (file.Format == ExportFormats.OneRoster && scope.OneRoster is { } roster)
            {
                var first = scope.Dataset(roster.Map.Sources.First(source => source.Dataset is not null).Dataset!);
                var exchange = new ContentInput(file.Dataset, connection, Open, queries, first, snapshot)
                {
                    Order = plan.Order,
                };
                return (new RosterContent(exchange, roster), name);
            }

            var format = RowFormats.Find(file.Format);
            var document = scope.Documents.FirstOrDefault(document => document.Map.Name == file.Source);
            var template = scope.Templates.FirstOrDefault(template => template.Map.Name == file.Source);
            var root = document?.Root ?? template?.Page.Root ?? Unchanged(plan, file, scope);
            var input = new ContentInput(file.Dataset, connection, Open, queries, root, snapshot)
            {
                Range = file.Range,
                Document = document,
                Template = template,
                Order = plan.Order,
            };
            var make =
                document is not null ? format?.Document
                : template is not null ? format?.Template
                : format?.Table;
            return make is null
                ? throw new InvalidOperationException($"{file.Path}: no writer for format '{file.Format}'.")
                : (make(input), name);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>The table of a file, if it still looks as it did when the plan was made: the manifest describes it so.</summary>
    private static ScopedDataset Unchanged(ExportPlan plan, PlannedFile file, ScopePlan scope)
    {
        var dataset = scope.Dataset(file.Source!);
        var planned = plan.Datasets.First(candidate => candidate.Name == file.Dataset);
        return ExportPlanner.Columns(dataset).SequenceEqual(planned.Columns)
            ? dataset
            : throw new InvalidOperationException(
                $"{file.Path}: the columns of {dataset.Table.Name} have changed since this export was planned. Ask for a new export."
            );
    }
}
