using System.Diagnostics;
using System.Globalization;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>
/// Runs the crash program on one store, kills it as <c>kill -9</c> does at moments drawn from a seed, lets the last one
/// finish, and checks what came of it.
/// </summary>
internal sealed class CrashRun(int seed, int kills, Action<string> say)
{
    // Both programs log 40,000 bytes and more, so that every kill but perhaps the last finds work in progress.
    private const int BytesUntilLastKill = 30_000;

    /// <summary>Orchestrations with fans, timers, children, events and generations of themselves.</summary>
    public async Task WorkAsync()
    {
        using var folder = new StoreFolder();
        string log = folder.File("log.txt");
        string text = await RunWithKillsAsync("work", folder.Store, log);
        AssertLedgers(text, await File.ReadAllLinesAsync(log));
    }

    /// <summary>Timers of months, while the clock settles.</summary>
    public async Task SettleAsync()
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
        var random = new Random(seed);
        var progress = new List<long>();
        for (int kill = 0; kill < kills; kill++)
        {
            using Process host = Start(mode, store, log);
            Assert.Equal("ready", await host.StandardOutput.ReadLineAsync().WaitAsync(Patience * 2));
            await GrowsAsync(host, log, random.Next(0, 2 * BytesUntilLastKill / kills));
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
        say($"Bytes logged at each kill and at the end: {string.Join(", ", progress)}");
        say(text);
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

    private void AssertLedgers(string text, string[] log)
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
        Assert.InRange(seen.Length, CrashProgram.Events, CrashProgram.Events + kills);

        string[] appended = [.. log.Where(line => line.StartsWith("append ledger-", StringComparison.Ordinal))];
        Assert.Equal(CrashProgram.Instances * CrashProgram.Rounds * 4, appended.Distinct().Count());
        // Only what ran when a kill came runs again: at most four activities an instance and kill.
        Assert.InRange(appended.Length - appended.Distinct().Count(), 0, kills * CrashProgram.Instances * 4);
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
