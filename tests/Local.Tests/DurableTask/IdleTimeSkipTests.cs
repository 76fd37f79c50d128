using Microsoft.DurableTask;
using Microsoft.Extensions.Configuration;
using Portability.Local;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

public sealed class IdleTimeSkipTests
{
    [Fact]
    public async Task Clock_ThatSkips_GoesFromTimerToTimerByItself()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await StartAsync(folder, TimeSpan.FromMilliseconds(5));
        DateTimeOffset start = host.Clock.GetUtcNow();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("months");
        DateTime[] times = (await host.Client.EndAsync(id)).Output<DateTime[]>()!;
        for (int month = 1; month <= 5; month++)
        {
            Assert.InRange(
                times[month - 1] - start.UtcDateTime,
                TimeSpan.FromDays(30 * month),
                Patience + TimeSpan.FromDays(30 * month)
            );
        }
        // Nothing waits any more, so the clock runs as always once the last skip is over: a move of one's own waits for it.
        await host.Clock.SettleAsync(host.Clock.GetUtcNow() + TimeSpan.FromSeconds(1), CancellationToken.None);
        TimeSpan offset = host.Clock.Offset;
        await Task.Delay(50);
        Assert.Equal(offset, host.Clock.Offset);
    }

    [Fact]
    public async Task Clock_ThatDoesNotSkip_StaysWithTheRealTime()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await StartAsync(folder, pause: null);
        await host.Client.ScheduleNewOrchestrationInstanceAsync("months");
        await host.Engine.WhenIdleAsync(CancellationToken.None);
        await Task.Delay(50);
        Assert.Equal(TimeSpan.Zero, host.Clock.Offset);
        Assert.NotNull(host.Engine.NextDue);
    }

    [Fact]
    public async Task Host_StoppedWhileItSkips_GoesOnAfterwards()
    {
        using var folder = new StoreFolder();
        string id;
        await using (EngineOnAStore first = await StartAsync(folder, TimeSpan.Zero))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("months");
        }
        await using EngineOnAStore second = await StartAsync(folder, TimeSpan.Zero);
        Assert.Equal(5, (await second.Client.EndAsync(id)).Output<DateTime[]>()!.Length);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("real", false)]
    [InlineData("skip", true)]
    public void Setting_OfTheClock_IsHeeded(string? value, bool skips) =>
        Assert.Equal(skips, Options(value).SkipIdleTimeAfter is not null);

    [Fact]
    public void Setting_OfTheClock_ThatIsUnknown_IsRefused() =>
        Assert.Contains(
            "'fast'",
            Assert.Throws<HostStartException>(() => Options("fast")).Message,
            StringComparison.Ordinal
        );

    private static DurableEngineOptions Options(string? clock)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Local:Clock"] = clock })
            .Build();
        return HostFile.EngineOptions(HostFile.Read(configuration), configuration);
    }

    private static Task<EngineOnAStore> StartAsync(StoreFolder folder, TimeSpan? pause) =>
        EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "months",
                        async context =>
                        {
                            var times = new List<DateTime>();
                            for (int month = 0; month < 5; month++)
                            {
                                await context.CreateTimer(TimeSpan.FromDays(30), CancellationToken.None);
                                await context.CallActivityAsync("work");
                                times.Add(context.CurrentUtcDateTime);
                            }
                            return times;
                        }
                    )
                    .AddActivityFunc("work", _ => { }),
            options => options with { SkipIdleTimeAfter = pause }
        );
}
