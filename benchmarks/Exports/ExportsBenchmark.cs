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
        if (cases.Count == 0)
        {
            return [];
        }

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
        var runs = new PairedRuns(item.Name, item.PeerName, item.Bar, item.Limit);
        await runs.RunAsync(
            pairs,
            () => item.PeerAsync(database, Path.ChangeExtension(database, $".peer.{item.Name}")),
            () => item.OursAsync(database, Path.ChangeExtension(database, $".ours.{item.Name}"))
        );
        return runs.Result(million);
    }
}
