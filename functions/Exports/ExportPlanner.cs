using System.Globalization;
using Portability.DataMap;
using Portability.DataMap.OneRoster;
using Portability.Exports.Formats;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>Decides which files an export consists of: the same for the same data, map and order.</summary>
internal sealed class ExportPlanner(ExportSources sources, ExportLimits limits)
{
    /// <summary>The category under which whole databases are listed: they hold rows of every category asked for.</summary>
    public const string DatabaseCategory = "database";

    public async Task<ExportPlan> PlanAsync(ExportOrder order, CancellationToken cancellationToken)
    {
        Check(order);
        FormatCheck.Check(sources.Map);
        var draft = new Draft(order);
        foreach (var system in sources.Map.Systems.OfType<SqlSystem>())
        {
            await AddDatabaseAsync(draft, system, cancellationToken);
        }

        foreach (var dataset in sources.Map.Blobs.Where(dataset => draft.Wants(dataset.Category, dataset.NotExported)))
        {
            await AddMediaAsync(draft, dataset, cancellationToken);
        }

        return new ExportPlan
        {
            Order = order,
            MapHash = sources.Map.Sha256,
            Datasets = draft.Datasets,
        };
    }

    private void Check(ExportOrder order)
    {
        var format = order.Formats.FirstOrDefault(format => !ExportFormats.All.Contains(format));
        if (format is not null)
        {
            throw new ArgumentException($"'{format}' is no export format: {string.Join(", ", ExportFormats.All)}.");
        }

        var category = order.Categories.FirstOrDefault(category => !sources.Map.Categories.ContainsKey(category));
        if (category is not null)
        {
            throw new ArgumentException(
                $"'{category}' is no category of the data map: {string.Join(", ", sources.Map.Categories.Keys)}."
            );
        }
    }

    private async Task AddDatabaseAsync(Draft draft, SqlSystem system, CancellationToken cancellationToken)
    {
        var scope = await sources.ScopeAsync(system.Name, cancellationToken);
        var queries = sources.Queries(scope, draft.Order.CustomerId);
        await using var connection = await sources.Database(system.Name).OpenReadAsync(cancellationToken);
        RowReader Open(RowQuery query) => ExportSources.Open(connection, query);

        foreach (var map in sources.Map.Tables.Where(table => table.System == system.Name))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (draft.Wants(map.Category, map.NotExported))
            {
                AddTable(draft, scope.Dataset(map.Name), queries, Open);
            }
        }

        foreach (var document in scope.Documents.Where(document => draft.Wants(document.Map.Category, null)))
        {
            AddDocument(draft, document, system.Name, queries, Open);
        }

        foreach (var template in scope.Templates.Where(template => draft.Wants(template.Map.Category, null)))
        {
            AddTemplate(draft, template, system.Name, queries, Open);
        }

        if (
            scope.OneRoster is { } roster
            && draft.Wants(ExportFormats.OneRoster)
            && draft.Wants(roster.Map.Category, null)
        )
        {
            AddRoster(draft, roster, system.Name, queries, Open);
        }

