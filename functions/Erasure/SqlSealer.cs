using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Reads the rows of the customer in one database, each with its fate, inside one snapshot. Call <see cref="PrepareAsync"/>
/// first; then any dataset, once each.
/// </summary>
internal sealed class SqlSealer(RunScope scope, ErasureOrder order, TenantDataMap map)
{
    private readonly Releases releases = new(scope, order, map);
    private readonly KeptParents parents = new(scope);
    private const int LookAtTheTime = 1023;

    /// <summary>Adds rows that an earlier run sealed and that are still there: their way to the tenant may be gone by now.</summary>
    public async Task AddEarlierAsync(
        ScopedDataset dataset,
        IAsyncEnumerable<SealedBatch>? earlier,
        CancellationToken cancellationToken
    )
    {
        var left = scope.Earlier(dataset);
        await left.CreateAsync(cancellationToken);
        if (earlier is null)
        {
            return;
        }
        var batch = new RowTable(
            scope.Temporary("sealed", dataset),
            scope.Shape(dataset),
            scope.Dialect,
            scope.Connection
        );
        await batch.CreateAsync(cancellationToken);
        await using var insert = scope.Connection.Prepare(
            $"INSERT INTO {left.Name} SELECT b.* FROM {batch.Name} b {scope.Dialect.JoinLookingUp} {scope.Table(dataset)} t ON {batch.Same("t", "b")} WHERE 1 = 1 ON CONFLICT DO NOTHING"
        );
        await foreach (var sealedRows in earlier.WithCancellation(cancellationToken))
        {
            await batch.FillAsync(null, sealedRows.Rows, cancellationToken);
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Gathers what the conditions of the scope ask for; to be called before any of them is used.</summary>
    public Task ScopeAsync(CancellationToken cancellationToken) =>
        scope.Sets.FillAsync(scope.Datasets, cancellationToken);

    /// <summary>Works out which rows stay and which parents they need, over all datasets.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await ScopeAsync(cancellationToken);
        foreach (var dataset in scope.Datasets)
        {
            await GuardAsync(dataset, () => releases.FillAsync(dataset, cancellationToken));
        }
        await parents.FillAsync(cancellationToken);
    }

    /// <summary>
    /// Hands the rows of a dataset on with their fates, in the order in which they go, and counts them. False when it stopped because
    /// the time is over; it goes on after the row whose key is given.
    /// </summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="after">The key of the last row of an earlier call, or null.</param>
    /// <param name="counts">Added to.</param>
    /// <param name="target">Takes the rows.</param>
    /// <param name="isOutOfTime">Asked now and then, but for the first rows: each call gets on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<bool> SealAsync(
        ScopedDataset dataset,
        IReadOnlyList<object?>? after,
        FateCounts counts,
        ISealTarget target,
        Func<bool> isOutOfTime,
        CancellationToken cancellationToken
    )
    {
        var shape = scope.Shape(dataset);
        var (keys, columns) = (shape.Key.Count, shape.SealedColumns.Count());
        var hasKept = scope.HasKept(dataset);
        var mayBeNull = !shape.Key.All(column => dataset.Table.Find(column) is { IsRowNumber: true });
        var isDated = dataset.Map.Erase is EraseRule.Retain && !order.HeldDatasets.Contains(dataset.Name);
        var levels = await LevelAsync(dataset, cancellationToken);
        List<(string, object?)> parameters =
        [
            ("@tenant", scope.Tenant),
            .. (after ?? []).Take(keys).Select((value, index) => ($"@after{index}", value)),
        ];
        var sql = Select(dataset, levels, after is not null);
        await using var rows = await GuardAsync(
            dataset,
            () => scope.Dialect.OpenRowsAsync(scope.Connection, sql, parameters, cancellationToken)
        );
        object? date = null;
        var (isFirst, fate, release) = (true, RowFate.Delete, 0L);
        var (wasKept, done) = (false, 0);
        while (await rows.ReadAsync(cancellationToken))
        {
            for (var key = 0; mayBeNull && key < keys; key++)
            {
                if (rows.IsNull(key))
                {
                    throw Refused(dataset, "a row has no value in a column of its key");
                }
            }
            var isKept = hasKept && rows.Integer(columns + 1) != 0;
            var next = isDated ? rows.Value(columns) : null;
            // Neighbours mostly have the same date, and working out a release is the dearest thing here.
            if (isFirst || isKept != wasKept || !Equals(next, date))
            {
                (fate, release) = FateOf(dataset, next, isKept);
                (isFirst, wasKept, date) = (false, isKept, next);
            }
            counts.Add(fate, release);
            target.Begin(fate, release);
            for (var column = 0; column < columns; column++)
            {
                rows.Copy(column, target);
            }
            await target.EndAsync(cancellationToken);
            if ((++done & LookAtTheTime) == 0 && isOutOfTime())
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>What <see cref="SealAsync"/> has counted of the dataset.</summary>
    public async Task<PlannedErasure> SumAsync(
        ScopedDataset dataset,
        FateCounts counts,
        CancellationToken cancellationToken
    )
    {
        var kept = counts.Of(RowFate.KeepParent);
        return new()
        {
            Name = dataset.Name,
            System = dataset.Map.System,
            Kind = "sql",
            Rule = RuleName(dataset.Map.Erase),
            Before = counts.Rows.Sum(),
            ToDelete = counts.Of(RowFate.Delete),
            ToAnonymise = counts.Of(RowFate.Anonymise),
            ToUnlink = counts.Of(RowFate.Unlink) + counts.Of(RowFate.Shared),
            Held = counts.Of(RowFate.Hold),
            KeptParents = kept,
            NeededBy = kept > 0 ? await parents.NeededByAsync(dataset, cancellationToken) : [],
            Tombstones = counts.Of(RowFate.Tombstone),
            Retained = dataset.Map.Erase is EraseRule.Retain retain
                ? counts
                    .Retained.Select(entry => new RetainedRows(
                        retain.Class,
                        map.Retention[retain.Class].LegalBasis,
                        DateTimeOffset.FromUnixTimeSeconds(entry.Key),
                        entry.Value
                    ))
                    .ToList()
                : [],
        };
    }

    public static string RuleName(EraseRule rule) =>
        rule switch
        {
            EraseRule.Delete => "delete",
            EraseRule.Retain => "retain",
            EraseRule.Anonymise => "anonymise",
            EraseRule.Unlink or EraseRule.UnlinkThrough => "unlink",
            EraseRule.Tombstone => "tombstone",
            _ => "none",
        };

    private string Select(ScopedDataset dataset, string? levels, bool goesOn)
    {
        var dialect = scope.Dialect;
        var anchor = dataset.Map.Erase is EraseRule.Retain { Anchor: { } column }
            ? $"t.{dialect.Quote(column)}"
            : "NULL";
        var kept = scope.Kept(dataset);
        var isKept = scope.HasKept(dataset)
            ? $"CASE WHEN {dialect.Tuple(dataset.Key, "t")} IN (SELECT {dialect.Columns(kept.KeyColumns)} FROM {kept.Name}) THEN 1 ELSE 0 END"
            : "0";
        var keys = dialect.Columns(dataset.Key, "t");
        var join = levels is null
            ? ""
            : $" LEFT JOIN {dialect.Temporary(levels)} l ON {dialect.Pairwise("l", kept.KeyColumns, "t", dataset.Key)}";
        var by = levels is null ? keys : $"coalesce(l.level, 0), {keys}";
        var after = goesOn ? $" AND {After(dataset, levels, by)}" : "";
        return $"SELECT {dialect.Columns(scope.Shape(dataset).SealedColumns, "t")}, {anchor}, {isKept} FROM {scope.Table(dataset)} t{join} WHERE {scope.Member(dataset)}{after} ORDER BY {by}";
    }

    /// <summary>Condition on rows that come after the one whose key is given.</summary>
    private string After(ScopedDataset dataset, string? levels, string by)
    {
        var dialect = scope.Dialect;
        var key = dataset
            .Key.Select((column, index) => dialect.Typed($"@after{index}", dataset.Table.Find(column)!))
            .ToList();
        if (levels is null && key.Count == 1)
        {
            return $"{by} > {key[0]}";
        }
        if (levels is null)
        {
            return $"({by}) > ({string.Join(", ", key)})";
        }
        var columns = scope.Kept(dataset).KeyColumns;
        var isIt = string.Join(" AND ", columns.Zip(key, (column, value) => $"{dialect.Quote(column)} = {value}"));
        var level = $"(SELECT coalesce(max(level), 0) FROM {dialect.Temporary(levels)} WHERE {isIt})";
        return $"({by}) > ({level}, {string.Join(", ", key)})";
    }

    private (RowFate Fate, long Release) FateOf(ScopedDataset dataset, object? date, bool isKept)
    {
        if (order.HeldDatasets.Contains(dataset.Name))
        {
            return (RowFate.Hold, 0);
        }
        switch (dataset.Map.Erase)
        {
            case EraseRule.Retain when releases.IsRetained(dataset, date, out var release):
                return (RowFate.Retain, release);
            case EraseRule.Delete or EraseRule.Retain:
                return (isKept ? RowFate.KeepParent : RowFate.Delete, 0);
            case EraseRule.Anonymise:
                return (RowFate.Anonymise, 0);
            case EraseRule.Unlink:
                return (RowFate.Unlink, 0);
            case EraseRule.UnlinkThrough:
                return (RowFate.Shared, 0);
            case EraseRule.Tombstone:
                return (RowFate.Tombstone, 0);
            default:
                throw new InvalidOperationException($"{dataset.Name} is reference data and has no rows of a customer.");
        }
    }

    /// <summary>
    /// Orders rows of a table that refers to itself by a required key: the referring row before the one it refers to. Nullable
    /// self-references need no order, they are emptied beforehand. Gives the table of levels, or null where none is needed.
    /// </summary>
    private async Task<string?> LevelAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        var links = dataset
            .Table.ForeignKeys.Where(link =>
                string.Equals(link.ReferencedTable, dataset.Table.Name, StringComparison.OrdinalIgnoreCase)
                && !dataset.Broken.Contains(link)
            )
            .ToList();
        if (links.Count == 0 || scope.WouldGo(dataset) is not { } goes)
        {
            return null;
        }
        var (dialect, name) = (scope.Dialect, scope.Temporary("levels", dataset));
        var kept = scope.Kept(dataset);
        var keys = kept.KeyColumns;
        IReadOnlyList<(string, ColumnInfo?, string?)> columns =
        [
            .. keys.Zip(dataset.Key, (key, live) => (key, dataset.Table.Find(live), (string?)null)),
            ("level", null, "INTEGER NOT NULL"),
        ];
        await scope.Connection.RunAsync(dialect.CreateTemporary(name, columns, keys.Count), cancellationToken);
        var (table, level) = (scope.Table(dataset), dialect.Temporary(name));
        await scope.Connection.RunAsync(
            $"INSERT INTO {level} SELECT {dialect.Columns(dataset.Key, "t")}, 0 FROM {table} t WHERE {goes} AND {dialect.Tuple(dataset.Key, "t")} NOT IN (SELECT {dialect.Columns(keys)} FROM {kept.Name})",
            cancellationToken,
            ("@tenant", scope.Tenant)
        );
        foreach (var link in links)
        {
            for (var at = 0; ; at++)
            {
                var lifted = await scope.Connection.RunAsync(
                    $"""
                    UPDATE {level} SET level = {at + 1} WHERE level = {at} AND {dialect.Tuple(keys)} IN (
                      SELECT {dialect.Columns(dataset.Key, "p")} FROM {table} c
                      JOIN {level} s ON {dialect.Pairwise("s", keys, "c", dataset.Key)} AND s.level = {at}
                      JOIN {table} p ON {dialect.Pairwise("p", link.ReferencedColumns, "c", link.Columns)}
                      WHERE NOT ({dialect.Pairwise("p", dataset.Key, "c", dataset.Key)}))
                    """,
                    cancellationToken
                );
                if (lifted == 0)
                {
                    break;
                }
                if (at == 10_000)
                {
                    throw new ErasureRefusedException(
                        order.Ref,
                        [$"{dataset.Name}: rows refer to one another in a circle by the required key {link}"]
                    );
                }
            }
        }
        return name;
    }

    private Task GuardAsync(ScopedDataset dataset, Func<Task> work) =>
        GuardAsync(
            dataset,
            async () =>
            {
                await work();
                return true;
            }
        );

    private async Task<T> GuardAsync<T>(ScopedDataset dataset, Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (DbException fault)
        {
            throw Refused(dataset, fault.Message);
        }
    }

    private ErasureRefusedException Refused(ScopedDataset dataset, string reason) =>
        new(order.Ref, [$"the rows of '{dataset.Name}' cannot be sealed: {reason}"]);
}
