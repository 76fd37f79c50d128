using System.Diagnostics;
using System.Globalization;

namespace Local.Tests.DurableTask;

/// <summary>Crash runs one after the other until a number of kills is reached: <c>./bench crash</c>.</summary>
internal static class CrashSeries
{
    private const int KillsPerRun = 20;

    /// <summary>Gives 0 when every run held; the first that does not is reported with what repeats it.</summary>
    public static async Task<int> RunAsync(string[] options)
    {
        if (
            !TryRead(options, "--points", 200, out int points)
            || !TryRead(options, "--seed", Environment.TickCount, out int seed)
            || points < 1
        )
        {
            await Console.Error.WriteLineAsync("usage: bench crash [--points N] [--seed S]");
            return 2;
        }
        Console.WriteLine($"{points} kills, seed {seed}");
        long begun = Stopwatch.GetTimestamp();
        var random = new Random(seed);
        int killed = 0;
        for (int run = 0; killed < points; run++)
        {
            int kills = Math.Min(KillsPerRun, points - killed);
            var said = new List<string>();
            var crash = new CrashRun(random.Next(), kills, said.Add);
            bool settles = run % 2 == 1;
            try
            {
                await (settles ? crash.SettleAsync() : crash.WorkAsync());
            }
            catch (Exception fault)
            {
                said.ForEach(Console.WriteLine);
                await Console.Error.WriteLineAsync(
                    $"Failed after {killed} kills; --points {points} --seed {seed} draws the same moments.\n{fault}"
                );
                return 1;
            }
            killed += kills;
            Console.WriteLine(
                $"{killed} kills: "
                    + (settles ? "no day lost or early while settling" : "nothing lost, no round entered twice")
            );
        }
        string seconds = Stopwatch.GetElapsedTime(begun).TotalSeconds.ToString("F0", CultureInfo.InvariantCulture);
        Console.WriteLine($"All orchestrations completed after {points} kills, {seconds} s, seed {seed}");
        return 0;
    }

    private static bool TryRead(string[] options, string name, int otherwise, out int value)
    {
        value = otherwise;
        int at = Array.IndexOf(options, name);
        return at < 0
            || (
                at + 1 < options.Length
                && int.TryParse(options[at + 1], NumberStyles.Integer, CultureInfo.InvariantCulture, out value)
            );
    }
}
