using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Which rows of one database a run is about, as SQL over the live tables in one snapshot: the scope of the map, and keys that an
/// earlier run sealed. Only exceptions (rows left of an earlier run, kept parents, dates of retained rows) come into temporary
/// tables, so a tenant of any size costs no copy of its keys.
/// </summary>
internal sealed class RunScope
{
    private readonly ErasureOrder order;
    private readonly bool isFirst;
    private readonly Dictionary<string, RowShape> shapes;
    private readonly Dictionary<string, int> numbers;
    private readonly HashSet<string> kept = new(StringComparer.Ordinal);

    public RunScope(
        ScopePlan plan,
        SqlDialect dialect,
        DbConnection connection,
        ErasureOrder order,
        object tenant,
        bool isFirst,
        ScopeSets? sets = null
    )
    {
        Plan = plan;
        Dialect = dialect;
        Connection = connection;
        Tenant = tenant;
        this.order = order;
        this.isFirst = isFirst;
        Sets = sets ?? new(plan, dialect, connection, tenant);
        Datasets = plan.Datasets.Where(dataset => dataset.Map.Erase is not EraseRule.None).ToList();
        shapes = Datasets.ToDictionary(dataset => dataset.Name, dataset => new RowShape(dataset, plan));
        numbers = Datasets.Select((dataset, index) => (dataset.Name, index)).ToDictionary(p => p.Name, p => p.index);
    }

    /// <summary>The scope of a first run on another connection, by the sets gathered here.</summary>
    public RunScope On(DbConnection other)
    {
        if (!isFirst)
        {
            throw new InvalidOperationException("What an earlier run left stands in tables of its own connection.");
        }
        return new(Plan, Dialect, other, order, Tenant, isFirst, Sets.On(other));
    }

    public ScopePlan Plan { get; }

    public SqlDialect Dialect { get; }

    public DbConnection Connection { get; }

    /// <summary>What @tenant is.</summary>
    public object Tenant { get; }

    /// <summary>Filled before any of the conditions is asked for.</summary>
    public ScopeSets Sets { get; }

    /// <summary>In erasure order, reference data left out.</summary>
    public IReadOnlyList<ScopedDataset> Datasets { get; }

    public RowShape Shape(ScopedDataset dataset) => shapes[dataset.Name];

    public string Table(ScopedDataset dataset) => Dialect.Table(dataset.Table.Name);

    /// <summary>The dataset of a table whose rows a run is about, or null.</summary>
    public ScopedDataset? Of(TableInfo table) =>
        Plan.OfTable(table.Name) is { } found && numbers.ContainsKey(found.Name) ? found : null;

    /// <summary>Rows that an earlier run left, by key.</summary>
    public RowTable Earlier(ScopedDataset dataset) =>
        new($"earlier_{numbers[dataset.Name]}", Shape(dataset), Dialect, Connection);

    /// <summary>Keys of rows that would go and are kept as parents.</summary>
    public RowTable Kept(ScopedDataset dataset) =>
        new($"kept_{numbers[dataset.Name]}", Shape(dataset), Dialect, Connection);

    /// <summary>Name of a further temporary table of a dataset.</summary>
    public string Temporary(string kind, ScopedDataset dataset) => $"{kind}_{numbers[dataset.Name]}";

    /// <summary>True once rows of the dataset are known to be kept as parents.</summary>
    public bool HasKept(ScopedDataset dataset) => kept.Contains(dataset.Name);

    public void MarkKept(ScopedDataset dataset) => kept.Add(dataset.Name);

    /// <summary>Condition on a live row (alias t): it is one of the run's.</summary>
    public string Member(ScopedDataset dataset)
    {
        if (isFirst)
        {
            return $"({Sets.Where(dataset)})";
        }
        var earlier = Earlier(dataset);
        var left =
            $"{Dialect.Tuple(dataset.Key, "t")} IN (SELECT {Dialect.Columns(earlier.KeyColumns)} FROM {earlier.Name})";
        // A release goes by the keys of the run before it: rows in scope that it does not know are not its business.
        return order.Kind == ErasureKind.Release ? $"({left})" : $"(({Sets.Where(dataset)}) OR {left})";
    }

