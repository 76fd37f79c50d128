using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// The temporary tables that hold a tenant's keys and fates while they are worked out, one a dataset, inside the database's own
/// snapshot: sets of any size are joined there and never come into this process's memory.
/// </summary>
internal sealed class SealTables
{
    private readonly Dictionary<string, int> numbers;
    private readonly Dictionary<string, RowShape> shapes;

    public SealTables(ScopePlan plan, SqlDialect dialect, DbConnection connection)
    {
        Plan = plan;
        Dialect = dialect;
        Connection = connection;
        Datasets = plan.Datasets.Where(dataset => dataset.Map.Erase is not EraseRule.None).ToList();
        numbers = Datasets
            .Select((dataset, index) => (dataset.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index);
        shapes = Datasets.ToDictionary(dataset => dataset.Name, dataset => new RowShape(dataset, plan));
    }

    public ScopePlan Plan { get; }

    public SqlDialect Dialect { get; }

    public DbConnection Connection { get; }

    /// <summary>In erasure order, reference data left out.</summary>
    public IReadOnlyList<ScopedDataset> Datasets { get; }

    public RowShape Shape(ScopedDataset dataset) => shapes[dataset.Name];

    public bool Has(ScopedDataset? dataset) => dataset is not null && numbers.ContainsKey(dataset.Name);

    public string Name(ScopedDataset dataset) => Dialect.Temporary(PlainName(dataset));

    public string Table(ScopedDataset dataset) => Dialect.Table(dataset.Table.Name);

    /// <summary>The temporary table's names for key and witness columns.</summary>
    public IReadOnlyList<string> Columns(ScopedDataset dataset) =>
        Shape(dataset).SealedColumns.Select((_, index) => FormattableString.Invariant($"c{index}")).ToList();

    public IReadOnlyList<string> KeyColumns(ScopedDataset dataset) => Columns(dataset).Take(dataset.Key.Count).ToList();

    /// <summary>Joins the live row (alias <paramref name="live"/>) with its sealed one.</summary>
    public string Join(ScopedDataset dataset, string live, string sealedAlias) =>
        Dialect.Pairwise(live, dataset.Key, sealedAlias, KeyColumns(dataset));

    public async Task CreateAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        var columns = Columns(dataset)
            .Zip(
                Shape(dataset).SealedColumns,
                (name, source) => (name, (ColumnInfo?)dataset.Table.Find(source), (string?)null)
            )
            .Concat([
                ("fate", null, "INTEGER NOT NULL"),
                ("release", null, "INTEGER"),
                ("anchor", null, ""),
                ("level", null, "INTEGER NOT NULL"),
            ])
            .ToList();
        await Connection.RunAsync(
            Dialect.CreateTemporary(PlainName(dataset), columns, dataset.Key.Count),
            cancellationToken
        );
    }

    private string PlainName(ScopedDataset dataset) => FormattableString.Invariant($"seal_{numbers[dataset.Name]}");
}
