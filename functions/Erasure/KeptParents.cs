using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Finds rows that would go and must stay because rows that stay refer to them: neighbours' rows, retained and held rows,
/// tombstones and kept parents themselves, each through the references that it still holds afterwards.
/// </summary>
internal sealed class KeptParents(RunScope scope)
{
    /// <summary>Fills the scope's tables of kept parents, repeatedly until nothing changes.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        foreach (var dataset in scope.Datasets)
        {
            await scope.Kept(dataset).CreateAsync(cancellationToken);
        }
        // Children come first in the order, so one pass is enough unless a table refers to itself or to one before it.
        var place = scope
            .Datasets.Select((dataset, index) => (dataset.Table.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index, StringComparer.OrdinalIgnoreCase);
        var isCyclic = scope.Datasets.Any(dataset =>
            dataset.Table.ForeignKeys.Any(link =>
                place.TryGetValue(link.ReferencedTable, out var at) && at <= place[dataset.Table.Name]
            )
        );
        bool changed;
        do
        {
            changed = false;
            foreach (var parent in scope.Datasets)
            {
                changed |= await FillAsync(parent, cancellationToken) > 0;
            }
        } while (changed && isCyclic);
    }

    /// <summary>Names of the tables whose staying rows need parents in this dataset.</summary>
    public async Task<IReadOnlyList<string>> NeededByAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        var kept = scope.Kept(parent);
        foreach (var (child, link) in Referring(parent))
        {
            if (
                scope.Stays(child, link) is { } stays
                && await CountAsync(
                    $"SELECT CASE WHEN EXISTS (SELECT 1 FROM {From(parent, child, link, "JOIN")} JOIN {kept.Name} k ON {scope.Dialect.Pairwise("p", parent.Key, "k", kept.KeyColumns)} WHERE {stays}) THEN 1 ELSE 0 END",
                    cancellationToken
                ) > 0
            )
            {
                names.Add(scope.Plan.OfTable(child.Name)?.Name ?? child.Name);
            }
        }
        return names.ToList();
    }

    private async Task<long> FillAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var found = 0L;
        if (scope.WouldGo(parent) is not { } wouldGo)
        {
            return 0;
        }
        var kept = scope.Kept(parent);
        foreach (var (child, link) in Referring(parent))
        {
            if (scope.Stays(child, link) is not { } stays)
            {
                continue;
            }
            var keys = scope.Dialect.Columns(parent.Key, "p");
            await using var insert = scope.Connection.Prepare(
                $"""
                INSERT INTO {kept.Name} SELECT DISTINCT {scope.Dialect.Columns(
                    scope.Shape(parent).SealedColumns,
                    "p"
                )}, {(int)RowFate.KeepParent} FROM {From(parent, child, link, scope.Dialect.JoinLookingUp)}
                WHERE {scope.Dialect.Tuple(parent.Key, "p")} IN (SELECT {scope.Dialect.Columns(
                    parent.Key,
                    "t"
                )} FROM {scope.Table(parent)} t WHERE {wouldGo})
                AND {stays} ON CONFLICT DO NOTHING
                """,
                ("@tenant", scope.Tenant)
            );
            found += await insert.ExecuteNonQueryAsync(cancellationToken);
        }
        if (found > 0)
        {
            scope.MarkKept(parent);
        }
        return found;
    }

    private IEnumerable<(TableInfo Child, ForeignKey Link)> Referring(ScopedDataset parent) =>
        scope
            .Plan.Catalogue.Tables.Where(table => !table.IsView)
            .SelectMany(table => table.ForeignKeys.Select(link => (table, link)))
            .Where(pair =>
                string.Equals(pair.link.ReferencedTable, parent.Table.Name, StringComparison.OrdinalIgnoreCase)
            );

    private string From(ScopedDataset parent, TableInfo child, ForeignKey link, string join) =>
        $"{scope.Dialect.Table(child.Name)} t {join} {scope.Table(parent)} p ON {scope.Dialect.Pairwise("p", link.ReferencedColumns, "t", link.Columns)}";

    private Task<long> CountAsync(string sql, CancellationToken cancellationToken) =>
        scope.Connection.CountAsync(sql, cancellationToken, ("@tenant", scope.Tenant));
}