    /// <summary>Condition on a live row (alias t): it is none of the run's.</summary>
    public string Outside(ScopedDataset dataset) => Dialect.Outside(Table(dataset), dataset.Key, Member(dataset));

    /// <summary>
    /// Condition on a live row (alias t): it will be there when the run is over and still refer to its parent through the link.
    /// Null when there can be none.
    /// </summary>
    public string? Stays(TableInfo child, ForeignKey link)
    {
        if (Of(child) is not { } dataset)
        {
            return "1 = 1";
        }
        var shape = Shape(dataset);
        var member = Member(dataset);
        var ways = new List<string>();
        // In a first run every row that refers to the tenant's parent through the scope's own key is the tenant's by definition.
        if (!isFirst || !dataset.ScopeLinks.Contains(link))
        {
            ways.Add(Outside(dataset));
        }
        var (fate, condition) = Staying(dataset);
        if (fate is { } stays && shape.StaysLinked(link, stays))
        {
            ways.Add(condition is null ? member : $"({member} AND {condition})");
        }
        if (HasKept(dataset) && shape.StaysLinked(link, RowFate.KeepParent))
        {
            var parents = Kept(dataset);
            ways.Add(
                $"{Dialect.Tuple(dataset.Key, "t")} IN (SELECT {Dialect.Columns(parents.KeyColumns)} FROM {parents.Name})"
            );
        }
        return ways.Count == 0 ? null : $"({string.Join(" OR ", ways)})";
    }

    /// <summary>Condition on a live row (alias t): it is one of the run's and would go, were it not needed. Null when none would.</summary>
    public string? WouldGo(ScopedDataset dataset) =>
        Staying(dataset) switch
        {
            (null, _) => Member(dataset),
            (RowFate.Retain, { } condition) => $"({Member(dataset)} AND NOT {condition})",
            _ => null,
        };

    /// <summary>
    /// Condition on the date of a retained row (alias t), to be asked once the dates are in <see cref="Dates"/>; null where all rows
    /// of the dataset have the same.
    /// </summary>
    public string? IsRetained(ScopedDataset dataset) =>
        dataset.Map.Erase is EraseRule.Retain { Anchor: { } anchor }
            // Asked apart: NULL IN an empty set is false, not unknown, and a row without a date would be taken for one that may go.
            ? $"(CASE WHEN t.{Dialect.Quote(anchor)} IS NULL THEN {(NullIsRetained(dataset) ? 1 : 0)} WHEN t.{Dialect.Quote(anchor)} IN (SELECT c0 FROM {Dialect.Temporary(Dates(dataset))}) THEN 1 ELSE 0 END = 1)"
            : null;

    public string Dates(ScopedDataset dataset) => Temporary("dates", dataset);

    /// <summary>Datasets whose rows without a date are retained; filled together with <see cref="Dates"/>.</summary>
    public HashSet<string> WithoutDateRetained { get; } = new(StringComparer.Ordinal);

    /// <summary>The fate by which rows of the dataset stay: all of them, or those of the condition; null when all would go.</summary>
    private (RowFate? Fate, string? Condition) Staying(ScopedDataset dataset) =>
        order.HeldDatasets.Contains(dataset.Name)
            ? (RowFate.Hold, null)
            : dataset.Map.Erase switch
            {
                EraseRule.Delete => (null, null),
                EraseRule.Retain { Anchor: not null } => (RowFate.Retain, IsRetained(dataset)),
                EraseRule.Retain => NullIsRetained(dataset) ? (RowFate.Retain, null) : (null, null),
                EraseRule.Anonymise => (RowFate.Anonymise, null),
                EraseRule.Unlink => (RowFate.Unlink, null),
                EraseRule.UnlinkThrough => (RowFate.Shared, null),
                EraseRule.Tombstone => (RowFate.Tombstone, null),
                _ => throw new InvalidOperationException(
                    $"{dataset.Name} is reference data and has no rows of a customer."
                ),
            };

    private bool NullIsRetained(ScopedDataset dataset) => WithoutDateRetained.Contains(dataset.Name);
}
