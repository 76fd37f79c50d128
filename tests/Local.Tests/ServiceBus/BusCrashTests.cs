using System.Diagnostics;
using System.Globalization;
using Local.Tests.DurableTask;
using Local.Tests.Functions;
using Xunit.Abstractions;

namespace Local.Tests.ServiceBus;

/// <summary>Kills a host with messages on their way, at moments drawn from a seed that is printed.</summary>
public sealed class BusCrashTests(ITestOutputHelper output)
{
    private const int Kills = 5;
    private const int BytesUntilLastKill = 9_000;

    [Fact]
    public async Task Broker_KilledAtAnyMoment_LosesNoMessageAndRepeatsOnlyWhatWasUnderWay()
    {
        string? given = Environment.GetEnvironmentVariable("CRASH_SEED");
        int seed = given is null ? Environment.TickCount : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CRASH_SEED={seed}");
        var random = new Random(seed);
        string folder = FunctionsHost.NewFolder();
        string log = Path.Combine(folder, "log.txt");
        for (int kill = 0; kill < Kills; kill++)
        {
            using Process host = Start(folder, log);
            Assert.Equal("ready", await host.StandardOutput.ReadLineAsync().WaitAsync(BusHost.Patience));
            long enough = new FileInfo(log).Length + random.Next(0, 2 * BytesUntilLastKill / Kills);
            while (new FileInfo(log).Length < enough && !host.HasExited)
            {
                await Task.Delay(1);
            }
            host.Kill(entireProcessTree: false);
            await host.WaitForExitAsync();
        }

        using Process last = Start(folder, log);
        string text = await last.StandardOutput.ReadToEndAsync().WaitAsync(BusHost.Patience * 2);
        await last.WaitForExitAsync();

        Assert.Equal("ready\nthrough\n", text);
        ILookup<string, string> lines = (await File.ReadAllLinesAsync(log))
            .Select(line => line.Split(' '))
            .ToLookup(words => words[0], words => words[1]);
        foreach (string queue in new[] { "first", "second" })
        {
            Assert.Equal(BusCrashProgram.Messages, lines[queue].Distinct().Count());
            // What was handled, or sent without an answer yet, when a kill came may come again.
            Assert.InRange(
                lines[queue].Count() - BusCrashProgram.Messages,
                0,
                Kills * 2 * 16 * Environment.ProcessorCount
            );
        }
    }

    private static Process Start(string folder, string log) =>
        Process.Start(
            new ProcessStartInfo("dotnet", ["exec", typeof(CrashProgram).Assembly.Location, "bus", folder, log])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
            }
        )!;
}
