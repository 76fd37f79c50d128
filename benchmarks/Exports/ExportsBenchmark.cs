using System.Globalization;

namespace Portability.Benchmarks.Exports;

/// <summary>Exports beside programs that others wrote: the same database, the same run, ours and theirs in turn.</summary>
internal static class ExportsBenchmark
{
    /// <param name="rows">Rows of the table.</param>
    /// <param name="pairs">Runs of each side.</param>
    /// <param name="only">Names of cases; empty for all.</param>
    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(long rows, int pairs, IReadOnlyList<string> only)
    {
        var cases = ExportCase.All.Where(item => only.Count == 0 || only.Contains(item.Name)).ToList();
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        try
        {
            var database = Path.Combine(folder.FullName, "bench.db");
            await ActivityDatabase.MakeAsync(database, rows);
            var size = new FileInfo(database).Length / 1048576;
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{rows:N0} rows, {size} MB in SQLite, medians of {pairs} pairs, whole processes, {Environment.ProcessorCount} cores"
                )
            );
            var results = new List<BenchmarkResult>();
            foreach (var item in cases)
            {
                results.Add(await CompareAsync(item, database, pairs, rows / 1e6));
            }

            return results;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<BenchmarkResult> CompareAsync(ExportCase item, string database, int pairs, double million)
    {
        var ours = new List<MeasuredProcess>();
        var peer = new List<MeasuredProcess>();
        for (var pair = 0; pair < pairs; pair++)
        {
            peer.Add(await item.PeerAsync(database, Path.ChangeExtension(database, $".peer.{item.Name}")));
            ours.Add(await item.OursAsync(database, Path.ChangeExtension(database, $".ours.{item.Name}")));
        }

        // Of each pair by itself: what else the machine did then slowed both.
        var ratio = peer.Zip(ours, (theirs, own) => theirs.Elapsed / own.Elapsed).Order().ElementAt(pairs / 2);
        var result = new BenchmarkResult(
            $"exports/{item.Name}",
            Math.Round(Median(ours) / million, 3),
            Math.Round(Median(peer) / million, 3),
            item.PeerName,
            Math.Round(ratio, 2),
            "s per million rows",
            Math.Round(ours.Max(run => run.PeakRssMb), 1)
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{result} (peer {peer.Max(run => run.PeakRssMb):F1} MB); promised {item.Bar}; limited by {item.Limit}"
            )
        );
        return result;
    }

    private static double Median(List<MeasuredProcess> runs) =>
        runs.Select(run => run.Elapsed.TotalSeconds).Order().ElementAt(runs.Count / 2);
}
