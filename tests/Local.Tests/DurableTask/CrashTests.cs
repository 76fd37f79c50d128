using System.Globalization;
using Xunit.Abstractions;

namespace Local.Tests.DurableTask;

/// <summary>Kills a host at 30 moments drawn from a seed that is printed; <c>./bench crash</c> does so longer.</summary>
public sealed class CrashTests(ITestOutputHelper output)
{
    private const int Kills = 15;

    [Fact]
    public async Task Host_KilledAtAnyMoment_LosesNothingAndRepeatsOnlyRunningActivities() => await Run().WorkAsync();

    [Fact]
    public async Task Host_KilledWhileItSettles_GoesOnWithoutALostOrEarlyDay() => await Run().SettleAsync();

    private CrashRun Run()
    {
        string? given = Environment.GetEnvironmentVariable("CRASH_SEED");
        int seed = given is null ? Environment.TickCount : int.Parse(given, CultureInfo.InvariantCulture);
        output.WriteLine($"CRASH_SEED={seed}");
        return new CrashRun(seed, Kills, output.WriteLine);
    }
}
