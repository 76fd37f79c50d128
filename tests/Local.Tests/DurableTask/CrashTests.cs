using System.Diagnostics;
using System.Globalization;
using Xunit.Abstractions;
using static Local.Tests.DurableTask.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>Kills a host as <c>kill -9</c> does, at moments drawn from a seed that is printed.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Kills = 8;

    [Fact]
    public async Task Host_KilledAtAnyMoment_LosesNothingAndRepeatsOnlyRunningActivities()
    {
        string? given = Environment.GetEnvironmentVariable("CRASH_SEED");
        int seed = given is null ? Environment.TickCount : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CRASH_SEED={seed}");
        var random = new Random(seed);
        using var folder = new StoreFolder();
        string log = folder.File("log.txt");

        for (int kill = 0; kill < Kills; kill++)
        {
            using Process host = Start(folder.Store, log);
            Task<string?> ready = host.StandardOutput.ReadLineAsync();
            Assert.Equal("ready", await ready.WaitAsync(Patience * 2));
            await Task.Delay(random.Next(0, 120));
            // Kill is SIGKILL: no handler runs, nothing is flushed.
            host.Kill(entireProcessTree: false);
            await host.WaitForExitAsync();
        }

        using Process last = Start(folder.Store, log);
        string text = await last.StandardOutput.ReadToEndAsync().WaitAsync(Patience * 4);
        await last.WaitForExitAsync();
        output.WriteLine(text);
        Assert.Equal(0, last.ExitCode);
        AssertLedgers(text, await File.ReadAllLinesAsync(log));
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

    private static Process Start(string store, string log)
    {
        string assembly = typeof(CrashProgram).Assembly.Location;
        return Process.Start(
            new ProcessStartInfo("dotnet", ["exec", assembly, "crash", store, log])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
    }
}
