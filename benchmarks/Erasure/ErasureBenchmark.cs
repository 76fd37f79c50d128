using System.Globalization;
using Portability.Demo;

namespace Portability.Benchmarks.Erasure;

/// <summary>
/// A whole erasure of one tenant against a hand-written script of DELETE statements, run by the database's own shell on a
/// copy of the same database. Pairs in turn, each on a fresh copy.
/// </summary>
internal static class ErasureBenchmark
{
    private static readonly string[] Phases = ["seal", "erase", "verify"];

    /// <param name="rows">Rows of the tenant that goes.</param>
    /// <param name="pairs">How often each side runs.</param>
    /// <param name="only">Engines, by name; all when empty.</param>
    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(long rows, int pairs, string[] only)
    {
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        await using var storage = await AzuriteProcess.StartAsync();
        var results = new List<BenchmarkResult>();
        try
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{rows:N0} rows in 10 tables, medians of {pairs} pairs")
            );
            // What a small function host is given: the collector otherwise takes what a large machine has.
            Environment.SetEnvironmentVariable("DOTNET_GCHeapHardLimit", "0x4000000");
            // It stands for a host that has long been up, whose code is compiled for good: not a second time while it is measured.
            Environment.SetEnvironmentVariable("DOTNET_TieredCompilation", "0");
            if (only.Length == 0 || only.Contains(ErasureOnSqlite.Name))
            {
                await using var sqlite = await ErasureOnSqlite.CreateAsync(folder.FullName, rows);
                results.Add(await CompareAsync(sqlite, folder.FullName, storage.ConnectionString, pairs));
            }
            if (only.Length == 0 || only.Contains(ErasureOnPostgres.Name))
            {
                await using var postgres = await ErasureOnPostgres.CreateAsync(folder.FullName, rows);
                results.Add(await CompareAsync(postgres, folder.FullName, storage.ConnectionString, pairs));
            }
            return results;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<BenchmarkResult> CompareAsync(
        IErasureEngine engine,
        string folder,
        string storage,
        int pairs
    )
    {
        var map = Path.Combine(folder, $"{engine.Provider}.datamap.json");
        await File.WriteAllTextAsync(
            map,
            ErasureData.Map.Replace("PROVIDER", engine.Provider, StringComparison.Ordinal)
        );
        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        for (var pair = 0; pair < pairs; pair++)
        {
            await engine.RenewAsync();
            peer.Add(await engine.RunScriptAsync());
            await engine.RenewAsync();
            ours.Add(
                await MeasuredProcess.ReadAsync(
                    Environment.ProcessPath!,
                    "erase",
                    map,
                    engine.WarmUp,
                    engine.Copy,
                    storage
                )
            );
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  pair {pair + 1}: {engine.PeerName} {Elapsed(peer[^1]):F2} s, ours {Total(ours[^1]):F2} s ({Split(phase => Number(ours[^1], phase))}), ratio {Elapsed(peer[^1]) / Total(ours[^1]):F2}, peak {ours[^1].PeakRssMb:F0} MB"
                )
            );
        }
        var erased = Number(ours[0], "rows");
        var result = new BenchmarkResult(
            $"erasure/{engine.Provider}",
            Math.Round(erased / Median(ours, Total)),
            Math.Round(erased / Median(peer, Elapsed)),
            engine.PeerName,
            Math.Round(Median(peer, Elapsed) / Median(ours, Total), 2),
            "rows per second",
            Math.Round(ours.Max(run => run.PeakRssMb), 1)
        );
        Console.WriteLine(result);
        Console.WriteLine($"  medians: {Split(phase => Median(ours, run => Number(run, phase)))}");
        return result;
    }

    private static string Split(Func<string, double> seconds) =>
        string.Join(
            ", ",
            Phases.Select(phase =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{phase} {seconds(phase):F2} s (cpu {seconds($"{phase}-cpu"):F2})"
                )
            )
        );

    private static double Median(List<MeasuredProcess> runs, Func<MeasuredProcess, double> seconds) =>
        runs.Select(seconds).Order().ElementAt(runs.Count / 2);

    private static double Elapsed(MeasuredProcess run) => run.Elapsed.TotalSeconds;

    /// <summary>Seconds of the erasure itself, in a process that has done a small one before.</summary>
    private static double Total(MeasuredProcess run) => Number(run, "total");

    /// <summary>What a line of the run says; the last one, where the warm-up wrote one too.</summary>
    private static double Number(MeasuredProcess run, string what) =>
        double.Parse(
            run.Lines.Last(line => line.StartsWith($"{what} ", StringComparison.Ordinal))[(what.Length + 1)..],
            CultureInfo.InvariantCulture
        );
}

/// <summary>A database engine with the benchmark's data, and its own shell.</summary>
internal interface IErasureEngine : IAsyncDisposable
{
    /// <summary>As the data map calls it.</summary>
    string Provider { get; }

    string PeerName { get; }

    /// <summary>Connection string of the small database.</summary>
    string WarmUp { get; }

    /// <summary>Connection string of the database that is measured.</summary>
    string Copy { get; }

    /// <summary>Makes both anew, full.</summary>
    Task RenewAsync();

    /// <summary>Has the shell run the script on the copy.</summary>
    Task<MeasuredProcess> RunScriptAsync();
}
