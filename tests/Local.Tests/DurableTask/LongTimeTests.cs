using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>Official behaviour that takes hours or days to see: on the virtual clock, so only on the embedded engine.</summary>
public sealed class LongTimeTests
{
    [Fact]
    public async Task Policy_WithTimeout_IsComparedBeforeTheDelay()
    {
        using var folder = new StoreFolder();
        int attempts = 0;
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                            context.CallActivityAsync(
                                "flaky",
                                TaskOptions.FromRetryPolicy(
                                    new RetryPolicy(
                                        10,
                                        TimeSpan.FromHours(2),
                                        backoffCoefficient: 10,
                                        maxRetryInterval: TimeSpan.FromDays(2),
                                        retryTimeout: TimeSpan.FromHours(3)
                                    )
                                )
                            )
                    )
                    .AddActivityFunc(
                        "flaky",
                        _ =>
                        {
                            attempts++;
                            throw new IOException();
                        }
                    )
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.PassAsync(TimeSpan.FromDays(10));
        // After 2 h there is time left, so the third attempt is decided on, and begins 20 h later.
        Assert.Equal(3, attempts);
        OrchestrationMetadata end = (await host.Client.GetInstanceAsync(id))!;
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.InRange(end.LastUpdatedAt - end.CreatedAt, TimeSpan.FromHours(22), TimeSpan.FromHours(22.1));
    }

    [Fact]
    public async Task Timer_LongerThanThreeDays_IsMadeOfPartsThatEachTakeATaskNumber()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        async context =>
                        {
                            await context.CreateTimer(TimeSpan.FromDays(7), CancellationToken.None);
                            TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                                context.CallActivityAsync("fail")
                            );
                            return failure.TaskId;
                        }
                    )
                    .AddActivityFunc("fail", _ => throw new IOException())
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.PassAsync(TimeSpan.FromDays(8));
        // Three days, three days, one day: numbers 0 to 2.
        Assert.Equal(3, (await host.Client.GetInstanceAsync(id, true))!.Output<int>());
    }

    [Fact]
    public async Task Timer_LongAndCancelled_MakesNoFurtherParts()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        using var cancellation = new CancellationTokenSource();
                        Task timer = context.CreateTimer(TimeSpan.FromDays(100), cancellation.Token);
                        await context.WaitForExternalEvent<bool>("stop");
                        cancellation.Cancel();
                        await Assert.ThrowsAsync<TaskCanceledException>(() => timer);
                        return true;
                    }
                )
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.PassAsync(TimeSpan.FromDays(10));
        await host.Client.RaiseEventAsync(id, "stop", true);
        Assert.True((await host.Client.EndAsync(id)).Output<bool>());
        Assert.Null(host.Engine.NextDue);
    }
}
