using Portability.DataMap;
using Portability.Sources;

namespace Portability.Exports;

/// <summary>Which tables a planned file is read from: those whose rows it has, and those through which the rows are the customer's.</summary>
internal static class FileTables
{
    /// <summary>As the catalogue spells them.</summary>
    public static IReadOnlyList<string> Of(ExportOrder order, PlannedFile file, ScopePlan scope, SqlDialect dialect)
    {
        var read = Datasets(order, file, scope).DistinctBy(dataset => dataset.Name).ToList();
        return
        [
            .. scope
                .Datasets.Select(dataset => dataset.Table.Name)
                .Where(table =>
                    read.Exists(dataset => dataset.Table.Name == table || Names(dataset, dialect.Table(table)))
                ),
        ];
    }

    private static bool Names(ScopedDataset dataset, string table) =>
        dataset.Where.Contains(table, StringComparison.Ordinal);

    private static IEnumerable<ScopedDataset> Datasets(ExportOrder order, PlannedFile file, ScopePlan scope)
    {
        if (file.Format == ExportFormats.Sql)
        {
            return ExportPlanner.DumpTables(scope, order);
        }

        if (file.Format == ExportFormats.OneRoster && scope.OneRoster is { } roster)
        {
            return roster.Sources.SelectMany(source => Joined(source.Rows));
        }

        if (scope.Documents.FirstOrDefault(document => document.Map.Name == file.Source) is { } document)
        {
            return [document.Root, .. document.Include.SelectMany(Related)];
        }

        return scope.Templates.FirstOrDefault(template => template.Map.Name == file.Source) is { } template
            ? Joined(template.Page).Concat(Joined(template.Table))
            : [scope.Dataset(file.Source!)];
    }

    private static IEnumerable<ScopedDataset> Related(ScopedRelation relation) =>
        [relation.Dataset, .. relation.Include.SelectMany(Related)];

    private static IEnumerable<ScopedDataset> Joined(JoinedColumns? columns) =>
        columns is null
            ? []
            :
            [
                columns.Root,
                .. columns.Rows is { } rows ? Related(rows) : [],
                .. columns.Joins.SelectMany(join => Related(join.Relation)),
            ];
}
