using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// The customer's keys of tables that others are scoped by, in memory, where the engine can ask them there. Otherwise it would gather the
/// same keys anew for each statement and look each row up in a tree; sealing asks several times of every row there is. Keys
/// that are no whole numbers, or too many, stay the engine's business: the conditions mean the same either way.
/// </summary>
internal sealed class ScopeSets(ScopePlan plan, SqlDialect dialect, DbConnection connection, object tenant)
{
    /// <summary>Of all sets together; some two hundred million numbers without gaps.</summary>
    private const long MostBytes = 24L << 20;

    private readonly Dictionary<string, (string Function, KeySet? Keys)> sets = new(StringComparer.Ordinal);
    private long bytes;

    /// <summary>Gathers what the scopes of these datasets ask for.</summary>
    public async Task FillAsync(IReadOnlyList<ScopedDataset> datasets, CancellationToken cancellationToken)
    {
        foreach (var dataset in datasets)
        {
            foreach (var way in dataset.Ways.Where(way => CanAsk(dataset, way)))
            {
                await FillAsync(Target(way), cancellationToken);
            }
        }
    }

    /// <summary>The same sets for another connection; both may be used at once, once this one is filled.</summary>
    public ScopeSets On(DbConnection other)
    {
        var copy = new ScopeSets(plan, dialect, other, tenant) { bytes = bytes };
        foreach (var (parent, set) in sets)
        {
            copy.sets[parent] = set;
            if (set.Keys is { } keys)
            {
                Provide(other, set.Function, keys);
            }
        }
        return copy;
    }

    /// <summary>As <see cref="ScopedDataset.Where"/>, by the sets that were gathered.</summary>
    public string Where(ScopedDataset dataset) =>
        dataset.Ways.Count == 0 ? dataset.Where
        : dataset.Ways.Count == 1 ? Where(dataset, dataset.Ways[0])
        : $"({string.Join(" OR ", dataset.Ways.Select(way => Where(dataset, way)))})";

    private string Where(ScopedDataset dataset, ScopeWay way) =>
        CanAsk(dataset, way) && sets.GetValueOrDefault(Target(way).Name) is ({ } function, not null)
            ? $"{function}(t.{dialect.Quote(way.Link.Columns[0])})"
            : way.Where;

    private bool CanAsk(ScopedDataset dataset, ScopeWay way) =>
        !way.EndsAtTenant
        && way.Link.Columns.Count == 1
        && dataset.Table.Find(way.Link.Columns[0]) is { } column
        && Target(way).Table.Find(way.Link.ReferencedColumns[0]) is { } key
        && dialect.CanAsk(column, key);

    private ScopedDataset Target(ScopeWay way) => plan.OfTable(way.Link.ReferencedTable)!;

    private async Task FillAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        if (sets.ContainsKey(parent.Name))
        {
            return;
        }
        await FillAsync([parent], cancellationToken);
        var name = FormattableString.Invariant($"within_{sets.Count}");
        var keys = await ReadAsync(parent, cancellationToken);
        sets[parent.Name] = (name, keys);
        if (keys is not null)
        {
            bytes += keys.Bytes;
            Provide(connection, name, keys);
        }
    }

    private void Provide(DbConnection to, string function, KeySet keys)
    {
        var look = keys.NewLook();
        dialect.Provide(to, function, 1, key => key[0] is { } number && look.Contains(number));
    }

    private async Task<KeySet?> ReadAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var keys = new KeySet();
        // A row number is the one key of its table.
        var key = $"t.{dialect.Quote(parent.Table.PrimaryKey[0])}";
        await using var rows = await dialect.OpenRowsAsync(
            connection,
            $"SELECT {key} FROM {dialect.Table(parent.Table.Name)} t WHERE {Where(parent)} ORDER BY {key}",
            [("@tenant", tenant)],
            cancellationToken
        );
        while (await rows.ReadAsync(cancellationToken))
        {
            if (!keys.TryAdd(rows.Integer(0)) || bytes + keys.Bytes > MostBytes)
            {
                return null;
            }
        }
        keys.Close();
        return keys;
    }
}
