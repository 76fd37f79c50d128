using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Carries out sealed batches of one dataset on one connection, each in a handful of statements over the whole batch. Rows are
/// found by key and witness, so that a batch run twice changes nothing the second time; a row that newer rows refer to is left
/// and counted, and nothing ever cascades.
/// </summary>
internal sealed class SqlBatches : IAsyncDisposable
{
    private readonly RowShape shape;
    private readonly SqlDialect dialect;
    private readonly DbConnection connection;
    private readonly RowTable batch;
    private readonly DbCommand delete;
    private readonly DbCommand left;
    private readonly StretchDelete? deleteStretch;
    private readonly string? deleteEach;
    private readonly string? deleteGiven;
    private readonly bool refersToItself;
    private readonly Dictionary<RowFate, RowUpdate?> updates = [];
    private readonly byte[] key;

    public SqlBatches(RowTable batch, ScopePlan plan, SqlDialect dialect, DbConnection connection, byte[] key)
    {
        shape = batch.Shape;
        this.batch = batch;
        this.dialect = dialect;
        this.connection = connection;
        this.key = key;
        var doomed = $"b.{RowTable.Fate} = {(int)RowFate.Delete}";
        var unreferenced = string.Concat(Unreferenced(plan));
        deleteStretch = StretchDelete.For(batch, dialect, connection, unreferenced);
        deleteEach = dialect.IsNear
            ? $"DELETE FROM {dialect.Table(shape.Dataset.Table.Name)} AS t WHERE {batch.SameAsGiven("t")} AND {batch.GivenFate} = {(int)RowFate.Delete}{unreferenced}"
            : null;
        deleteGiven = batch.GivenList is { } given
            ? dialect.DeleteListed(
                dialect.Table(shape.Dataset.Table.Name),
                shape.Key,
                given,
                batch.Same("t", "b"),
                doomed + unreferenced
            )
            : null;
        // The rows to go are chosen before the first of them goes, so nothing depends on the order in which they do.
        delete = connection.Prepare(
            dialect.DeleteListed(
                dialect.Table(shape.Dataset.Table.Name),
                shape.Key,
                batch.Name,
                batch.Same("t", "b"),
                doomed + unreferenced
            )
        );
        left = connection.Prepare($"SELECT count(*) FROM ({batch.LiveKeys(doomed)}) l");
        refersToItself = shape.Dataset.Table.ForeignKeys.Any(link =>
            Refers(link, shape.Dataset.Table.Name) && !shape.Dataset.Broken.Contains(link)
        );
    }

    /// <summary>True where deleting some rows of a batch neither waits for others of it to go nor sets off anything else.</summary>
    public bool GoesInHalves => deleteGiven is not null && !refersToItself && shape.Dataset.Table.Triggers.Count == 0;

    /// <summary>Deletes rows of a batch, on any connection of the database, and fails where it would wait for another's lock; gives how many went.</summary>
    public async Task<int> TakeHalfAsync(
        DbTransaction transaction,
        SealedRows rows,
        CancellationToken cancellationToken
    )
    {
        await dialect.HurryAsync(transaction, cancellationToken);
        return await dialect.RunGivenAsync(
            transaction.Connection!,
            transaction,
            deleteGiven!,
            batch.Columns.Count + 1,
            rows.Feed(),
            cancellationToken
        );
    }

    /// <summary>Carries out one batch inside the given transaction and adds to the counts.</summary>
    public async Task<BatchCounts> ApplyAsync(
        DbTransaction transaction,
        SealedRows rows,
        BatchCounts counts,
        CancellationToken cancellationToken
    )
    {
        var taken = await TakeAsync(transaction, rows, cancellationToken);
        if (taken < rows.Count)
        {
            await batch.FillAsync(transaction, rows, cancellationToken);
        }
        foreach (var fate in Enum.GetValues<RowFate>().Where(fate => rows.Of(fate) > 0))
        {
            var count = rows.Of(fate);
            switch (fate)
            {
                case RowFate.Delete:
                    var remaining = await DeleteAsync(transaction, count, taken, cancellationToken);
                    counts = counts with
                    {
                        Deleted = counts.Deleted + count - remaining,
                        Remaining = counts.Remaining + remaining,
                    };
                    break;
                case RowFate.KeepParent or RowFate.Tombstone:
                    await UpdateAsync(fate, transaction, cancellationToken);
                    counts = counts with { Reduced = counts.Reduced + count };
                    break;
                case RowFate.Anonymise:
                    await UpdateAsync(fate, transaction, cancellationToken);
                    counts = counts with { Anonymised = counts.Anonymised + count };
                    break;
                case RowFate.Unlink:
                    await UpdateAsync(fate, transaction, cancellationToken);
                    counts = counts with { Unlinked = counts.Unlinked + count };
                    break;
                case RowFate.Shared:
                    counts = CountShared(rows, counts);
                    break;
            }
        }
        return counts;
    }

