using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Portability.Demo;
using Portability.Sources;

namespace Portability.Tests.Sources;

/// <summary>
/// One PostgreSQL for all tests of this process, started when the first test asks. It ends with the process, however that ends.
/// </summary>
public static class PostgresServer
{
    private static readonly SemaphoreSlim Making = new(1);
    private static readonly HashSet<string> Templates = new(StringComparer.Ordinal);
    private static PostgresProcess? server;
    private static int databases;

    /// <summary>The server itself.</summary>
    public static async Task<PostgresProcess> StartedAsync()
    {
        await Making.WaitAsync();
        try
        {
            return server ??= await PostgresProcess.StartAsync();
        }
        finally
        {
            Making.Release();
        }
    }

    /// <summary>A database made by a script. Scripts run once: a repeated one is copied as a template.</summary>
    public static async Task<PostgresDatabase> CreateAsync(string script = "")
    {
        var running = await StartedAsync();
        var template =
            "template_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(script)).AsSpan(0, 8));
        await Making.WaitAsync();
        try
        {
            if (!Templates.Contains(template))
            {
                await RunAsync(running.ConnectionString, $"DROP DATABASE IF EXISTS {template}");
                await RunAsync(running.ConnectionString, $"CREATE DATABASE {template}");
                if (script.Length > 0)
                {
                    await RunAsync(running.ConnectionStringOf(template), script);
                }
                Templates.Add(template);
            }
        }
        finally
        {
            Making.Release();
        }
        var database = new PostgresDatabase(
            running,
            FormattableString.Invariant($"test_{Interlocked.Increment(ref databases)}")
        );
        await RunAsync(running.ConnectionString, $"CREATE DATABASE {database.Name} TEMPLATE {template}");
        return database;
    }

    internal static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ToString()
        );
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A database of the tests' server, gone with the test.</summary>
public sealed class PostgresDatabase(PostgresProcess server, string name) : IAsyncDisposable
{
    public string Name => name;

    public string ConnectionString { get; } = server.ConnectionStringOf(name);

    public ISqlSource Source => new PostgresSource("lms", ConnectionString);

    public Task RunAsync(string sql) => PostgresServer.RunAsync(ConnectionString, sql);

    /// <summary>Rows as text, values joined by bars, so that two states compare exactly.</summary>
    public async Task<IReadOnlyList<string>> RowsAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection) { AllResultTypesAreUnknown = true };
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(
                string.Join(
                    '|',
                    Enumerable
                        .Range(0, reader.FieldCount)
                        .Select(index => reader.IsDBNull(index) ? "NULL" : reader.GetString(index))
                )
            );
        }
        return rows;
    }

    public async Task<long> CountAsync(string sql) =>
        long.Parse((await RowsAsync(sql)).Single(), System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync() =>
        await PostgresServer.RunAsync(server.ConnectionString, $"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
}
