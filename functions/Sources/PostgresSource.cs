using System.Data.Common;
using System.Net.Sockets;
using Npgsql;

namespace Portability.Sources;

/// <summary>A PostgreSQL database.</summary>
/// <remarks>
/// Reads run in a transaction that is repeatable and read only. It never waits for writers nor they for it; it keeps the server from
/// removing rows that were deleted since it began. Row-level security is set to fail rather than to hide rows.
/// </remarks>
public sealed class PostgresSource : ISqlSource
{
    // What an export or a seal must not be ended by, and how values are spelt wherever the server spells them. Compiling a query's
    // expressions costs more than these short ones take.
    internal const string Session = """
        SET search_path = ''; SET row_security = off; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
        SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET work_mem = '32MB'; SET jit = off;
        """;

    // Looks up sealed keys in the order they have, as batches do.
    private const string Work = "SET random_page_cost = 1.1;";

    // One statement of a batch may take this long, and wait so long for others' locks; a batch that fails is repeated. A batch looks its
    // rows up in the order of their keys, so most pages are at hand: told otherwise, the server reads large tables whole for each. One
    // that nobody goes on with is given up before its fence runs out (60 s): a host that was frozen cannot commit past it.
    private const string WriteSession = """
        SET random_page_cost = 1.1; SET work_mem = '32MB';
        SET row_security = off; SET lock_timeout = '30s'; SET statement_timeout = '120s'; SET idle_in_transaction_session_timeout = '45s';
        SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'iso_8601'; SET jit = off;
        """;

    private readonly string connectionString;
    private readonly string? schema;

    /// <param name="system">The data map's name of the system.</param>
    /// <param name="connectionString">As Npgsql reads it.</param>
    /// <param name="schema">The one schema that is read, its tables going by their bare names; null for all.</param>
    public PostgresSource(string system, string connectionString, string? schema = null)
    {
        System = system;
        this.schema = schema;
        Dialect = new PostgresDialect(schema ?? PostgresNames.DefaultSchema);
        try
        {
            var builder = new NpgsqlConnectionStringBuilder(connectionString)
            {
                Enlist = false,
                // A silent network is noticed within minutes, also in the middle of a table.
                TcpKeepAlive = true,
                TcpKeepAliveTime = 30,
                TcpKeepAliveInterval = 10,
                // Rows come in a stream: fewer, larger reads.
                ReadBufferSize = 64 * 1024,
                // Just under what a host grants an activity.
                CommandTimeout = 230,
            };
            builder.ApplicationName ??= "portability";
            this.connectionString = builder.ToString();
        }
        catch (ArgumentException unreadable)
        {
            throw new SourceUnreachableException(system, $"its connection string cannot be read: {unreadable.Message}");
        }
    }

    /// <inheritdoc />
    public string System { get; }

    /// <inheritdoc />
    public SqlDialect Dialect { get; }

    /// <inheritdoc />
    public async Task<Catalogue> ReadCatalogueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(
            $"{Session} BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            cancellationToken
        );
        return await new PostgresCatalogue(connection, schema).ReadAsync(System, cancellationToken);
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenReadAsync(CancellationToken cancellationToken)
    {
        // BEGIN alone takes no snapshot: the first query does. Its name lets further connections read the same.
        var connection = await OpenAsync(
            $"{Session} BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            cancellationToken
        );
        return await KeepAsync(connection, cancellationToken);
    }

    private static async Task<NpgsqlConnection> KeepAsync(
        NpgsqlConnection connection,
        CancellationToken cancellationToken
    )
    {
        try
        {
            await using var command = new NpgsqlCommand("SELECT pg_export_snapshot()", connection);
            PostgresSnapshots.Keep(connection, (string)(await command.ExecuteScalarAsync(cancellationToken))!);
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
        // Before the snapshot: what is written anew between the two is found then, too.
        var marks = await MarksAsync(tables, cancellationToken);
        var keeper = (NpgsqlConnection)await OpenReadAsync(cancellationToken);
        return new SharedSnapshot(this, keeper, marks);
    }

    private async Task<IReadOnlyDictionary<string, string[]?>> MarksAsync(
        IEnumerable<string> tables,
        CancellationToken cancellationToken
    )
    {
        await using var connection = await OpenAsync(Session, cancellationToken);
        return await PostgresRewrites.MarksAsync(
            connection,
            [.. tables.Select(Dialect.Table).Distinct(StringComparer.Ordinal)],
            cancellationToken
        );
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenWorkAsync(CancellationToken cancellationToken)
    {
        // Not READ ONLY: that forbids making temporary tables too. The transaction is never committed.
        return await OpenAsync($"{Session} {Work} BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1", cancellationToken);
    }

    /// <inheritdoc />
    public async Task<DbConnection> OpenWriteAsync(CancellationToken cancellationToken)
    {
        return await OpenAsync(WriteSession, cancellationToken);
    }

    /// <inheritdoc />
    public async Task ScrubAsync(CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(
            "SET lock_timeout = '30s'; SET statement_timeout = 0",
            cancellationToken
        );
        await PostgresScrub.AllAsync(connection, cancellationToken);
    }

    /// <inheritdoc />
    public async Task ScrubAsync(TableInfo table, CancellationToken cancellationToken)
    {
        await using var connection = await OpenAsync(
            "SET lock_timeout = '30s'; SET statement_timeout = 0",
            cancellationToken
        );
        await PostgresScrub.TableAsync(connection, Dialect.Table(table.Name), cancellationToken);
    }

    private async Task<NpgsqlConnection> OpenAsync(string first, CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(connectionString);
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand(first, connection);
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch (Exception unreachable)
            when (unreachable is DbException or SocketException or TimeoutException or IOException)
        {
            await connection.DisposeAsync();
            throw new SourceUnreachableException(System, unreachable.Message, unreachable);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>A transaction that stays open and whose exported snapshot others take over.</summary>
    private sealed class SharedSnapshot(
        PostgresSource source,
        NpgsqlConnection keeper,
        IReadOnlyDictionary<string, string[]?> marks
    ) : ISharedSnapshot
    {
        public string Name { get; } = PostgresSnapshots.NameOf(keeper)!;

        public async Task<DbConnection?> OpenReadAsync(CancellationToken cancellationToken)
        {
            var connection = await source.OpenAsync(PostgresSnapshots.Begin(Name), cancellationToken);
            // Under a name of its own, so that further queries of the same file do not need the keeper.
            return await KeepAsync(connection, cancellationToken);
        }

        public async Task<string?> FindRewrittenAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken)
        {
            var now = await source.MarksAsync(tables, cancellationToken);
            return tables.FirstOrDefault(table =>
                source.Dialect.Table(table) is var name
                && PostgresRewrites.IsRewritten(marks.GetValueOrDefault(name), now[name])
            );
        }

        public async ValueTask DisposeAsync()
        {
            try
            {
                await keeper.DisposeAsync();
            }
            catch (NpgsqlException)
            {
                // The server ended the connection before us: then nothing is held any more.
            }
        }
    }
}
