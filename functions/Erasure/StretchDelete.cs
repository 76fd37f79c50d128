using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Deletes the rows of a batch in one statement that walks the stretch of the table they lie in and asks of each row on its way whether
/// it is one of them: a statement for each row has to find its place anew. Only where the engine can ask, and for rows that lie close
/// together; a stretch full of other rows would keep the write lock for nothing.
/// </summary>
internal sealed class StretchDelete : IAsyncDisposable
{
    private const string Function = "is_doomed";

    /// <summary>Row numbers, of whomever, to a row that goes.</summary>
    private const int MostApart = 16;

    private readonly DbCommand delete;
    private NumberRows doomed;
    private int at;

    private StretchDelete(RowTable batch, SqlDialect dialect, DbConnection connection, string where)
    {
        var shape = batch.Shape;
        doomed = new(shape.SealedColumns.Count());
        dialect.Provide(connection, Function, doomed.Columns, IsDoomed);
        var key = $"t.{dialect.Quote(shape.Key[0])}";
        delete = connection.Prepare(
            $"DELETE FROM {dialect.Table(shape.Dataset.Table.Name)} AS t WHERE {key} BETWEEN @first AND @last AND {Function}({dialect.Columns(shape.SealedColumns, "t")}){where}"
        );
    }

    /// <summary>Null where the engine, or the table's key or witnesses, are not such.</summary>
    /// <param name="batch">Of the dataset.</param>
    /// <param name="dialect">The engine's ways.</param>
    /// <param name="connection">Deletes.</param>
    /// <param name="where">Further conditions on a row (alias t), beginning with AND, or nothing.</param>
    public static StretchDelete? For(RowTable batch, SqlDialect dialect, DbConnection connection, string where)
    {
        var shape = batch.Shape;
        var table = shape.Dataset.Table;
        var canAsk =
            shape.Key.Count == 1
            && table.Find(shape.Key[0]) is { } key
            && shape.SealedColumns.All(column => table.Find(column) is { } live && dialect.CanAsk(live, key));
        return canAsk ? new(batch, dialect, connection, where) : null;
    }

    /// <summary>Deletes what goes of the batch, and gives how many rows did; null where it is not for this way, and nothing was done.</summary>
    public async Task<long?> TryAsync(DbTransaction transaction, SealedRows rows, CancellationToken cancellationToken)
    {
        doomed.Clear();
        var feed = rows.Feed(fate => fate == RowFate.Delete);
        while (feed.Next(doomed)) { }
        if (!doomed.AreFit || doomed.First is not { } first || doomed.Last is not { } last)
        {
            return null;
        }
        if ((UInt128)((Int128)last - first) > (UInt128)doomed.Count * MostApart)
        {
            return null;
        }
        at = 0;
        delete.Transaction = transaction;
        delete.Bind("@first", first);
        delete.Bind("@last", last);
        return await delete.ExecuteNonQueryAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => delete.DisposeAsync();

    /// <summary>As <see cref="RowTable.Same"/>: the key, and witnesses that are the same or were emptied.</summary>
    private bool IsDoomed(ReadOnlySpan<long?> live)
    {
        if (live[0] is not { } key)
        {
            return false;
        }
        // The table is walked in the order that the batch has; should an engine ever think of another, it is still right.
        if (at > 0 && doomed.Key(at - 1) >= key)
        {
            at = 0;
        }
        while (at < doomed.Count && doomed.Key(at) < key)
        {
            at++;
        }
        return at < doomed.Count && doomed.Key(at) == key && doomed.IsWitnessed(at, live);
    }
}
