using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;
using static Local.Tests.DurableTask.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>Kills a host as <c>kill -9</c> does, at moments drawn from a seed that is printed.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Kills = 10;

    // Both programs log 40,000 bytes and more, so that every kill but perhaps the last finds work in progress.
    private const int MaxBytesBetweenKills = 6_000;

    [Fact]
    public async Task Host_KilledAtAnyMoment_LosesNothingAndRepeatsOnlyRunningActivities()
    {
        using var folder = new StoreFolder();
        string log = folder.File("log.txt");
        string text = await RunWithKillsAsync("work", folder.Store, log);
        AssertLedgers(text, await File.ReadAllLinesAsync(log));
    }

    [Fact]
    public async Task Host_KilledWhileItSettles_GoesOnWithoutALostOrEarlyDay()
    {
        using var folder = new StoreFolder();
        string log = folder.File("log.txt");
        Assert.Equal("settled\n", await RunWithKillsAsync("settle", folder.Store, log));

        string[] lines = await File.ReadAllLinesAsync(log);
        DateTimeOffset start = DateTimeOffset.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
        (string Id, int Day, DateTimeOffset At)[] ticks =
        [
            .. lines
                .Select(line => line.Split(' '))
                .Where(words => words is ["tick", _, _, _])
                .Select(words =>
                    (
                        words[1],
                        int.Parse(words[2], CultureInfo.InvariantCulture),
                        DateTimeOffset.Parse(words[3], CultureInfo.InvariantCulture)
                    )
                ),
        ];
        // After a crash overdue timers fire at once, a little later than their time; never before it.
        Assert.All(ticks, tick => Assert.InRange(tick.At - start.AddDays(tick.Day), TimeSpan.Zero, Patience * 2));
        foreach (var instance in ticks.GroupBy(tick => tick.Id))
        {
            Assert.Equal(Enumerable.Range(1, CrashProgram.Days), instance.Select(tick => tick.Day).Distinct());
            Assert.Equal(instance.Select(tick => tick.At).Order(), instance.Select(tick => tick.At));
        }
        Assert.Equal(CrashProgram.Instances, ticks.Select(tick => tick.Id).Distinct().Count());
    }

    /// <summary>Kills the host again and again; gives what the last one, left alone, wrote after "ready".</summary>
    private async Task<string> RunWithKillsAsync(string mode, string store, string log)
    {
        string? given = Environment.GetEnvironmentVariable("CRASH_SEED");
        int seed = given is null ? Environment.TickCount : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CRASH_SEED={seed}");
        var random = new Random(seed);
        var progress = new List<long>();
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process host = Start(mode, store, log);
            Assert.Equal("ready", await host.StandardOutput.ReadLineAsync().WaitAsync(Patience * 2));
            await GrowsAsync(host, log, random.Next(0, MaxBytesBetweenKills));
            // Kill is SIGKILL: no handler runs, nothing is flushed.
            host.Kill(entireProcessTree: false);
            await host.WaitForExitAsync();
            progress.Add(new FileInfo(log).Length);
        }

        using Process last = Start(mode, store, log);
        Assert.Equal("ready", await last.StandardOutput.ReadLineAsync().WaitAsync(Patience * 2));
        string text = await last.StandardOutput.ReadToEndAsync().WaitAsync(Patience * 4);
        await last.WaitForExitAsync();
        progress.Add(new FileInfo(log).Length);
        output.WriteLine($"Bytes logged at each kill and at the end: {string.Join(", ", progress)}");
        output.WriteLine(text);
        Assert.True(progress[0] < progress[^1], "No kill came before the work was done.");
        Assert.Equal(0, last.ExitCode);
        return text;
    }

    private static async Task GrowsAsync(Process host, string log, int bytes)
    {
        long enough = new FileInfo(log).Length + bytes;
        while (new FileInfo(log).Length < enough && !host.HasExited)
        {
            await Task.Delay(1);
        }
    }

    private static void AssertLedgers(string text, string[] log)
    {
        for (int i = 0; i < CrashProgram.Instances; i++)
        {
            Assert.Contains($"ledger-{i} Completed {CrashProgram.Rounds * 4}\n", text, StringComparison.Ordinal);
        }
        string collector = text.Split('\n').Single(line => line.StartsWith("collector", StringComparison.Ordinal));
        Assert.StartsWith("collector Completed ", collector, StringComparison.Ordinal);
        int[] seen = System.Text.Json.JsonSerializer.Deserialize<int[]>(collector["collector Completed ".Length..])!;
        // Acknowledged events are never lost; one whose acknowledgement was lost is sent again.
        Assert.Equal(Enumerable.Range(0, CrashProgram.Events), seen.Distinct().Order());
        Assert.InRange(seen.Length, CrashProgram.Events, CrashProgram.Events + Kills);

        string[] appended = [.. log.Where(line => line.StartsWith("append ledger-", StringComparison.Ordinal))];
        Assert.Equal(CrashProgram.Instances * CrashProgram.Rounds * 4, appended.Distinct().Count());
        // Only what ran when a kill came runs again: at most four activities an instance and kill.
        Assert.InRange(appended.Length - appended.Distinct().Count(), 0, Kills * CrashProgram.Instances * 4);
        for (int i = 0; i < CrashProgram.Instances; i++)
        {
            int[] rounds =
            [
                .. appended
                    .Where(line => line.StartsWith($"append ledger-{i} ", StringComparison.Ordinal))
                    .Select(line => int.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture)),
            ];
            // A round that was left is never entered again.
            Assert.Equal(rounds.Order(), rounds);
        }
    }

    private static Process Start(string mode, string store, string log)
    {
        string assembly = typeof(CrashProgram).Assembly.Location;
        return Process.Start(
            new ProcessStartInfo("dotnet", ["exec", assembly, mode, store, log])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
    }
}
