using System.Globalization;

namespace Portability.Benchmarks.Engine;

/// <summary>
/// The embedded engine, durable on disk, against <c>@microsoft/durabletask-js</c> on its backend in memory: the same
/// orchestrations, each case a process of its own on either side, the peer's right before ours.
/// </summary>
internal static class EngineBenchmark
{
    private const int Rounds = 5;

    // A host runs for months, so its first seconds are not what is asked about: both sides compile their hot code while
    // they run, ours on a thread that the first rounds then lack.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(6);

    private const string Peer = "@microsoft/durabletask-js";

    public static async Task<IReadOnlyList<BenchmarkResult>> RunAsync(string peerScript)
    {
        Console.WriteLine($"Medians of {Rounds} rounds, each side warmed up for {WarmUp.TotalSeconds:F0} s");
        return
        [
            Shown(await CompareAsync("sequences", peerScript, perSecond: 10_000)),
            Shown(await CompareAsync("fan-out", peerScript, perSecond: 1_000)),
            Shown(await CompareAsync("events", peerScript, perSecond: null)),
            Shown(Alone("engine/timers", "s for 1,000 timers over 150 virtual days", await OwnAsync("timers"))),
            .. await OpenAsync(),
        ];
    }

    /// <summary>The rounds of one case, as the process started for it: a line of seconds each.</summary>
    public static async Task WriteRoundsAsync(string name, TimeSpan warmUp, int rounds)
    {
        var seconds =
            name == "timers"
                ? await EmbeddedCases.TimersAsync(warmUp, rounds)
                : await EngineCases.RunAsync(name, warmUp, rounds);
        foreach (var round in seconds)
        {
            Write(round);
        }
    }

    /// <summary>One line of seconds.</summary>
    public static void Write(double seconds) => Console.WriteLine(seconds.ToString("R", CultureInfo.InvariantCulture));

    private static async Task<BenchmarkResult> CompareAsync(string name, string peerScript, int? perSecond)
    {
        var peer = await MeasuredProcess.ReadAsync("node", [peerScript, name, .. Counts]);
        var ours = await OwnAsync(name);
        return new BenchmarkResult(
            $"engine/{name}",
            perSecond is { } count ? Math.Round(count / Median(ours)) : Math.Round(Median(ours), 3),
            perSecond is { } same ? Math.Round(same / Median(peer)) : Math.Round(Median(peer), 3),
            Peer,
            Math.Round(Median(peer) / Median(ours), 2),
            perSecond is null ? "s for 1,000 events" : "activities/s",
            Math.Round(ours.PeakRssMb, 1)
        );
    }

    private static async Task<IReadOnlyList<BenchmarkResult>> OpenAsync()
    {
        var folder = Directory.CreateTempSubdirectory("portability-bench-");
        try
        {
            var store = Path.Combine(folder.FullName, "engine.db");
            var filled = await MeasuredProcess.ReadAsync(Environment.ProcessPath!, "engine-fill", store);
            var restarts = new List<MeasuredProcess>();
            for (var round = 0; round < Rounds; round++)
            {
                restarts.Add(await MeasuredProcess.ReadAsync(Environment.ProcessPath!, "engine-restart", store));
            }

            var median = restarts.OrderBy(Median).ElementAt(Rounds / 2);
            return
            [
                Shown(
                    new BenchmarkResult(
                        "engine/open",
                        Math.Round(filled.PeakRssMb, 1),
                        null,
                        null,
                        null,
                        "MB with 10,000 orchestrations open",
                        Math.Round(filled.PeakRssMb, 1)
                    )
                ),
                Shown(Alone("engine/restart", "s until ready with 10,000 orchestrations open", median)),
            ];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Task<MeasuredProcess> OwnAsync(string name) =>
        MeasuredProcess.ReadAsync(Environment.ProcessPath!, ["engine-case", name, .. Counts]);

    private static string[] Counts =>
        [WarmUp.TotalSeconds.ToString(CultureInfo.InvariantCulture), Rounds.ToString(CultureInfo.InvariantCulture)];

    private static BenchmarkResult Alone(string name, string unit, MeasuredProcess run) =>
        new(name, Math.Round(Median(run), 3), null, null, null, unit, Math.Round(run.PeakRssMb, 1));

    private static BenchmarkResult Shown(BenchmarkResult result)
    {
        Console.WriteLine(result);
        return result;
    }

    private static double Median(MeasuredProcess run)
    {
        double[] seconds = [.. run.Lines.Select(line => double.Parse(line, CultureInfo.InvariantCulture)).Order()];
        return seconds.Length > 0
            ? seconds[seconds.Length / 2]
            : throw new InvalidOperationException("A run gave no figures.");
    }
}
