using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Carries out sealed batches of one dataset on one connection. Each statement touches one row, found by key and witness, so that a batch
/// run twice changes nothing the second time; a row that newer rows refer to is left and counted, and nothing ever cascades.
/// </summary>
internal sealed class SqlBatches : IAsyncDisposable
{
    private readonly RowShape shape;
    private readonly SqlDialect dialect;
    private readonly DbConnection connection;
    private readonly IReadOnlyList<string> names;
    private readonly DbCommand delete;
    private readonly DbCommand find;
    private readonly Dictionary<RowFate, RowUpdate?> updates = [];
    private readonly byte[] key;

    public SqlBatches(RowShape shape, ScopePlan plan, SqlDialect dialect, DbConnection connection, byte[] key)
    {
        this.shape = shape;
        this.dialect = dialect;
        this.connection = connection;
        this.key = key;
        names = Sql.ValueNames(shape.SealedColumns.Count());
        var table = dialect.Table(shape.Dataset.Table.Name);
        var match = shape.Match(dialect, "t");
        delete = connection.Prepare($"DELETE FROM {table} AS t WHERE {match}{string.Concat(Unreferenced(plan))}");
        find = connection.Prepare($"SELECT 1 FROM {table} t WHERE {match}");
    }

    /// <summary>Carries out one batch inside the given transaction and adds to the counts.</summary>
    public async Task<BatchCounts> ApplyAsync(
        DbTransaction transaction,
        IReadOnlyList<SealedRow> rows,
        BatchCounts counts,
        CancellationToken cancellationToken
    )
    {
        delete.Transaction = transaction;
        find.Transaction = transaction;
        foreach (var row in rows)
        {
            switch (row.Fate)
            {
                case RowFate.Delete:
                    delete.BindRow(row, names);
                    var isGone =
                        await delete.ExecuteNonQueryAsync(cancellationToken) > 0
                        || !await IsThereAsync(row, cancellationToken);
                    counts = isGone
                        ? counts with
                        {
                            Deleted = counts.Deleted + 1,
                        }
                        : counts with
                        {
                            Remaining = counts.Remaining + 1,
                        };
                    break;
                case RowFate.KeepParent or RowFate.Tombstone:
                    await UpdateAsync(row, transaction, cancellationToken);
                    counts = counts with { Reduced = counts.Reduced + 1 };
                    break;
                case RowFate.Anonymise:
                    await UpdateAsync(row, transaction, cancellationToken);
                    counts = counts with { Anonymised = counts.Anonymised + 1 };
                    break;
                case RowFate.Unlink:
                    await UpdateAsync(row, transaction, cancellationToken);
                    counts = counts with { Unlinked = counts.Unlinked + 1 };
                    break;
            }
        }
        return counts;
    }

    /// <summary>Counts the rows of an untouched batch that are unlinked by their link's going.</summary>
    public static BatchCounts CountShared(IReadOnlyList<SealedRow> rows, BatchCounts counts) =>
        counts with
        {
            Unlinked = counts.Unlinked + rows.Count(row => row.Fate == RowFate.Shared),
        };

    public async ValueTask DisposeAsync()
    {
        await delete.DisposeAsync();
        await find.DisposeAsync();
        foreach (var update in updates.Values.OfType<RowUpdate>())
        {
            await update.DisposeAsync();
        }
    }

    /// <summary>No row of any table may refer to the row that goes, itself aside; engines would cascade, or fail a whole batch.</summary>
    private IEnumerable<string> Unreferenced(ScopePlan plan)
    {
        foreach (var child in plan.Catalogue.Tables.Where(table => !table.IsView))
        {
            foreach (var link in child.ForeignKeys)
            {
                if (!string.Equals(link.ReferencedTable, shape.Dataset.Table.Name, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }
                var isSelf = string.Equals(child.Name, shape.Dataset.Table.Name, StringComparison.OrdinalIgnoreCase);
                var butItself = isSelf ? $" AND NOT ({dialect.Pairwise("c", shape.Key, "t", shape.Key)})" : "";
                yield return $" AND NOT EXISTS (SELECT 1 FROM {dialect.Table(child.Name)} c WHERE {dialect.Pairwise("c", link.Columns, "t", link.ReferencedColumns)}{butItself})";
            }
        }
    }

    private async Task<bool> IsThereAsync(SealedRow row, CancellationToken cancellationToken)
    {
        find.BindRow(row, names);
        return await find.ExecuteScalarAsync(cancellationToken) is not null;
    }

    private async Task UpdateAsync(SealedRow row, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (!updates.TryGetValue(row.Fate, out var update))
        {
            updates[row.Fate] = update = RowUpdate.For(shape, row.Fate, dialect, connection, key);
        }
        if (update is not null)
        {
            await update.ApplyAsync(row, transaction, cancellationToken);
        }
    }
}

/// <summary>What batches have done so far; travels in the cursor.</summary>
internal sealed record BatchCounts(long Deleted, long Anonymised, long Unlinked, long Reduced, long Remaining)
{
    public static BatchCounts None { get; } = new(0, 0, 0, 0, 0);
}
