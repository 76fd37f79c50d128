using System.Data;
using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Deletes a batch in two halves at once, each on a connection and in a transaction of its own: a server checks references row by row
/// and on one processor for each connection. Only where nothing goes along with a row, so that neither half waits for the other:
/// no triggers, no references within the table that still stand.
/// </summary>
/// <remarks>
/// A batch that does not go whole this way (rows already gone, rows referred to, another's lock) is put back, and left to be carried out
/// on one connection, which knows what to do with such rows.
/// </remarks>
internal sealed class BatchHalves(ISqlSource source, SqlBatches batches) : IAsyncDisposable
{
    private DbConnection? beside;
    private bool isOff;

    public bool Suits(SealedRows rows) =>
        !isOff && batches.GoesInHalves && rows.CanBeHalved && rows.Of(RowFate.Delete) == rows.Count;

    /// <summary>Begins the second half's transaction; null when the server grants no further connection.</summary>
    public async Task<DbTransaction?> BeginAsync(CancellationToken cancellationToken)
    {
        try
        {
            beside ??= await source.OpenWriteAsync(cancellationToken);
        }
        catch (SourceUnreachableException)
        {
            isOff = true;
            return null;
        }
        return await source.Dialect.BeginBatchAsync(beside, cancellationToken);
    }

    /// <summary>True when all rows went; else both transactions are to be rolled back.</summary>
    public async Task<bool> DeleteAsync(
        DbTransaction first,
        DbTransaction second,
        SealedRows rows,
        CancellationToken cancellationToken
    )
    {
        var (begin, end) = rows.Halves();
        try
        {
            var gone = await Task.WhenAll(
                batches.TakeHalfAsync(first, begin, cancellationToken),
                batches.TakeHalfAsync(second, end, cancellationToken)
            );
            return gone.Sum() == rows.Count;
        }
        catch (DbException) when (first.Connection is { State: ConnectionState.Open })
        {
            // Whatever it was, it will be seen again, and said, when the batch is carried out as one.
            isOff = true;
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (beside is not null)
        {
            await beside.DisposeAsync();
        }
    }
}
