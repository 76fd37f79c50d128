using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>
/// One moment of a SQLite database with a write-ahead log: some readers that all began while writers were kept out, and so see the same.
/// They are lent one at a time and come back when they are disposed of; the engine can add none later.
/// </summary>
/// <remarks>
/// Writers go on meanwhile, and their log grows until the readers are gone. Without a write-ahead log a reader would keep them out for as
/// long as it reads, so nothing is held there.
/// </remarks>
internal sealed class SqliteSnapshot : ISharedSnapshot
{
    /// <summary>An export writes up to four files at once; more may be under way for a moment when one is begun again.</summary>
    private const int Readers = 6;

    private readonly Stack<Reader> _free = new();
    private readonly Func<Task> _tidy;
    private bool _ended;

    private SqliteSnapshot(Func<Task> tidy) => _tidy = tidy;

    public string Name { get; } = $"sqlite-{Guid.NewGuid():N}";

    /// <param name="openReader">Opens a given connection and begins its transaction.</param>
    /// <param name="writer">A connection that may write; nothing is written.</param>
    /// <param name="readers">Connection string of the readers.</param>
    /// <param name="tidy">Takes the log in, which holds old pages as long as somebody reads them: rows erased meanwhile, too.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null when the engine cannot hold one without keeping writers out.</returns>
    public static async Task<SqliteSnapshot?> HoldAsync(
        Func<SqliteConnection, Task> openReader,
        SqliteConnection writer,
        string readers,
        Func<Task> tidy,
        CancellationToken cancellationToken
    )
    {
        if (await ScalarAsync(writer, "PRAGMA journal_mode", cancellationToken) is not "wal")
        {
            return null;
        }

        try
        {
            // The write lock: whoever wants to commit waits until all readers have begun, some milliseconds.
            await ScalarAsync(writer, "BEGIN IMMEDIATE", cancellationToken);
        }
        catch (SqliteException)
        {
            // A database that may only be read, or a writer that does not end: each file then has a snapshot of its own.
            return null;
        }

        var snapshot = new SqliteSnapshot(tidy);
        try
        {
            for (var i = 0; i < Readers; i++)
            {
                var reader = new Reader(readers, snapshot);
                snapshot._free.Push(reader);
                await openReader(reader);
            }

            await ScalarAsync(writer, "ROLLBACK", cancellationToken);
            return snapshot;
        }
        catch
        {
            await snapshot.DisposeAsync();
            throw;
        }
    }

    public Task<DbConnection?> OpenReadAsync(CancellationToken cancellationToken)
    {
        lock (_free)
        {
            if (_ended || !_free.TryPop(out var reader))
            {
                return Task.FromResult<DbConnection?>(null);
            }

            reader.IsLent = true;
            return Task.FromResult<DbConnection?>(reader);
        }
    }

    public async ValueTask DisposeAsync()
    {
        List<Reader> free;
        lock (_free)
        {
            _ended = true;
            free = [.. _free];
            _free.Clear();
        }

        foreach (var reader in free)
        {
            await reader.DisposeAsync();
        }

        try
        {
            await _tidy();
        }
        catch (Exception left) when (left is SqliteException or SourceUnreachableException)
        {
            // Nothing depends on it now: an erasure takes the log in by itself.
        }
    }

    /// <summary>Takes a reader back; false when it is to be closed. One whose transaction an error ended would begin another moment.</summary>
    private bool TakeBack(Reader reader)
    {
        lock (_free)
        {
            if (_ended)
            {
                return false;
            }

            if (!reader.IsLent)
            {
                // Disposed of twice: it is back already.
                return true;
            }

            reader.IsLent = false;
            if (raw.sqlite3_get_autocommit(reader.Handle) != 0)
            {
                return false;
            }

            _free.Push(reader);
            return true;
        }
    }

    private static async Task<object?> ScalarAsync(
        SqliteConnection connection,
        string sql,
        CancellationToken cancellationToken
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private sealed class Reader(string connectionString, SqliteSnapshot snapshot) : SqliteConnection(connectionString)
    {
        public bool IsLent { get; set; }

        protected override void Dispose(bool disposing)
        {
            if (!disposing || State != System.Data.ConnectionState.Open || !snapshot.TakeBack(this))
            {
                base.Dispose(disposing);
            }
        }
    }
}
