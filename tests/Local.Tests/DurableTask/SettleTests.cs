using System.Collections.Concurrent;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Portability.Local;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

public sealed class SettleTests
{
    [Fact]
    public async Task Settle_OverMonths_FiresLongTimersAtTheirExactTimes()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Sleepers);
        DateTimeOffset due = host.Clock.GetUtcNow().AddDays(150);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("sleep", due.UtcDateTime);
        await host.SettleAsync(due.AddMinutes(-1));
        Assert.True((await host.Client.GetInstanceAsync(id))!.IsRunning);
        await host.SettleAsync(due);
        OrchestrationMetadata end = (await host.Client.GetInstanceAsync(id, true))!;
        Assert.Equal(due.UtcDateTime, end.Output<DateTime>());
        Assert.Equal(due, end.LastUpdatedAt);
        Assert.True(host.Clock.GetUtcNow() >= due);
    }

    [Fact]
    public async Task Settle_TheSameTwice_GivesTheSameOrder()
    {
        string first = await RunScheduleAsync();
        string second = await RunScheduleAsync();
        Assert.Equal(first, second);
        Assert.Equal(200, first.Split('\n').Length);
    }

    [Fact]
    public async Task Settle_WaitsForActivitiesAndWhatTheyLeadTo()
    {
        using var folder = new StoreFolder();
        var times = new ConcurrentQueue<DateTimeOffset>();
        EngineOnAStore? host = null;
        host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        async context =>
                        {
                            for (int i = 0; i < 3; i++)
                            {
                                await context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
                                await context.CallActivityAsync("work");
                            }
                        }
                    )
                    .AddActivityFunc(
                        "work",
                        async _ =>
                        {
                            await Task.Delay(30);
                            times.Enqueue(host!.Clock.GetUtcNow());
                        }
                    )
        );
        await using EngineOnAStore disposed = host;
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.PassAsync(TimeSpan.FromDays(10));
        OrchestrationMetadata end = (await host.Client.GetInstanceAsync(id))!;
        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        // The clock stood still while each activity ran.
        DateTimeOffset[] seen = [.. times];
        Assert.Equal([TimeSpan.FromDays(1), TimeSpan.FromDays(1)], [seen[1] - seen[0], seen[2] - seen[1]]);
    }

    [Fact]
    public async Task Settle_IntoThePast_IsRefused()
    {
        using var clock = new VirtualClock();
        await clock.SettleAsync(clock.GetUtcNow().AddDays(1), CancellationToken.None);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            clock.SettleAsync(clock.GetUtcNow().AddSeconds(-1), CancellationToken.None)
        );
    }

    [Fact]
    public async Task Clock_NeverGoesBack_AndItsTimersStayReal()
    {
        using var clock = new VirtualClock();
        DateTimeOffset before = clock.GetUtcNow();
        long start = clock.GetTimestamp();
        await clock.SettleAsync(before.AddDays(100), CancellationToken.None);
        DateTimeOffset after = clock.GetUtcNow();
        Assert.True(after >= before.AddDays(100));
        Assert.True(clock.GetElapsedTime(start) < Patience);
        Assert.True(clock.GetUtcNow() >= after);
    }

    [Fact]
    public async Task Offset_OfTheClock_SurvivesARestart()
    {
        using var folder = new StoreFolder();
        DateTimeOffset target;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Sleepers))
        {
            target = first.Clock.GetUtcNow().AddDays(40);
            await first.SettleAsync(target);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Sleepers);
        Assert.InRange(second.Clock.GetUtcNow(), target, target + Patience);
    }

    [Fact]
    public async Task Timers_AfterASettle_FireInRealTimeAgain()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Sleepers);
        await host.PassAsync(TimeSpan.FromDays(30));
        DateTime due = host.Clock.GetUtcNow().UtcDateTime.AddMilliseconds(100);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("sleep", due);
        Assert.True((await host.Client.EndAsync(id)).Output<DateTime>() >= due);
    }

    [Fact]
    public async Task OtherWork_OfTheClock_RunsAtItsTimesBetweenTheTimers()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Sleepers);
        DateTimeOffset start = host.Clock.GetUtcNow();
        var daily = new Daily(start.AddDays(1), host.Client);
        host.Clock.Register(daily);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "count",
            null,
            new StartOrchestrationOptions("counter")
        );
        await host.SettleAsync(start.AddDays(5).AddHours(1));
        Assert.Equal([1, 2, 3, 4, 5], daily.Runs.Select(run => (int)(run - start).TotalDays));
        await host.Client.RaiseEventAsync(id, "stop", true);
        Assert.Equal(5, (await host.Client.EndAsync(id)).Output<int>());
    }

    [Fact]
    public async Task Settles_AtOnce_AreTakenOneAfterTheOther()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Sleepers);
        DateTimeOffset start = host.Clock.GetUtcNow();
        string[] ids = await Task.WhenAll(
            Enumerable
                .Range(1, 10)
                .Select(day =>
                    host.Client.ScheduleNewOrchestrationInstanceAsync("sleep", start.AddDays(day).UtcDateTime)
                )
        );
        Task near = host.SettleAsync(start.AddDays(6));
        Task far = host.SettleAsync(start.AddDays(12));
        await Task.WhenAll(near, far);
        foreach (string id in ids)
        {
            (await host.Client.GetInstanceAsync(id, true))!.Output<DateTime>();
        }
    }

    private static void Sleepers(DurableTaskRegistry tasks) =>
        tasks
            .AddOrchestratorFunc<DateTime, DateTime>(
                "sleep",
                async (context, due) =>
                {
                    await context.CreateTimer(due, CancellationToken.None);
                    return context.CurrentUtcDateTime;
                }
            )
            .AddOrchestratorFunc(
                "count",
                async context =>
                {
                    int count = 0;
                    Task stop = context.WaitForExternalEvent<bool>("stop");
                    while (await Task.WhenAny(stop, context.WaitForExternalEvent<bool>("tick")) != stop)
                    {
                        count++;
                    }
                    return count;
                }
            );

    private static async Task<string> RunScheduleAsync()
    {
        using var folder = new StoreFolder();
        var order = new ConcurrentQueue<string>();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks.AddOrchestratorFunc<DateTime, bool>(
                    "main",
                    async (context, start) =>
                    {
                        int own = int.Parse(context.InstanceId);
                        for (int i = 0; i < 10; i++)
                        {
                            // Many share an hour, so that the sequence decides among them.
                            int hours = 1 + (own * 7 + i * 3) % 5;
                            DateTime due = start.AddHours(24 * (i + 1) + hours);
                            await context.CreateTimer(due, CancellationToken.None);
                            order.Enqueue($"{(context.CurrentUtcDateTime - start).TotalHours} {own} {i}");
                        }
                        return true;
                    }
                )
        );
        DateTimeOffset start = host.Clock.GetUtcNow();
        for (int i = 0; i < 20; i++)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync(
                "main",
                start.UtcDateTime,
                new StartOrchestrationOptions($"{i}")
            );
        }
        await host.SettleAsync(start.AddDays(30));
        return string.Join('\n', order);
    }

    private sealed class Daily(DateTimeOffset first, DurableTaskClient client) : IClockedWork
    {
        public List<DateTimeOffset> Runs { get; } = [];

        public DateTimeOffset? NextDue { get; private set; } = first;

        public async Task RunDueAsync(DateTimeOffset now, CancellationToken ct)
        {
            Runs.Add(now);
            NextDue = now.AddDays(1);
            await client.RaiseEventAsync("counter", "tick", true, ct);
        }

        public Task WhenIdleAsync(CancellationToken ct) => Task.CompletedTask;
    }
}
