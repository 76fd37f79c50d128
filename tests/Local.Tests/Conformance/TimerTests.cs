using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class TimerTests
{
    [Fact]
    public async Task Timer_ByDelay_FiresNotBeforeItsTime()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    DateTime start = context.CurrentUtcDateTime;
                    await context.CreateTimer(TimeSpan.FromMilliseconds(150), CancellationToken.None);
                    return context.CurrentUtcDateTime - start;
                }
            )
        );
        Assert.InRange(end.Output<TimeSpan>(), TimeSpan.FromMilliseconds(150), Patience);
    }

    [Fact]
    public async Task Timer_InThePast_FiresAtOnce()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    await context.CreateTimer(context.CurrentUtcDateTime.AddDays(-1), CancellationToken.None);
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_Cancelled_IsACancelledTaskAndLetsTheOrchestrationEnd()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    using var cancellation = new CancellationTokenSource();
                    Task timer = context.CreateTimer(TimeSpan.FromDays(1), cancellation.Token);
                    cancellation.Cancel();
                    await Assert.ThrowsAsync<TaskCanceledException>(() => timer);
                    return timer.IsCanceled;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_CancelledInALaterStep_LetsTheOrchestrationEnd()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        using var cancellation = new CancellationTokenSource();
                        Task timer = context.CreateTimer(TimeSpan.FromDays(1), cancellation.Token);
                        Task work = context.CallActivityAsync("work");
                        Task winner = await Task.WhenAny(timer, work);
                        cancellation.Cancel();
                        return winner == work;
                    }
                )
                .AddActivityFunc("work", _ => { })
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_LeftOpen_HoldsBackTheEnd()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    _ = context.CreateTimer(TimeSpan.FromMilliseconds(200), CancellationToken.None);
                    return context.CurrentUtcDateTime;
                }
            )
        );
        Assert.True(end.LastUpdatedAt.UtcDateTime - end.Output<DateTime>() >= TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public async Task Timer_LosesAgainstAnEvent_AndTheOtherWayRound()
    {
        static async Task<string> Race(TaskOrchestrationContext context, TimeSpan delay)
        {
            using var cancellation = new CancellationTokenSource();
            Task<string> signal = context.WaitForExternalEvent<string>("signal");
            Task timer = context.CreateTimer(delay, cancellation.Token);
            if (await Task.WhenAny(signal, timer) == timer)
            {
                return "timer";
            }
            cancellation.Cancel();
            return await signal;
        }

        OrchestrationMetadata timer = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<TimeSpan, string>("main", Race),
            TimeSpan.FromMilliseconds(20)
        );
        OrchestrationMetadata signal = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<TimeSpan, string>("main", Race),
            TimeSpan.FromDays(1),
            (client, id) => client.RaiseEventAsync(id, "signal", "event")
        );
        Assert.Equal("timer", timer.Output<string>());
        Assert.Equal("event", signal.Output<string>());
    }

    [Fact]
    public async Task Timers_Many_FireInTheOrderOfTheirTimes()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    var order = new List<int>();
                    DateTime start = context.CurrentUtcDateTime.AddMilliseconds(50);
                    await Task.WhenAll(
                        new[] { 4, 2, 5, 1, 3 }.Select(async i =>
                        {
                            await context.CreateTimer(start.AddMilliseconds(i), CancellationToken.None);
                            order.Add(i);
                        })
                    );
                    return order;
                }
            )
        );
        Assert.Equal([1, 2, 3, 4, 5], end.Output<int[]>()!);
    }

    [Fact]
    public async Task Timer_OfUnspecifiedKind_IsTakenAsLocalTime()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    DateTime local = context.CurrentUtcDateTime.ToLocalTime().AddMilliseconds(20);
                    await context.CreateTimer(
                        DateTime.SpecifyKind(local, DateTimeKind.Unspecified),
                        CancellationToken.None
                    );
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_CancelledBeforehand_IsACancelledTask()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    await Assert.ThrowsAsync<TaskCanceledException>(() =>
                        context.CreateTimer(TimeSpan.FromDays(1), new CancellationToken(canceled: true))
                    );
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_FiredAndThenCancelled_StaysFired()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    using var cancellation = new CancellationTokenSource();
                    Task timer = context.CreateTimer(TimeSpan.FromMilliseconds(1), cancellation.Token);
                    await timer;
                    cancellation.Cancel();
                    return timer.IsCompletedSuccessfully;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Timer_MovesTheOrchestrationsTimeToItsOwn()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    DateTime due = context.CurrentUtcDateTime.AddMilliseconds(30);
                    await context.CreateTimer(due, CancellationToken.None);
                    return (context.CurrentUtcDateTime >= due, context.CurrentUtcDateTime.Kind).ToString();
                }
            )
        );
        Assert.Equal("(True, Utc)", end.Output<string>());
    }

    [Fact]
    public async Task SubOrchestration_LeftOpen_HoldsBackTheEnd()
    {
        var gate = new TaskCompletionSource();
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                        {
                            _ = context.CallSubOrchestratorAsync("child");
                            return true;
                        }
                    )
                    .AddOrchestratorFunc("child", context => context.CallActivityAsync("slow"))
                    .AddActivityFunc("slow", _ => gate.Task),
            meanwhile: async (client, id) =>
            {
                await Task.Delay(50);
                Assert.True((await client.GetInstanceAsync(id))!.IsRunning);
                gate.SetResult();
            }
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task EventWaiter_LeftOpen_DoesNotHoldBackTheEnd()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    _ = context.WaitForExternalEvent<bool>("never");
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }
}
