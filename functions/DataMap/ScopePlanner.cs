using Portability.Sources;

namespace Portability.DataMap;

/// <summary>
/// Lays a data map over a live catalogue. Scope follows the foreign keys to the tenant table; where they leave a choice the map must
/// have made it. Throws <see cref="DataMapException"/> naming every table that is unclassified, unreachable or ambiguous, with the mend.
/// </summary>
public static class ScopePlanner
{
    /// <summary>Plans one SQL system. The catalogue must be that system's, read just now.</summary>
    public static ScopePlan Plan(TenantDataMap map, SqlSystem system, Catalogue live, SqlDialect dialect)
    {
        var problems = new List<DataMapProblem>();
        var notes = new List<string>();
        var binding = new CatalogueBinding(map, system, live, problems, notes);
        var tables = binding.Bind();
        Stop(problems);

        var catalogue = new Catalogue(live.System, binding.Linked);
        var paths = new ScopePaths(system, catalogue, tables, dialect, problems, notes);
        paths.Resolve();
        var order = new ErasureSequence(tables, problems).Order();
        Stop(problems);

        var datasets = order
            .Select(step => new ScopedDataset
            {
                Map = step.Table.Map,
                Table = step.Table.Live,
                Where = paths.WhereOf(step.Table),
                Path = paths.PathOf(step.Table),
                ScopeLinks = paths.LinksOf(step.Table),
                Ways = paths.WaysOf(step.Table),
                Key = step.Table.Key,
                ExportColumns = step
                    .Table.Live.Columns.Where(column => !step.Table.Map.ExcludedColumns.ContainsKey(column.Name))
                    .ToList(),
                Broken = step.Broken,
            })
            .ToList();
        var relations = new DocumentRelations(datasets, problems);
        var documents = relations.Resolve(map.Documents);
        var finder = new ColumnFinder(datasets, relations, problems);
        var templates = finder.Resolve(map.Templates);
        var roster = new OneRoster.RosterBinder(datasets, finder, problems).Resolve(map.OneRoster);
        Stop(problems);
        return new()
        {
            System = system,
            Catalogue = catalogue,
            Datasets = datasets,
            Documents = documents,
            Templates = templates,
            OneRoster = roster,
            Notes = notes,
        };
    }

    private static void Stop(List<DataMapProblem> problems)
    {
        if (problems.Count > 0)
        {
            throw new DataMapException(DataMapException.InOrder(problems));
        }
    }
}

/// <summary>A map's entry joined with its live table; links that the map declares are among the table's foreign keys.</summary>
internal sealed record BoundTable(TableDataset Map, TableInfo Live, IReadOnlyList<string> Key)
{
    public bool IsOwned => Map.Erase is not (EraseRule.None or EraseRule.Unlink or EraseRule.UnlinkThrough);

    /// <summary>True when emptying the reference is allowed by the table: some column is nullable, and no part of the key.</summary>
    public bool CanEmpty(ForeignKey link) => EmptiableColumns(link).Any();

    /// <summary>The columns that are emptied to take a reference away.</summary>
    public IEnumerable<string> EmptiableColumns(ForeignKey link) =>
        link.Columns.Where(column =>
            Live.Find(column) is { Nullable: true, Generated: false }
            && !Key.Contains(column, StringComparer.OrdinalIgnoreCase)
        );

    public bool IsRequired(ForeignKey link) => link.Columns.All(column => Live.Find(column) is { Nullable: false });
}
