using System.Globalization;
using Microsoft.Data.Sqlite;
using Portability.Demo;

namespace Portability.Benchmarks.Erasure;

/// <summary>
/// A whole erasure of one tenant against a hand-written script of DELETE statements, run by the database's own shell on a
/// copy of the same database. Pairs in turn, each on a fresh copy.
/// </summary>
internal static class ErasureBenchmark
{
    private const int Pairs = 5;

    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(long rows)
    {
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        await using var storage = await AzuriteProcess.StartAsync();
        try
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows in 10 tables, medians of {Pairs} pairs")
            );
            var database = Path.Combine(folder.FullName, "bench.db");
            await MakeAsync(database, rows);
            await MakeAsync(WarmUp(folder.FullName), rows / 10);
            // What a small function host is given: the collector otherwise takes what a large machine has.
            Environment.SetEnvironmentVariable("DOTNET_GCHeapHardLimit", "0x4000000");
            // Instrumented code is for processes that live for days; this one is measured within a minute.
            Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
            return [await SqliteAsync(folder.FullName, database, storage.ConnectionString)];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string WarmUp(string folder) => Path.Combine(folder, "warm-up.db");

    private static async Task<BenchmarkResult> SqliteAsync(string folder, string database, string storage)
    {
        var map = Path.Combine(folder, "sqlite.datamap.json");
        await File.WriteAllTextAsync(map, ErasureData.Map.Replace("PROVIDER", "sqlite", StringComparison.Ordinal));
        var script = Path.Combine(folder, "delete.sql");
        await File.WriteAllTextAsync(script, ErasureData.Script);
        var copy = Path.Combine(folder, "copy.db");
        var warm = Path.Combine(folder, "warm-copy.db");
        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        for (var pair = 0; pair < Pairs; pair++)
        {
            Copy(database, copy);
            peer.Add(await MeasuredProcess.RunAsync("sqlite3", copy, $".read '{script}'"));
            Copy(database, copy);
            Copy(WarmUp(folder), warm);
            ours.Add(
                await MeasuredProcess.ReadAsync(
                    Environment.ProcessPath!,
                    "erase",
                    map,
                    $"Data Source={warm}",
                    $"Data Source={copy}",
                    storage
                )
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  pair {pair + 1}: sqlite3 {peer[^1].Elapsed.TotalSeconds:F2} s, ours {Total(ours[^1]):F2} s ({string.Join(", ", ours[^1].Lines.TakeLast(5))})"
                )
            );
        }
        var erased = Number(ours[0], "rows");
        var result = new BenchmarkResult(
            "erasure/sqlite",
            Math.Round(erased / Median(ours, Total)),
            Math.Round(erased / Median(peer, Elapsed)),
            "sqlite3 script",
            Math.Round(Median(peer, Elapsed) / Median(ours, Total), 2),
            "rows per second",
            Math.Round(ours.Max(run => run.PeakRssMb), 1)
        );
        Console.WriteLine(result);
        return result;
    }

    private static double Median(List<MeasuredProcess> runs, Func<MeasuredProcess, double> seconds) =>
        runs.Select(seconds).Order().ElementAt(runs.Count / 2);

    private static double Elapsed(MeasuredProcess run) => run.Elapsed.TotalSeconds;

    /// <summary>Seconds of the erasure itself, in a process that has done a small one before.</summary>
    private static double Total(MeasuredProcess run) => Number(run, "total");

    private static double Number(MeasuredProcess run, string what) =>
        double.Parse(
            run.Lines.Last(line => line.StartsWith($"{what} ", StringComparison.Ordinal))[(what.Length + 1)..],
            CultureInfo.InvariantCulture
        );

    private static void Copy(string from, string to)
    {
        File.Delete($"{to}-wal");
        File.Delete($"{to}-shm");
        File.Copy(from, to, overwrite: true);
    }

    private static async Task MakeAsync(string database, long rows)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        IEnumerable<string> statements =
        [
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000",
            ErasureData.Schema,
            "BEGIN",
            .. ErasureData.Fill(rows),
            "COMMIT",
            ErasureData.Indexes,
            "PRAGMA journal_mode = WAL",
        ];
        foreach (var sql in statements)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }
    }
}
