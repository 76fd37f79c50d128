using System.Globalization;

namespace Portability.Benchmarks.Exports;

/// <summary>
/// Runs of a peer and of ours, in pairs, one right after the other: what else the machine does then slows both. Says what it found, run
/// by run and in the end.
/// </summary>
/// <param name="name">What is compared.</param>
/// <param name="peerName">With what.</param>
/// <param name="bar">The ratio that is promised.</param>
/// <param name="limit">What profiles show the time to go into.</param>
internal sealed class PairedRuns(string name, string peerName, double bar, string limit)
{
    private readonly List<MeasuredProcess> _peer = [];
    private readonly List<MeasuredProcess> _ours = [];

    public async Task RunAsync(int pairs, Func<Task<MeasuredProcess>> peer, Func<Task<MeasuredProcess>> ours)
    {
        Console.WriteLine($"{name}: load of the machine {await LoadAsync()}");
        for (var pair = 1; pair <= pairs; pair++)
        {
            _peer.Add(await peer());
            _ours.Add(await ours());
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  pair {pair}: {peerName} {_peer[^1].Elapsed.TotalSeconds:F2} s, {_peer[^1].PeakRssMb:F0} MB; ours {_ours[^1].Elapsed.TotalSeconds:F2} s, {_ours[^1].PeakRssMb:F0} MB; ratio {_peer[^1].Elapsed / _ours[^1].Elapsed:F2}"
                )
            );
        }
    }

    /// <summary>Medians, and the largest peak of memory.</summary>
    public BenchmarkResult Result(double millionRows)
    {
        var ratio = Median(_peer.Zip(_ours, (theirs, own) => theirs.Elapsed / own.Elapsed));
        var result = new BenchmarkResult(
            $"exports/{name}",
            Math.Round(Median(_ours.Select(run => run.Elapsed.TotalSeconds)) / millionRows, 3),
            Math.Round(Median(_peer.Select(run => run.Elapsed.TotalSeconds)) / millionRows, 3),
            peerName,
            Math.Round(ratio, 2),
            "s per million rows",
            Math.Round(_ours.Max(run => run.PeakRssMb), 1)
        );
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{result} (peer {_peer.Max(run => run.PeakRssMb):F1} MB); promised {bar}: {(ratio >= bar ? "kept" : "NOT kept")}; limit: {limit}"
            )
        );
        return result;
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }

    private static async Task<string> LoadAsync() =>
        File.Exists("/proc/loadavg") ? (await File.ReadAllTextAsync("/proc/loadavg")).Split(' ')[0] : "unknown";
}
