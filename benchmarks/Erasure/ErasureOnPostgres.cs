using System.Globalization;
using Npgsql;
using Portability.Demo;

namespace Portability.Benchmarks.Erasure;

/// <summary>
/// A PostgreSQL server of our own, as the tests start it, and the <c>psql</c> shell. It does not wait for its disk, to the good of
/// both sides alike.
/// </summary>
internal sealed class ErasureOnPostgres(PostgresProcess server, string folder) : IErasureEngine
{
    public const string Name = "postgres";

    public string Provider => Name;

    public string PeerName => "psql script";

    public string WarmUp => server.ConnectionStringOf("warm_copy");

    public string Copy => server.ConnectionStringOf("copy");

    public static async Task<ErasureOnPostgres> CreateAsync(string folder, long rows)
    {
        var made = new ErasureOnPostgres(await PostgresProcess.StartAsync(), folder);
        await made.MakeAsync("bench", rows);
        await made.MakeAsync("warm_up", rows / 10);
        await File.WriteAllTextAsync(made.Script, ErasureData.Script);
        return made;
    }

    public async Task RenewAsync()
    {
        foreach (var (from, to) in new[] { ("bench", "copy"), ("warm_up", "warm_copy") })
        {
            await RunAsync(
                "postgres",
                $"DROP DATABASE IF EXISTS {to} WITH (FORCE)",
                $"CREATE DATABASE {to} TEMPLATE {from}"
            );
        }
    }

    public Task<MeasuredProcess> RunScriptAsync()
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        return MeasuredProcess.RunAsync(
            "env",
            $"PGPASSWORD={connection.Password}",
            PostgresProcess.Program("psql"),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            connection.Host!,
            "-p",
            connection.Port.ToString(CultureInfo.InvariantCulture),
            "-U",
            connection.Username!,
            "-d",
            "copy",
            "-f",
            Script
        );
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private string Script => Path.Combine(folder, "delete.postgres.sql");

    private async Task MakeAsync(string name, long rows)
    {
        await RunAsync("postgres", $"CREATE DATABASE {name}");
        await RunAsync(
            name,
            [ErasureData.Schema, .. ErasureData.Fill(rows), ErasureData.Indexes, "VACUUM ANALYZE", "CHECKPOINT"]
        );
    }

    private async Task RunAsync(string database, params IReadOnlyList<string> statements)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionStringOf(database) + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }
}
