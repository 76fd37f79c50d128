using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Portability.Sources;

/// <summary>A SQLite database file.</summary>
public sealed class SqliteSource(string system, string connectionString) : ISqlSource
{
    private const int LockWaitSeconds = 30;

    // Where rows are looked up one by one, the engine's own 2 MB make it read the same pages again and again in a large database. Exports
    // read in the order of a key and gain nothing by more, and it would be taken for each part and each reader of a held snapshot.
    private const string CachePages = "PRAGMA cache_size = -8192";

    // A batch changes more pages than the engine's own 1000, most of them again in the next: they are brought home every 32 MB.
    private const string LogPages = "PRAGMA wal_autocheckpoint = 8192";

    // BEGIN alone takes no snapshot: the first read does.
    private const string BeginRead = "BEGIN; SELECT count(*) FROM sqlite_schema";

    /// <inheritdoc />
    public string System => system;

    /// <inheritdoc />
    public SqlDialect Dialect { get; } = new SqliteDialect();

    /// <inheritdoc />
    public async Task<Catalogue> ReadCatalogueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenReadAsync(cancellationToken);
        return await new SqliteCatalogue(connection).ReadAsync(system, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenReadAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(SqliteOpenMode.ReadOnly, cancellationToken);
        try
        {
            await RunAsync(connection, BeginRead, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenWorkAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenReadAsync(cancellationToken);
        try
        {
            await RunAsync((SqliteConnection)connection, CachePages, cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<ISharedSnapshot?> HoldSnapshotAsync(
        IReadOnlyList<string> tables,
        CancellationToken cancellationToken
    )
    {
        SqliteConnection writer;
        try
        {
            writer = await OpenAsync(SqliteOpenMode.ReadWrite, cancellationToken);
        }
        catch (SourceUnreachableException)
        {
            // It may only be read. If it is not there at all, the next reader says so.
            return null;
        }
        await using (writer)
        {
            return await SqliteSnapshot.HoldAsync(
                async reader =>
                {
                    await reader.OpenAsync(cancellationToken);
                    await RunAsync(reader, BeginRead, cancellationToken);
                },
                writer,
                Settings(SqliteOpenMode.ReadOnly),
                () => ScrubAsync(CancellationToken.None),
                cancellationToken
            );
        }
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenWriteAsync(CancellationToken cancellationToken)
    {
        var connection = await OpenAsync(SqliteOpenMode.ReadWrite, cancellationToken);
        try
        {
            await RunAsync(
                connection,
                $"PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; {CachePages}; {LogPages}",
                cancellationToken
            );
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task ScrubAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(SqliteOpenMode.ReadWrite, cancellationToken);
        await RunAsync(connection, "PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
    }

    private string Settings(SqliteOpenMode mode) =>
        new SqliteConnectionStringBuilder(connectionString)
        {
            Mode = mode,
            // A pooled connection could carry an open snapshot or a pragma over to the next user.
            Pooling = false,
            DefaultTimeout = LockWaitSeconds,
        }.ToString();

    private async Task<SqliteConnection> OpenAsync(SqliteOpenMode mode, CancellationToken cancellationToken)
    {
        var connection = new SqliteConnection(Settings(mode));
        try
        {
            await connection.OpenAsync(cancellationToken);
            return connection;
        }
        catch (SqliteException unreachable)
        {
            await connection.DisposeAsync();
            throw new SourceUnreachableException(system, unreachable.Message, unreachable);
        }
    }

    private static async Task RunAsync(SqliteConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
