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

    /// <summary>The content, and what it shares with other files of the export.</summary>
    public async Task<OpenedContent> OpenSharedAsync(
        ExportPlan plan,
        PlannedFile file,
        CancellationToken cancellationToken
    ) =>
        file.Format == ExportFormats.Media
            ? OpenedContent.Own(await OpenMediaAsync(file, cancellationToken))
            : await OpenRowsAsync(plan, file, cancellationToken);

    private async Task<IFileContent> OpenMediaAsync(PlannedFile file, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var name = file.Source!;
        var entry = new BlobEntry(name, file.Expected ?? 0, ContentType: null, LastModified: default);
        var stream = await sources.Container(file.System).OpenReadAsync(entry, offset: 0, cancellationToken);
        return new MediaContent(stream, now);
    }

    private async Task<OpenedContent> OpenRowsAsync(
        ExportPlan plan,
        PlannedFile file,
        CancellationToken cancellationToken
    )
    {
        var own = sources.For(plan.Order.CustomerId);
        var scope = await own.ScopeAsync(file.System, cancellationToken);
        var queries = own.Queries(scope, plan.Order.CustomerId);
        var database = own.Database(file.System);
        var opened = snapshots is null
            ? ExportSnapshots.OpenedSnapshot.Own(await database.OpenReadAsync(cancellationToken), clock.GetUtcNow())
            : await snapshots.OpenAsync(
                plan.Order.Reference,
                database,
                [.. scope.Datasets.Select(dataset => dataset.Table.Name)],
                FileTables.Of(plan.Order, file, scope, database.Dialect),
                cancellationToken
            );
        var (connection, snapshot) = (opened.Connection, opened.At);
        OpenedContent With(IFileContent content) => new(content, opened.Name, opened.CheckAsync);
        RowReader Open(RowQuery query) => ExportSources.Open(connection, query);
        try
        {
            if (file.Format == ExportFormats.Sql)
            {
                var tables = ExportPlanner.DumpTables(scope, plan.Order);
                return With(new SqlDumpContent(connection, Open, queries, tables, snapshot));
            }

            if (file.Format == ExportFormats.OneRoster && scope.OneRoster is { } roster)
            {
                var first = scope.Dataset(roster.Map.Sources.First(source => source.Dataset is not null).Dataset!);
                var exchange = new ContentInput(file.Dataset, connection, Open, queries, first, snapshot)
                {
                    Order = plan.Order,
                };
                return With(new RosterContent(exchange, roster));
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
                : With(make(input));
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

/// <summary>The content of a file, and the snapshot that it is read from.</summary>
/// <param name="Content">Ends the reading when it is disposed of.</param>
/// <param name="Snapshot">The name of the snapshot that it shares with other files; null when it shares none.</param>
/// <param name="CheckAsync">
/// Asked when all was read: throws <see cref="TableRewrittenException"/> when that was not what the snapshot held.
/// </param>
internal sealed record OpenedContent(IFileContent Content, string? Snapshot, Func<CancellationToken, Task> CheckAsync)
{
    /// <summary>Content that shares nothing and needs no check.</summary>
    public static OpenedContent Own(IFileContent content) => new(content, null, _ => Task.CompletedTask);
}
