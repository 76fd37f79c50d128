using System.Data.Common;
using System.Runtime.CompilerServices;
using Portability.DataMap;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Works out what happens to each row of the customer in one database, inside one snapshot: which rows there are, which the law keeps
/// and until when, and which must stay because staying rows refer to them.
/// </summary>
internal sealed class SqlSealer(SealTables seal, ErasureOrder order, TenantDataMap map, object tenant, bool isFirst)
{
    private readonly RetentionCalendar calendar = new(order);

    /// <summary>Rows of the scope; none for a release, which goes by the keys of the run before it.</summary>
    public async Task CollectAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        await seal.CreateAsync(dataset, cancellationToken);
        if (order.Kind == ErasureKind.Full)
        {
            await seal.Connection.RunAsync(
                $"{Insert(dataset)} WHERE {dataset.Where}",
                cancellationToken,
                ("@tenant", tenant)
            );
        }
    }

    /// <summary>Adds rows that an earlier run sealed and that are still there: their way to the tenant may be gone by now.</summary>
    public async Task AddEarlierAsync(
        ScopedDataset dataset,
        IAsyncEnumerable<SealedBatch> earlier,
        CancellationToken cancellationToken
    )
    {
        var shape = seal.Shape(dataset);
        var names = Sql.ValueNames(shape.SealedColumns.Count());
        await using var insert = seal.Connection.Prepare(
            $"{Insert(dataset)} WHERE {shape.Match(seal.Dialect, "t")} ON CONFLICT DO NOTHING"
        );
        await foreach (var batch in earlier.WithCancellation(cancellationToken))
        {
            foreach (var row in batch.Rows)
            {
                insert.BindRow(row, names);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    /// <summary>Gives retained rows their release; those whose time is over are free to go, if this run may take them.</summary>
    public async Task RetainAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        if (dataset.Map.Erase is not EraseRule.Retain retain || order.HeldDatasets.Contains(dataset.Name))
        {
            return;
        }
        var rule = map.Retention[retain.Class];
        var name = seal.Name(dataset);
        while (await AnchorsAsync(name, cancellationToken) is { Count: > 0 } anchors)
        {
            foreach (var anchor in anchors)
            {
                var release = ReleaseOf(dataset, rule, anchor);
                var mayGo =
                    order.Kind == ErasureKind.Full
                    || order.Datasets.Count == 0
                    || order.Datasets.Contains(dataset.Name);
                var fate = release <= order.AsOf && mayGo ? RowFate.Delete : RowFate.Retain;
                await seal.Connection.RunAsync(
                    $"UPDATE {name} SET fate = {(int)fate}, release = @release WHERE release IS NULL AND {(anchor is null ? "anchor IS NULL" : "anchor = @anchor")}",
                    cancellationToken,
                    [
                        ("@release", release.ToUnixTimeSeconds()),
                        .. anchor is null ? [] : new (string, object?)[] { ("@anchor", anchor) },
                    ]
                );
            }
        }
    }

    /// <summary>
    /// Keeps the parents of rows that stay, repeatedly until nothing changes: neighbours' rows, retained and held rows, tombstones and
    /// kept parents themselves, each through the references that it still holds afterwards.
    /// </summary>
    public async Task KeepParentsAsync(CancellationToken cancellationToken)
    {
        // Children come first in the order, so one pass is enough unless a table refers to itself or to one before it.
        var place = seal
            .Datasets.Select((dataset, index) => (dataset.Table.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index, StringComparer.OrdinalIgnoreCase);
        var isCyclic = seal.Datasets.Any(dataset =>
            dataset.Table.ForeignKeys.Any(link =>
                place.TryGetValue(link.ReferencedTable, out var at) && at <= place[dataset.Table.Name]
            )
        );
        bool changed;
        do
        {
            changed = false;
            foreach (var parent in seal.Datasets)
            {
                foreach (
                    var (child, link) in seal.Plan.Catalogue.Tables.SelectMany(table =>
                        table.ForeignKeys.Select(link => (table, link))
                    )
                )
                {
                    if (!string.Equals(link.ReferencedTable, parent.Table.Name, StringComparison.OrdinalIgnoreCase))
                    {
                        continue;
                    }
                    if (Needing(child, link, parent) is { } needing)
                    {
                        var keys = seal.Dialect.Columns(seal.KeyColumns(parent));
                        var kept = await seal.Connection.RunAsync(
                            $"UPDATE {seal.Name(parent)} SET fate = {(int)RowFate.KeepParent} WHERE fate = {(int)RowFate.Delete} AND ({keys}) IN ({needing})",
                            cancellationToken
                        );
                        changed |= kept > 0;
                    }
                }
            }
        } while (changed && isCyclic);
    }

    /// <summary>Names of the tables whose staying rows need parents in this dataset.</summary>
    public async Task<IReadOnlyList<string>> NeededByAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var child in seal.Plan.Catalogue.Tables)
        {
            foreach (
                var link in child.ForeignKeys.Where(link =>
                    string.Equals(link.ReferencedTable, parent.Table.Name, StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                var keys = seal.Dialect.Columns(seal.KeyColumns(parent));
                if (
                    Needing(child, link, parent) is { } needing
                    && await seal.Connection.CountAsync(
                        $"SELECT EXISTS (SELECT 1 FROM {seal.Name(parent)} WHERE fate = {(int)RowFate.KeepParent} AND ({keys}) IN ({needing}))",
                        cancellationToken
                    ) > 0
                )
                {
                    names.Add(seal.Plan.OfTable(child.Name)?.Name ?? child.Name);
                }
            }
        }
        return names.ToList();
    }

    /// <summary>
    /// Orders rows of a table that refers to itself by a required key: the referring row before the one it refers to. Nullable
    /// self-references need no order, they are emptied beforehand.
    /// </summary>
    public async Task LevelAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        var links = dataset.Table.ForeignKeys.Where(link =>
            string.Equals(link.ReferencedTable, dataset.Table.Name, StringComparison.OrdinalIgnoreCase)
            && !dataset.Broken.Contains(link)
        );
        foreach (var link in links)
        {
            var (table, name) = (seal.Table(dataset), seal.Name(dataset));
            for (var level = 0; ; level++)
            {
                var lifted = await seal.Connection.RunAsync(
                    $"""
                    UPDATE {name} SET level = {level + 1} WHERE fate = 0 AND level = {level} AND ({seal.Dialect.Columns(
                        seal.KeyColumns(dataset)
                    )}) IN (
                      SELECT {seal.Dialect.Columns(dataset.Key, "p")} FROM {table} c
                      JOIN {name} s ON {seal.Join(dataset, "c", "s")} AND s.fate = 0 AND s.level = {level}
                      JOIN {table} p ON {seal.Dialect.Pairwise("p", link.ReferencedColumns, "c", link.Columns)}
                      WHERE NOT ({seal.Dialect.Pairwise("p", dataset.Key, "c", dataset.Key)}))
                    """,
                    cancellationToken
                );
                if (lifted == 0)
                {
                    break;
                }
                if (level == 10_000)
                {
                    throw new ErasureRefusedException(
                        order.Ref,
                        [$"{dataset.Name}: rows refer to one another in a circle by the required key {link}"]
                    );
                }
            }
        }
    }

    /// <summary>The fates and counts of a dataset.</summary>
    public async Task<PlannedErasure> SumAsync(ScopedDataset dataset, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<RowFate, long>();
        var retained = new List<RetainedRows>();
        await using (
            var command = seal.Connection.Prepare(
                $"SELECT fate, CASE WHEN fate = {(int)RowFate.Retain} THEN release END AS free, count(*) FROM {seal.Name(dataset)} GROUP BY 1, 2 ORDER BY 1, 2"
            )
        )
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var fate = (RowFate)reader.GetInt64(0);
                counts[fate] = counts.GetValueOrDefault(fate) + reader.GetInt64(2);
                if (fate == RowFate.Retain && dataset.Map.Erase is EraseRule.Retain retain)
                {
                    var release = DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64(1));
                    retained.Add(
                        new(retain.Class, map.Retention[retain.Class].LegalBasis, release, reader.GetInt64(2))
                    );
                }
            }
        }
        var parents = counts.GetValueOrDefault(RowFate.KeepParent);
        return new()
        {
            Name = dataset.Name,
            System = dataset.Map.System,
            Kind = "sql",
            Rule = RuleName(dataset.Map.Erase),
            Before = counts.Values.Sum(),
            ToDelete = counts.GetValueOrDefault(RowFate.Delete),
            ToAnonymise = counts.GetValueOrDefault(RowFate.Anonymise),
            ToUnlink = counts.GetValueOrDefault(RowFate.Unlink) + counts.GetValueOrDefault(RowFate.Shared),
            Held = counts.GetValueOrDefault(RowFate.Hold),
            KeptParents = parents,
            NeededBy = parents > 0 ? await NeededByAsync(dataset, cancellationToken) : [],
            Tombstones = counts.GetValueOrDefault(RowFate.Tombstone),
            Retained = retained,
        };
    }

    /// <summary>The sealed rows, in the order in which they go.</summary>
    public async IAsyncEnumerable<SealedRow> RowsAsync(
        ScopedDataset dataset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var columns = seal.Columns(dataset);
        var isLevelled = dataset.Table.ForeignKeys.Any(link =>
            string.Equals(link.ReferencedTable, dataset.Table.Name, StringComparison.OrdinalIgnoreCase)
            && !dataset.Broken.Contains(link)
        );
        var by = seal.Dialect.Columns(
            (isLevelled ? ["level"] : Enumerable.Empty<string>()).Concat(seal.KeyColumns(dataset))
        );
        await using var command = seal.Connection.Prepare(
            $"SELECT fate, release, {seal.Dialect.Columns(columns)} FROM {seal.Name(dataset)} ORDER BY {by}"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var values = new object?[columns.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = await reader.IsDBNullAsync(i + 2, cancellationToken) ? null : reader.GetValue(i + 2);
            }
            yield return new(
                (RowFate)reader.GetInt64(0),
                await reader.IsDBNullAsync(1, cancellationToken) ? 0 : reader.GetInt64(1),
                values
            );
        }
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

    private string Insert(ScopedDataset dataset)
    {
        var shape = seal.Shape(dataset);
        var anchor = dataset.Map.Erase is EraseRule.Retain { Anchor: { } column }
            ? $"t.{seal.Dialect.Quote(column)}"
            : "NULL";
        return $"INSERT INTO {seal.Name(dataset)} SELECT {seal.Dialect.Columns(shape.SealedColumns, "t")}, {(int)FateOf(dataset)}, NULL, {anchor}, 0 FROM {seal.Table(dataset)} t";
    }

    private RowFate FateOf(ScopedDataset dataset) =>
        order.HeldDatasets.Contains(dataset.Name)
            ? RowFate.Hold
            : dataset.Map.Erase switch
            {
                EraseRule.Delete => RowFate.Delete,
                EraseRule.Retain => RowFate.Retain,
                EraseRule.Anonymise => RowFate.Anonymise,
                EraseRule.Unlink => RowFate.Unlink,
                EraseRule.UnlinkThrough => RowFate.Shared,
                EraseRule.Tombstone => RowFate.Tombstone,
                _ => throw new InvalidOperationException(
                    $"{dataset.Name} is reference data and has no rows of a customer."
                ),
            };

    /// <summary>Keys of parent rows that rows of the child table still refer to when the run is over; null when there can be none.</summary>
    private string? Needing(Sources.TableInfo child, Sources.ForeignKey link, ScopedDataset parent)
    {
        var dataset = seal.Plan.OfTable(child.Name);
        var select =
            $"SELECT {seal.Dialect.Columns(parent.Key, "p")} FROM {seal.Table(parent)} p JOIN {seal.Dialect.Table(child.Name)} c ON {seal.Dialect.Pairwise("c", link.Columns, "p", link.ReferencedColumns)}";
        if (!seal.Has(dataset))
        {
            return select;
        }
        var shape = seal.Shape(dataset!);
        var fates = Enum.GetValues<RowFate>().Where(fate => shape.StaysLinked(link, fate)).Select(fate => (int)fate);
        var stays = $"s.fate IN ({string.Join(", ", fates)})";
        var join = $"JOIN {seal.Name(dataset!)} s ON {seal.Join(dataset!, "c", "s")}";
        // In a first run every row that refers to the tenant's parent through the scope's own key is the tenant's by definition.
        return isFirst && dataset!.ScopeLinks.Contains(link)
            ? $"{select} {join} WHERE {stays}"
            : $"{select} LEFT {join} WHERE s.fate IS NULL OR {stays}";
    }

    private async Task<List<object?>> AnchorsAsync(string name, CancellationToken cancellationToken)
    {
        await using var command = seal.Connection.Prepare(
            $"SELECT DISTINCT anchor FROM {name} WHERE release IS NULL LIMIT 1000"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var anchors = new List<object?>();
        while (await reader.ReadAsync(cancellationToken))
        {
            anchors.Add(await reader.IsDBNullAsync(0, cancellationToken) ? null : reader.GetValue(0));
        }
        return anchors;
    }

    private DateTimeOffset ReleaseOf(ScopedDataset dataset, RetentionClass rule, object? anchor)
    {
        try
        {
            return calendar.ReleaseOf(rule, anchor);
        }
        catch (FormatException fault)
        {
            var column = ((EraseRule.Retain)dataset.Map.Erase).Anchor;
            throw new ErasureRefusedException(
                order.Ref,
                [
                    $"{dataset.Name}: the release of a retained row cannot be told, {fault.Message} (column '{column}'); correct the row or the anchor column",
                ]
            );
        }
    }
}
