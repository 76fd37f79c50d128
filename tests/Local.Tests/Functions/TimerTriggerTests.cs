using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Local.Tests.Functions;

public sealed class TimerFunctions(Journal journal, TimeProvider clock)
{
    [Function("Daily")]
    public async Task DailyAsync([TimerTrigger("%DailySchedule%")] TimerInfo timer, FunctionContext context)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(1), context.CancellationToken);
        journal.Add($"{clock.GetUtcNow():MM-dd HH:mm:ss}{(timer.IsPastDue ? " past due" : "")}");
    }
}

public sealed class FrequentFunctions(Journal journal, TimeProvider clock)
{
    [Function("Minutely")]
    public void Minutely([TimerTrigger("0 * * * * *")] TimerInfo timer) =>
        journal.Add($"{clock.GetUtcNow():dd HH:mm:ss} {timer.ScheduleStatus!.Next:HH:mm}");
}

public sealed class StartupFunctions(Journal journal)
{
    [Function("AtStart")]
    public void AtStart([TimerTrigger("1.00:00:00", RunOnStartup = true)] TimerInfo timer)
    {
        journal.Add($"started {timer.IsPastDue}");
        throw new InvalidOperationException("A fault does not end the schedule.");
    }
}

public sealed class TimerTriggerTests
{
    [Fact]
    public async Task DailyTrigger_OverTenDays_RunsAtEachOccurrence()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder(), typeof(TimerFunctions));
        await SettleAtMidnightAsync(host);
        int before = Lines(host).Count;
        DateTimeOffset start = host.Clock.GetUtcNow();

        await host.Clock.SettleAsync(start.AddDays(10), CancellationToken.None);

        Assert.Equal(
            Enumerable.Range(0, 10).Select(day => $"{start.AddDays(day):MM-dd} 03:00:00"),
            Lines(host).Skip(before)
        );
    }

    [Fact]
    public async Task DailyTrigger_MissedWhileDown_RunsOncePastDue()
    {
        string folder = FunctionsHost.NewFolder();
        DateTimeOffset stopped;
        await using (FunctionsHost first = await StartAsync(folder, typeof(TimerFunctions)))
        {
            await SettleAtMidnightAsync(first);
            stopped = first.Clock.GetUtcNow();
        }
        await RewindStatusAsync(folder, TimeSpan.FromDays(3));

        await using FunctionsHost second = await StartAsync(folder, typeof(TimerFunctions));
        await second.AdvanceAsync(TimeSpan.FromSeconds(1));
        await second.AdvanceAsync(TimeSpan.FromHours(1));

        string line = Assert.Single(Lines(second));
        Assert.StartsWith($"{stopped:MM-dd} 00:00", line, StringComparison.Ordinal);
        Assert.EndsWith(" past due", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DailyTrigger_NotYetDueAtRestart_Waits()
    {
        string folder = FunctionsHost.NewFolder();
        await using (FunctionsHost first = await StartAsync(folder, typeof(TimerFunctions)))
        {
            await SettleAtMidnightAsync(first);
        }

        await using FunctionsHost second = await StartAsync(folder, typeof(TimerFunctions));
        await second.AdvanceAsync(TimeSpan.FromHours(2));

        Assert.Empty(Lines(second));
    }

    [Fact]
    public async Task MinutelyTrigger_OverHalfAnHour_RunsAtEachMinute()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder(), typeof(FrequentFunctions));
        await SettleAtMidnightAsync(host);
        int before = Lines(host).Count;
        DateTimeOffset start = host.Clock.GetUtcNow();

        await host.Clock.SettleAsync(start.AddMinutes(30), CancellationToken.None);

        Assert.Equal(
            Enumerable.Range(1, 30).Select(m => $"{start.AddMinutes(m):dd HH:mm}:00 {start.AddMinutes(m + 1):HH:mm}"),
            Lines(host).Skip(before)
        );
    }

    [Fact]
    public async Task MinutelyTrigger_OverHalfAYear_IsThinnedAndGoesOnAfterwards()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder(), typeof(FrequentFunctions));

        await host.AdvanceAsync(TimeSpan.FromDays(150));

        int thinned = Lines(host).Count;
        Assert.InRange(thinned, 900, 1001);
        await host.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.InRange(Lines(host).Count - thinned, 3, 4);
    }

    [Fact]
    public async Task Trigger_ThatRunsOnStartupAndFails_GoesOnByItsSchedule()
    {
        await using FunctionsHost host = await StartAsync(FunctionsHost.NewFolder(), typeof(StartupFunctions));

        await host.AdvanceAsync(TimeSpan.FromDays(2.5));

        Assert.Equal(["started False", "started False", "started False"], Lines(host));
    }

    private static Task<FunctionsHost> StartAsync(string folder, Type functions)
    {
        FunctionsApplicationBuilder builder = FunctionsHost.Builder(folder, [functions], "DailySchedule=0 0 3 * * *");
        builder.Services.AddSingleton<Journal>();
        return FunctionsHost.StartAsync(builder, folder);
    }

    /// <summary>Moves to the second midnight from now, so that no test meets an occurrence by chance.</summary>
    private static Task SettleAtMidnightAsync(FunctionsHost host) =>
        host.Clock.SettleAsync(
            new DateTimeOffset(host.Clock.GetUtcNow().UtcDateTime.Date.AddDays(2), TimeSpan.Zero),
            CancellationToken.None
        );

    /// <summary>As if the host had been down for some time: the clock itself never goes back.</summary>
    private static async Task RewindStatusAsync(string folder, TimeSpan time)
    {
        string path = Path.Combine(folder, "local.timers.json");
        var store = new Portability.Local.TimerStatusStore(path);
        await store.LoadAsync(CancellationToken.None);
        Portability.Local.TimerStatus status = store.Read("Daily")!;
        await store.WriteAsync(
            "Daily",
            status with
            {
                Last = status.Last - time,
                Next = status.Next - time,
                Updated = status.Updated - time,
            },
            CancellationToken.None
        );
    }

    private static IReadOnlyList<string> Lines(FunctionsHost host) => host.Services.GetRequiredService<Journal>().Lines;
}
