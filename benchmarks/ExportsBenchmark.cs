using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portability.Benchmarks;

/// <summary>CSV against <c>sqlite3 -csv</c> and SQL dump against <c>sqlite3 .dump</c>: the same database, the same run, pairs in turn.</summary>
internal static class ExportsBenchmark
{
    private const int Pairs = 5;

    private const string Map = """
        {
          "systems": [{ "name": "bench", "kind": "sql", "provider": "sqlite", "connection": "Bench",
                        "tenant": { "table": "tenants", "column": "code" } }],
          "categories": { "all": "All" },
          "datasets": [
            { "table": "tenants", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "activity", "category": "all", "formats": ["csv", "sql"], "erase": "delete" }
          ]
        }
        """;

    // Twelve columns of the kinds an activity log has; a tenth of the texts need quotes.
    private const string Schema = """
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
        CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
        CREATE TABLE activity (
          id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), user_id INTEGER NOT NULL,
          course_id INTEGER, action TEXT NOT NULL, detail TEXT, address TEXT, agent TEXT, score REAL, duration INTEGER,
          happened_at DATETIME NOT NULL, flag BOOLEAN
        );
        INSERT INTO tenants VALUES (1, 'bench');
        """;

    private const string Fill = """
        BEGIN;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
        INSERT INTO activity SELECT i, 1, i % 5000, CASE WHEN i % 7 THEN i % 400 END,
          CASE i % 4 WHEN 0 THEN 'course.viewed' WHEN 1 THEN 'quiz.answered' WHEN 2 THEN 'material.opened' ELSE 'signed-in' END,
          CASE i % 10 WHEN 0 THEN 'Said "yes", then' || char(10) || 'left it''s room' ELSE 'Module ' || (i % 90) || ' Räksmörgås step ' || i END,
          '10.' || (i % 250) || '.' || (i % 31) || '.' || (i % 199), 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (i % 140),
          CASE WHEN i % 3 THEN (i % 1000) / 8.0 END, i % 3600, strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + i, 'unixepoch'), i % 2
        FROM n;
        COMMIT;
        """;

    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(long rows)
    {
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        try
        {
            var database = Path.Combine(folder.FullName, "bench.db");
            await MakeAsync(database, rows);
            var million = rows / 1e6;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows:N0} rows, medians of {Pairs} pairs, s per million rows"
                )
            );
            var csv = Path.Combine(folder.FullName, "peer.csv");
            var sql = Path.Combine(folder.FullName, "peer.sql");
            return
            [
                await CompareAsync(
                    "csv",
                    "sqlite3 -csv",
                    database,
                    ["-csv", "-header", database, $".output '{csv}'", "SELECT * FROM activity ORDER BY id"],
                    million
                ),
                await CompareAsync("sql", "sqlite3 .dump", database, [database, $".output '{sql}'", ".dump"], million),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<BenchmarkResult> CompareAsync(
        string format,
        string peerName,
        string database,
        string[] peerArguments,
        double million
    )
    {
        var target = Path.ChangeExtension(database, $".ours.{format}");
        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            peer.Add(await MeasuredProcess.RunAsync("sqlite3", peerArguments));
            ours.Add(await MeasuredProcess.RunAsync(Environment.ProcessPath!, "write", format, database, target));
        }

        var result = new BenchmarkResult(
            $"exports/{format}",
            Math.Round(Median(ours) / million, 3),
            Math.Round(Median(peer) / million, 3),
            peerName,
            Math.Round(Median(peer) / Median(ours), 2),
            "s per million rows",
            Math.Round(ours.Max(run => run.PeakRssMb), 1)
        );
        Console.WriteLine(result);
        return result;
    }

    private static double Median(List<MeasuredProcess> runs) =>
        runs.Select(run => run.Elapsed.TotalSeconds).Order().ElementAt(runs.Count / 2);

    private static async Task MakeAsync(string database, long rows)
    {
        await File.WriteAllTextAsync(Path.ChangeExtension(database, ".datamap.json"), Map);
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        foreach (var sql in new[] { Schema, Fill })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            if (sql == Fill)
            {
                command.Parameters.AddWithValue("$rows", rows);
            }

            await command.ExecuteNonQueryAsync();
        }
    }
}
