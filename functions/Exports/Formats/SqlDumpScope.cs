using Portability.DataMap;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// Which rows of which tables a dump holds, so that its foreign keys hold: all of the tenant's rows, the rows of reference data
/// that these refer to (directly or through other reference data), and never a row of anyone else. A reference that cannot
/// hold under these rules is left out of the table's definition, never its value and never the row.
/// </summary>
internal sealed class SqlDumpScope(
    IReadOnlyList<ScopedDataset> datasets,
    ScopedQueries queries,
    Func<RowQuery, RowReader> open,
    DumpDialect dialect
)
{
    private readonly Dictionary<string, string> _conditions = new(StringComparer.Ordinal);

    /// <summary>The tables in the order of a load.</summary>
    public IReadOnlyList<DumpTable> Tables() =>
        [.. datasets.Select(dataset => new DumpTable(dataset, LeftOut(dataset)))];

    /// <summary>The rows of one table.</summary>
    public RowQuery Rows(DumpTable table) =>
        IsReference(table.Dataset)
            ? queries.ReferenceRows(table.Dataset, dialect.Columns(table), [Condition(table.Dataset, [])])
            : queries.Rows(table.Dataset, dialect.Columns(table), range: null);

    private static bool IsReference(ScopedDataset dataset) => dataset.Map.Erase is EraseRule.None;

    private List<(ForeignKey, string)> LeftOut(ScopedDataset dataset)
    {
        var leftOut = new List<(ForeignKey, string)>();
        foreach (var reference in dataset.Table.ForeignKeys.Where(reference => reference.Enforced))
        {
            var parent = OfTable(reference.ReferencedTable);
            if (parent is null)
            {
                leftOut.Add((reference, "that table is not part of this export"));
            }
            else if (!Exported(dataset, reference.Columns) || !Exported(parent, reference.ReferencedColumns))
            {
                leftOut.Add((reference, "a column of it is not exported"));
            }
            else if (
                !IsReference(parent)
                && !IsReference(dataset)
                && !IsTheWayIn(dataset, reference)
                && IsDangling(dataset, reference, parent)
            )
            {
                leftOut.Add((reference, "some rows refer to rows that are not this customer's"));
            }
            else if (!IsReference(parent) && IsReference(dataset))
            {
                leftOut.Add((reference, "reference data refers to customers' rows"));
            }
        }

        return leftOut;
    }

    /// <summary>
    /// True when the rows are the customer's for the very reason that they refer to a parent that is. Not so by a tenant column that is
    /// compared itself: its row may be gone.
    /// </summary>
    private static bool IsTheWayIn(ScopedDataset dataset, ForeignKey reference) =>
        dataset.ScopeLinks.Count == 1
        && dataset.ScopeLinks[0] == reference
        && dataset.Where.Contains(" IN (SELECT ", StringComparison.Ordinal);

    private bool IsDangling(ScopedDataset dataset, ForeignKey reference, ScopedDataset parent)
    {
        using var rows = open(queries.Dangling(dataset, reference, parent));
        return rows.Read();
    }

    /// <summary>Condition over <c>t</c> that selects the rows of a table which the dump holds.</summary>
    private string Condition(ScopedDataset dataset, IReadOnlyList<string> within)
    {
        if (!IsReference(dataset))
        {
            return dataset.Where;
        }

        if (_conditions.TryGetValue(dataset.Name, out var known))
        {
            return known;
        }

        if (within.Contains(dataset.Name, StringComparer.Ordinal))
        {
            // Reference data that refers to itself, as a tree does: all of it, since a path has no known length.
            return dataset.Where;
        }

        var referring =
            from child in datasets
            from reference in child.Table.ForeignKeys
            where reference.Enforced && OfTable(reference.ReferencedTable) == dataset
            select queries.ReferredBy(child, reference, Condition(child, [.. within, dataset.Name]));
        var condition = ScopedQueries.AnyOf([.. referring]);
        if (within.Count == 0)
        {
            _conditions[dataset.Name] = condition;
        }

        return condition;
    }

    private ScopedDataset? OfTable(string table) =>
        datasets.FirstOrDefault(dataset =>
            string.Equals(dataset.Table.Name, table, StringComparison.OrdinalIgnoreCase)
        );

    private static bool Exported(ScopedDataset dataset, IReadOnlyList<string> columns) =>
        columns.All(column =>
            dataset.ExportColumns.Any(kept => string.Equals(kept.Name, column, StringComparison.OrdinalIgnoreCase))
        );
}