        if (draft.Wants(ExportFormats.Sql) && DumpTables(scope, draft.Order).Count > 0)
        {
            var name = $"{system.Name}-database";
            var file = draft.File(name, "", $"{system.Name}.sql", ExportFormats.Sql, system.Name, null);
            draft.Add(new PlannedDataset(name, DatabaseCategory, [file]));
        }
    }

    private static void AddDocument(
        Draft draft,
        ScopedDocument document,
        string system,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    )
    {
        var name = document.Map.Name;
        var formats = draft.Wanted(document.Map.Formats, format => format.Document is not null);
        if (formats.Count == 0)
        {
            return;
        }

        var rows = Count(document.Root, queries, open);
        var files = new List<PlannedFile>();
        foreach (var format in formats)
        {
            var file = draft.File(name, "documents", $"{name}.{format.Name}", format.Name, system, name);
            files.Add(file with { Expected = rows });
            AddSchema(draft, files, format, name, system);
        }

        draft.Add(new PlannedDataset(name, document.Map.Category, files));
    }

    private static void AddTemplate(
        Draft draft,
        ScopedTemplate template,
        string system,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    )
    {
        var name = template.Map.Name;
        var formats = draft.Wanted(template.Map.Formats, format => format.Template is not null);
        if (formats.Count > 0)
        {
            var rows = Count(template.Page.Root, queries, open);
            var files = formats.Select(format =>
                draft.File(name, "reports", $"{name}.{format.Name}", format.Name, system, name) with
                {
                    Expected = rows,
                }
            );
            draft.Add(new PlannedDataset(name, template.Map.Category, [.. files]));
        }
    }

    private static void AddRoster(
        Draft draft,
        ScopedRoster roster,
        string system,
        ScopedQueries queries,
        Func<RowQuery, RowReader> open
    )
    {
        var name = roster.Map.Name;
        var file = draft.File(name, "", $"{name}.zip", ExportFormats.OneRoster, system, name) with
        {
            Expected = roster.Sources.Sum(source => source.Rows is { } rows ? Count(rows.Root, queries, open) : 1),
        };
        draft.Add(new PlannedDataset(name, roster.Map.Category, [file]));
    }

    /// <summary>The file that describes those of a format, for formats that have one.</summary>
    private static void AddSchema(Draft draft, List<PlannedFile> files, RowFormat format, string name, string system)
    {
        if (format.Schema is { } schema)
        {
            files.Add(draft.File(name, "schemas", $"{name}.{schema.Name}", schema.Name, system, name));
        }
    }

    /// <summary>Tables of a database's SQL dump in the order of a load: those asked for, and reference data.</summary>
    public static IReadOnlyList<ScopedDataset> DumpTables(ScopePlan scope, ExportOrder order) =>
        [
            .. scope
                .Datasets.Reverse()
                .Where(dataset =>
                    dataset.Map.NotExported is null
                    && !dataset.Table.IsView
                    && dataset.Map.Formats.Contains(ExportFormats.Sql)
                    && (
                        order.Categories.Count == 0
                        || order.Categories.Contains(dataset.Map.Category)
                        || dataset.Map.Erase is EraseRule.None
                    )
                ),
        ];

    private void AddTable(Draft draft, ScopedDataset dataset, ScopedQueries queries, Func<RowQuery, RowReader> open)
    {
        var formats = draft.Wanted(dataset.Map.Formats, format => format.Table is not null);
        if (formats.Count == 0)
        {
            return;
        }

        var (rows, ranges) = new PartBorders(dataset, queries, open, limits.RowsPerPart).Find();
        var (name, system) = (dataset.Name, dataset.Map.System);
        var files = new List<PlannedFile>();
        foreach (var format in formats)
        {
            foreach (var range in ranges)
            {
                var file = $"{name}{PartSuffix(range)}.{format.Name}";
                files.Add(
                    draft.File(name, format.Name, file, format.Name, system, name) with
                    {
                        Range = range,
                        Expected = range is null ? rows : Math.Min(limits.RowsPerPart, rows),
                    }
                );
            }

            AddSchema(draft, files, format, name, system);
        }

        draft.Add(new PlannedDataset(name, dataset.Map.Category, files) { Columns = Columns(dataset) });
    }

    /// <summary>The columns as a plan keeps them.</summary>
    public static IReadOnlyList<PlannedColumn> Columns(ScopedDataset dataset) =>
        [
            .. dataset.ExportColumns.Select(column => new PlannedColumn(
                column.Name,
                column.DeclaredType,
                column.Kind.ToString()
            )),
        ];

    private static string PartSuffix(KeyRange? range) =>
        range is null ? "" : string.Create(CultureInfo.InvariantCulture, $"-{range.Part:D4}");

    private static long Count(ScopedDataset dataset, ScopedQueries queries, Func<RowQuery, RowReader> open)
    {
        using var rows = open(queries.Count(dataset));
        rows.Read();
        rows.Get(0, out var count);
        return count.Integer;
    }

    private async Task AddMediaAsync(Draft draft, BlobDataset dataset, CancellationToken cancellationToken)
    {
        if (!draft.Wants(ExportFormats.Media))
        {
            return;
        }

        var prefix = dataset.PrefixOf(draft.Order.CustomerId);
        var names = await OriginalNamesAsync(draft.Order, dataset, cancellationToken);
        var files = new List<PlannedFile>();
        var blobs = sources.Container(dataset.System).ListAsync(prefix, BlobStates.Current, cancellationToken);
        await foreach (var blob in blobs)
        {
            var relative = blob.Name[prefix.Length..];
            var original = names.GetValueOrDefault(blob.Name) ?? names.GetValueOrDefault(relative);
            var folder = relative[..(relative.LastIndexOf('/') + 1)];
            var name = original is null ? relative : folder + original.Replace('/', '_');
            files.Add(
                draft.File(
                    dataset.Name,
                    $"media/{dataset.Name}",
                    name,
                    ExportFormats.Media,
                    dataset.System,
                    blob.Name
                ) with
                {
                    OriginalName = original ?? relative,
                    Expected = blob.Size,
                }
            );
        }

        draft.Add(new PlannedDataset(dataset.Name, dataset.Category, files));
    }

    private async Task<Dictionary<string, string>> OriginalNamesAsync(
        ExportOrder order,
        BlobDataset dataset,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        if (dataset.Names is not { } names)
        {
            return found;
        }

        var system = sources.Map.Tables.First(table => table.Name == names.Dataset).System;
        var scope = await sources.ScopeAsync(system, cancellationToken);
        await using var connection = await sources.Database(system).OpenReadAsync(cancellationToken);
        var query = sources
            .Queries(scope, order.CustomerId)
            .Pairs(scope.Dataset(names.Dataset), names.BlobColumn, names.NameColumn);
        using var rows = ExportSources.Open(connection, query);
        while (rows.Read())
        {
            rows.Get(0, out var blob);
            rows.Get(1, out var name);
            if (blob.Kind == CellKind.Text && name.Kind == CellKind.Text && name.Bytes.Length > 0)
            {
                found[System.Text.Encoding.UTF8.GetString(blob.Bytes)] = System.Text.Encoding.UTF8.GetString(
                    name.Bytes
                );
            }
        }

        return found;
    }

    /// <summary>A plan while it is made: numbers files and keeps their names apart.</summary>
    private sealed class Draft
    {
        private readonly FileNames _names = new();
        private readonly ExportOrder order;
        private int _files;

        public Draft(ExportOrder order)
        {
            this.order = order;
            foreach (var path in ExportPaths.Own)
            {
                _names.Take("", path);
            }
        }

        public ExportOrder Order => order;

        public List<PlannedDataset> Datasets { get; } = [];

        public bool Wants(string format) => order.Wants(format);

        /// <summary>The row formats that the map names, the order wants and that suit.</summary>
        public IReadOnlyList<RowFormat> Wanted(IReadOnlyList<string> formats, Func<RowFormat, bool> suits) =>
            [.. RowFormats.All.Where(format => formats.Contains(format.Name) && Wants(format.Name) && suits(format))];

        public bool Wants(string category, string? notExported) =>
            notExported is null && (order.Categories.Count == 0 || order.Categories.Contains(category));

        public PlannedFile File(
            string dataset,
            string folder,
            string name,
            string format,
            string system,
            string? source
        ) => new(_files++, dataset, _names.Take(folder, name), format) { System = system, Source = source };

        public void Add(PlannedDataset dataset) => Datasets.Add(dataset);
    }
}
