using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Portability.Sources;

namespace Portability.Exports.Drill;

/// <summary>
/// A database made for one drill on a server where that is allowed. Its name tells what it is for; one that a killed drill left behind
/// is replaced by the next drill of the same dump.
/// </summary>
internal sealed class PostgresDrill : IDrillDatabase
{
    private readonly string _server;
    private readonly string _name;
    private readonly string _home;
    private readonly NpgsqlConnection _connection;

    private PostgresDrill(string server, string name, string home, NpgsqlConnection connection)
    {
        _server = server;
        _home = home;
        _name = name;
        _connection = connection;
    }

    public string Engine => "postgres";

    /// <param name="server">Connection string of a role that may create databases, to any database of the server.</param>
    /// <param name="subject">What is loaded: names the database.</param>
    /// <param name="home">The schema whose tables the source calls by their bare name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<PostgresDrill> CreateAsync(
        string server,
        string subject,
        string home,
        CancellationToken cancellationToken
    )
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(subject)).AsSpan(0, 12);
        var name = "portability_drill_" + Convert.ToHexStringLower(hash);
        await OnServerAsync(server, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)", cancellationToken);
        await OnServerAsync(server, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'", cancellationToken);
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server) { Database = name, Pooling = false }.ToString()
        );
        var drill = new PostgresDrill(server, name, home, connection);
        try
        {
            await connection.OpenAsync(cancellationToken);
            return drill;
        }
        catch
        {
            await drill.DisposeAsync();
            throw;
        }
    }

    public async Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, _connection) { CommandTimeout = 200 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>References were checked as the dump made them, so none can be broken here.</summary>
    public async Task<DrillCounts> CountAsync(CancellationToken cancellationToken)
    {
        var tables = new List<(string Name, string Sql)>();
        await using (
            var names = new NpgsqlCommand(
                "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
                    + "WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'",
                _connection
            )
        )
        await using (var reader = await names.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                var (schema, table) = (reader.GetString(0), reader.GetString(1));
                tables.Add((PostgresNames.Spell(schema, table, _home), PostgresNames.Qualify(schema, table)));
            }
        }

        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (name, sql) in tables)
        {
            await using var count = new NpgsqlCommand($"SELECT count(*) FROM {sql}", _connection);
            rows[name] = (long)(await count.ExecuteScalarAsync(cancellationToken))!;
        }

        return new DrillCounts(rows, 0);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await OnServerAsync(_server, $"DROP DATABASE IF EXISTS {_name} WITH (FORCE)", CancellationToken.None);
    }

    private static async Task OnServerAsync(string server, string sql, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(server) { Pooling = false }.ToString()
        );
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 200 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
