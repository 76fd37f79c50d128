using System.Data.Common;

namespace Portability.Exports.Rows;

/// <summary>Rows together with the connection, and so the snapshot, that they are read from.</summary>
internal sealed class RowSource(DbConnection connection, RowReader rows, DateTimeOffset snapshot) : IAsyncDisposable
{
    public RowReader Rows { get; } = rows;

    public DateTimeOffset Snapshot { get; } = snapshot;

    public async ValueTask DisposeAsync()
    {
        Rows.Dispose();
        await connection.DisposeAsync();
    }
}
