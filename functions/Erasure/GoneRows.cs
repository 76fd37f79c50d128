using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// A look whether any row under a sealed key is there at all. After a run that was to delete every row the answer is no, and one walk
/// over what is left of their stretch of the table gives it, where looking up each sealed key takes as long as deleting it did.
/// </summary>
internal static class GoneRows
{
    private const long MostBytes = 32L << 20;

    /// <summary>Keys, of whomever, to a sealed one; where they lie farther apart, a walk takes longer than looking each up.</summary>
    private const int MostApart = 16;

    /// <summary>True when none is; false when one is, or when the keys are not such as can be held in memory.</summary>
    public static async Task<bool> AreAllGoneAsync(
        RowShape shape,
        SqlDialect dialect,
        DbConnection connection,
        IAsyncEnumerable<SealedBatch> sealedRows,
        CancellationToken cancellationToken
    )
    {
        var table = shape.Dataset.Table;
        if (shape.Key.Count != 1 || table.Find(shape.Key[0]) is not { } key || !IsWhole(key, dialect))
        {
            return false;
        }
        var keys = new KeySet();
        var batch = new NumberRows(shape.SealedColumns.Count());
        await foreach (var chunk in sealedRows.WithCancellation(cancellationToken))
        {
            batch.Clear();
            var feed = chunk.Rows.Feed();
            while (feed.Next(batch)) { }
            if (!batch.AreAscending)
            {
                return false;
            }
            for (var row = 0; row < batch.Count; row++)
            {
                if (!keys.TryAdd(batch.Key(row)) || keys.Bytes > MostBytes)
                {
                    return false;
                }
            }
        }
        if (keys.First is not { } first || (UInt128)((Int128)keys.Last - first) > (UInt128)keys.Count * MostApart)
        {
            return false;
        }
        keys.Close();
        var look = keys.NewLook();
        await using var rows = await dialect.OpenRowsAsync(
            connection,
            $"SELECT t.{dialect.Quote(key.Name)} FROM {dialect.Table(table.Name)} t WHERE t.{dialect.Quote(key.Name)} BETWEEN @first AND @last",
            [("@first", first), ("@last", keys.Last)],
            cancellationToken
        );
        while (await rows.ReadAsync(cancellationToken))
        {
            if (look.Contains(rows.Integer(0)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool IsWhole(ColumnInfo key, SqlDialect dialect) =>
        dialect.IsStrict ? key is { Kind: ColumnKind.Integer, Nullable: false } : key.IsRowNumber;
}
