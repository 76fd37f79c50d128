using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// How rows of a dataset are found again and what is left of them when they are reduced. A row is recognised by its key and by its
/// witnesses: the columns that its scope follows. Engines reuse keys; a neighbour's new row under an old key has other witnesses.
/// </summary>
internal sealed class RowShape
{
    private readonly HashSet<string> referenced;

    public RowShape(ScopedDataset dataset, ScopePlan plan)
    {
        Dataset = dataset;
        var scope =
            dataset.ScopeLinks.Count == 0 && dataset.IsOwned
                ? plan.System.Tenant is TenantScope.Rows tenant
                    ? [dataset.Table.Find(tenant.Column)!.Name]
                    : []
                : dataset.ScopeLinks.SelectMany(link => link.Columns);
        Witnesses = scope
            .Where(column => !Holds(dataset.Key, column))
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .ToList();
        referenced = plan
            .Catalogue.Tables.SelectMany(table => table.ForeignKeys)
            .Where(link => string.Equals(link.ReferencedTable, dataset.Table.Name, StringComparison.OrdinalIgnoreCase))
            .SelectMany(link => link.ReferencedColumns)
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public ScopedDataset Dataset { get; }

    public IReadOnlyList<string> Key => Dataset.Key;

    public IReadOnlyList<string> Witnesses { get; }

    /// <summary>Key columns, then witnesses: the values of a sealed row.</summary>
    public IEnumerable<string> SealedColumns => Key.Concat(Witnesses);

    public EraseRule Rule => Dataset.Map.Erase;

    /// <summary>
    /// Columns that become null when a row is reduced: all that are neither key, nor required, nor referred to, nor to be kept. A
    /// date that retention counts from stays: without it a later run would take the row for one without a date, and keep it anew.
    /// </summary>
    public IReadOnlyList<string> Reducible(RowFate fate)
    {
        IReadOnlyList<string> keep = Rule switch
        {
            EraseRule.Tombstone tombstone when fate == RowFate.Tombstone => tombstone.Keep,
            EraseRule.Retain { Anchor: { } anchor } => [anchor],
            _ => [],
        };
        return Dataset
            .Table.Columns.Where(column => column is { Nullable: true, Generated: false })
            .Select(column => column.Name)
            .Where(column => !Holds(Key, column) && !referenced.Contains(column) && !Holds(keep, column))
            .ToList();
    }

    /// <summary>Masks of a row that stays changed: what the rule or, for kept parents and tombstones, "whenKept" says.</summary>
    public IReadOnlyDictionary<string, Mask> Masks(RowFate fate) =>
        fate switch
        {
            RowFate.Anonymise when Rule is EraseRule.Anonymise anonymise => anonymise.Columns,
            RowFate.KeepParent or RowFate.Tombstone => Dataset.Map.WhenKept,
            _ => NoMasks,
        };

    /// <summary>Columns that become null in a row of this fate.</summary>
    public IReadOnlyList<string> Nulled(RowFate fate) =>
        fate switch
        {
            RowFate.KeepParent or RowFate.Tombstone => Reducible(fate)
                .Where(column => !Dataset.Map.WhenKept.ContainsKey(column))
                .ToList(),
            RowFate.Anonymise => Masks(fate).Where(mask => mask.Value is Mask.Null).Select(mask => mask.Key).ToList(),
            RowFate.Unlink when Rule is EraseRule.Unlink unlink => unlink.Columns,
            _ => [],
        };

    /// <summary>True when a row of this fate still refers to its parent through the link after the run.</summary>
    public bool StaysLinked(ForeignKey link, RowFate fate) =>
        fate != RowFate.Delete && !link.Columns.Any(column => Holds(Nulled(fate), column));

    private static readonly Dictionary<string, Mask> NoMasks = [];

    private static bool Holds(IEnumerable<string> columns, string column) =>
        columns.Contains(column, StringComparer.OrdinalIgnoreCase);
}
