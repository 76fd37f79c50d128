using System.Globalization;
using Npgsql;
using Portability.Demo;

namespace Portability.Benchmarks.Exports;

/// <summary>CSV from PostgreSQL against <c>psql \copy</c>: the same table, server and run, pairs in turn.</summary>
internal static class PostgresExportsBenchmark
{
    /// <summary>What <c>--only</c> calls it.</summary>
    public const string Name = "csv-postgres";

    private const string Map = """
        {
          "systems": [{ "name": "bench", "kind": "sql", "provider": "postgres", "connection": "Bench",
                        "tenant": { "table": "tenants", "column": "code" } }],
          "categories": { "all": "All" },
          "datasets": [
            { "table": "tenants", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "activity", "category": "all", "formats": ["csv", "sql"], "erase": "delete" }
          ]
        }
        """;

    // The table of the SQLite case, in PostgreSQL's types.
    private const string Schema = """
        CREATE TABLE tenants (id bigint PRIMARY KEY, code text NOT NULL UNIQUE);
        CREATE TABLE activity (
          id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants (id), user_id bigint NOT NULL,
          course_id bigint, action text NOT NULL, detail text, address text, agent text, score double precision, duration bigint,
          happened_at timestamptz NOT NULL, flag boolean
        );
        INSERT INTO tenants VALUES (1, 'bench');
        """;

    private const string Fill = """
        INSERT INTO activity SELECT i, 1, i % 5000, CASE WHEN i % 7 > 0 THEN i % 400 END,
          CASE i % 4 WHEN 0 THEN 'course.viewed' WHEN 1 THEN 'quiz.answered' WHEN 2 THEN 'material.opened' ELSE 'signed-in' END,
          CASE i % 10 WHEN 0 THEN E'Said "yes", then\nleft it''s room' ELSE 'Module ' || (i % 90) || ' Räksmörgås step ' || i END,
          '10.' || (i % 250) || '.' || (i % 31) || '.' || (i % 199), 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (i % 140),
          CASE WHEN i % 3 > 0 THEN (i % 1000) / 8.0 END, i % 3600, to_timestamp(1700000000 + i), i % 2 = 1
        FROM generate_series(1, @rows) i
        """;

    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(long rows, int pairs)
    {
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        await using var server = await PostgresProcess.StartAsync();
        try
        {
            await MakeAsync(server.ConnectionString, rows);
            var database = Path.Combine(folder.FullName, "bench.db");
            await File.WriteAllTextAsync(Path.ChangeExtension(database, ".datamap.json"), Map);
            await File.WriteAllTextAsync(Path.ChangeExtension(database, ".connection"), server.ConnectionString);
            var target = Path.Combine(folder.FullName, "ours.csv");
            var runs = new PairedRuns(
                Name,
                "psql \\copy",
                1.0,
                "processor time: the server sends two parts at once, which is half of it, on the cores that format and hash them"
            );
            await runs.RunAsync(
                pairs,
                () => MeasuredProcess.RunAsync("env", Peer(server, Path.Combine(folder.FullName, "peer.csv"))),
                () => MeasuredProcess.RunAsync(Environment.ProcessPath!, "write", "csv", database, target)
            );
            return [runs.Result(rows / 1e6)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] Peer(PostgresProcess server, string target)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString);
        return
        [
            $"PGPASSWORD={connection.Password}",
            PostgresProcess.Program("psql"),
            "-X",
            "-q",
            "-h",
            connection.Host!,
            "-p",
            connection.Port.ToString(CultureInfo.InvariantCulture),
            "-U",
            connection.Username!,
            "-d",
            connection.Database!,
            "-c",
            $"\\copy (SELECT * FROM activity ORDER BY id) TO '{target}' CSV HEADER",
        ];
    }

    private static async Task MakeAsync(string connectionString, long rows)
    {
        await using var connection = new NpgsqlConnection(connectionString + ";Pooling=false");
        await connection.OpenAsync();
        foreach (var sql in new[] { Schema, Fill, "VACUUM ANALYZE activity, tenants" })
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            if (sql == Fill)
            {
                command.Parameters.AddWithValue("rows", rows);
            }

            await command.ExecuteNonQueryAsync();
        }
    }
}
