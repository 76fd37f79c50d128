using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>
/// A moment of a SQLite database in write-ahead mode: a read transaction that stays open keeps its pages in the log, and further
/// connections are put to the same place in the log.
/// </summary>
internal sealed class SqliteSharedSnapshot(
    string system,
    SqliteConnection keeper,
    sqlite3_snapshot snapshot,
    Func<CancellationToken, Task<SqliteConnection>> open
) : ISharedSnapshot
{
    /// <inheritdoc />
    public string Name { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Holds the snapshot of a connection's read transaction; null when the database is not in write-ahead mode.</summary>
    public static SqliteSharedSnapshot? TryHold(
        string system,
        SqliteConnection keeper,
        Func<CancellationToken, Task<SqliteConnection>> open
    ) =>
        raw.sqlite3_snapshot_get(keeper.Handle!, "main", out var snapshot) == raw.SQLITE_OK
            ? new(system, keeper, snapshot, open)
            : null;

    /// <inheritdoc />
    public async Task<DbConnection> OpenReadAsync(CancellationToken cancellationToken)
    {
        var connection = await open(cancellationToken);
        try
        {
            // A connection must have looked at the file once to know that it is in write-ahead mode.
            await RunAsync(connection, "PRAGMA application_id; BEGIN", cancellationToken);
            var result = raw.sqlite3_snapshot_open(connection.Handle!, "main", snapshot);
            if (result != raw.SQLITE_OK)
            {
                throw new SourceUnreachableException(system, $"its snapshot is lost (SQLite error {result})");
            }
            await RunAsync(connection, "SELECT count(*) FROM sqlite_schema", cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        snapshot.Dispose();
        await keeper.DisposeAsync();
    }

    private static async Task RunAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