    /// <summary>Counts the rows of an untouched batch that are unlinked by their link's going.</summary>
    public static BatchCounts CountShared(SealedRows rows, BatchCounts counts) =>
        counts with
        {
            Unlinked = counts.Unlinked + rows.Of(RowFate.Shared),
        };

    public async ValueTask DisposeAsync()
    {
        await delete.DisposeAsync();
        await left.DisposeAsync();
        if (deleteStretch is not null)
        {
            await deleteStretch.DisposeAsync();
        }
        foreach (var update in updates.Values.OfType<RowUpdate>())
        {
            await update.DisposeAsync();
        }
    }

    /// <summary>Deletes what it can without loading a list first; mostly nothing is left to do then. Gives how many went.</summary>
    private async Task<long> TakeAsync(DbTransaction transaction, SealedRows rows, CancellationToken cancellationToken)
    {
        if (rows.Of(RowFate.Delete) == 0)
        {
            return 0;
        }
        if (
            deleteStretch is not null
            && await deleteStretch.TryAsync(transaction, rows, cancellationToken) is { } deleted
        )
        {
            return deleted;
        }
        var doomed = rows.Feed(fate => fate == RowFate.Delete);
        return deleteEach is not null ? await dialect.RunEachAsync(connection, deleteEach, doomed, cancellationToken)
            : deleteGiven is not null ? await batch.RunGivenAsync(transaction, deleteGiven, doomed, cancellationToken)
            : 0;
    }

    /// <summary>Deletes what may go of the batch and has not gone yet; gives how many of its rows are there still.</summary>
    private async Task<long> DeleteAsync(
        DbTransaction transaction,
        long count,
        long taken,
        CancellationToken cancellationToken
    )
    {
        if (taken == count)
        {
            return 0;
        }
        delete.Transaction = transaction;
        left.Transaction = transaction;
        var gone = await delete.ExecuteNonQueryAsync(cancellationToken);
        if (taken + gone == count)
        {
            return 0;
        }
        var remaining = await CountLeftAsync(cancellationToken);
        // Rows that refer to one another by a required key go level by level, the referring ones first.
        while (refersToItself && remaining > 0 && gone > 0)
        {
            gone = await delete.ExecuteNonQueryAsync(cancellationToken);
            remaining = await CountLeftAsync(cancellationToken);
        }
        return remaining;
    }

    private async Task<long> CountLeftAsync(CancellationToken cancellationToken) =>
        Convert.ToInt64(
            await left.ExecuteScalarAsync(cancellationToken),
            System.Globalization.CultureInfo.InvariantCulture
        );

    /// <summary>No row of any table may refer to the row that goes, itself aside; engines would cascade, or fail a whole batch.</summary>
    private IEnumerable<string> Unreferenced(ScopePlan plan)
    {
        var table = shape.Dataset.Table.Name;
        foreach (var child in plan.Catalogue.Tables.Where(child => !child.IsView))
        {
            foreach (var link in child.ForeignKeys.Where(link => Refers(link, table)))
            {
                var isSelf = string.Equals(child.Name, table, StringComparison.OrdinalIgnoreCase);
                var butItself = isSelf ? $" AND NOT ({dialect.Pairwise("c", shape.Key, "t", shape.Key)})" : "";
                // The parent's column stands on the left: it is its collation that the engine's own check goes by.
                yield return $" AND NOT EXISTS (SELECT 1 FROM {dialect.Table(child.Name)} c WHERE {dialect.Pairwise("t", link.ReferencedColumns, "c", link.Columns)}{butItself})";
            }
        }
    }

    private static bool Refers(ForeignKey link, string table) =>
        string.Equals(link.ReferencedTable, table, StringComparison.OrdinalIgnoreCase);

    private async Task UpdateAsync(RowFate fate, DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (!updates.TryGetValue(fate, out var update))
        {
            updates[fate] = update = RowUpdate.For(batch, fate, dialect, connection, key);
        }
        if (update is not null)
        {
            await update.ApplyAsync(transaction, cancellationToken);
        }
    }
}

/// <summary>What batches have done so far; travels in the cursor.</summary>
internal sealed record BatchCounts(long Deleted, long Anonymised, long Unlinked, long Reduced, long Remaining)
{
    public static BatchCounts None { get; } = new(0, 0, 0, 0, 0);
}
