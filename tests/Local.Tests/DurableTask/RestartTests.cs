using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Local;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

public sealed class RestartTests
{
    [Fact]
    public async Task Timers_SurviveARestart()
    {
        using var folder = new StoreFolder();
        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("sleep", TimeSpan.FromDays(20));
            await first.PassAsync(TimeSpan.FromDays(10));
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await second.PassAsync(TimeSpan.FromDays(11));
        Assert.True((await second.Client.GetInstanceAsync(id, true))!.Output<bool>());
    }

    [Fact]
    public async Task Events_SentBeforeARestart_AreTakenAfterIt()
    {
        using var folder = new StoreFolder();
        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("pair");
            await first.Client.RaiseEventAsync(id, "letter", "a");
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await second.Client.RaiseEventAsync(id, "letter", "b");
        Assert.Equal("ab", (await second.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Activity_InterruptedByAStop_RunsAgain()
    {
        using var folder = new StoreFolder();
        var started = new TaskCompletionSource();
        int runs = 0;
        void Registry(DurableTaskRegistry tasks) =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync<int>("slow"))
                .AddActivityFunc<object?, int>(
                    "slow",
                    async (_, _) =>
                    {
                        if (Interlocked.Increment(ref runs) == 1)
                        {
                            started.SetResult();
                            await Task.Delay(Timeout.Infinite);
                        }
                        return runs;
                    }
                );

        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Registry))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await started.Task.WaitAsync(Patience);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Registry);
        Assert.Equal(2, (await second.Client.EndAsync(id)).Output<int>());
    }

    [Fact]
    public async Task Activity_OnAStop_IsCancelledAfterTheGracePeriodAndNotRecordedAsFailed()
    {
        using var folder = new StoreFolder();
        var started = new TaskCompletionSource();
        bool interrupt = true;
        DurableEngine Make()
        {
            var engine = new DurableEngine(
                new() { StorePath = folder.Store, GracePeriod = TimeSpan.FromMilliseconds(50) },
                new VirtualClock(),
                NullLoggerFactory.Instance
            );
            engine.AddOrchestrator("main", async context => await context.CallActivityAsync<string>("wait"));
            engine.AddActivity(
                "wait",
                async (_, cancellationToken) =>
                {
                    if (interrupt)
                    {
                        started.SetResult();
                        await Task.Delay(Timeout.Infinite, cancellationToken);
                    }
                    return "done";
                }
            );
            return engine;
        }

        string id;
        await using (DurableEngine first = Make())
        {
            await first.StartAsync(CancellationToken.None);
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await started.Task.WaitAsync(Patience);
        }
        interrupt = false;
        await using DurableEngine second = Make();
        await second.StartAsync(CancellationToken.None);
        Assert.Equal("done", (await second.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Suspended_StaysSoOverARestart()
    {
        using var folder = new StoreFolder();
        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("pair");
            await first.Client.WaitForInstanceStartAsync(id);
            await first.Client.SuspendInstanceAsync(id);
            await first.Client.WaitForStatusAsync(id, OrchestrationRuntimeStatus.Suspended);
            await first.Client.RaiseEventAsync(id, "letter", "a");
            await first.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await second.Client.RaiseEventAsync(id, "letter", "b");
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await second.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await second.Client.ResumeInstanceAsync(id);
        Assert.Equal("ab", (await second.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Terminated_AfterARestart_KeepsItsHistoryWhole()
    {
        using var folder = new StoreFolder();
        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("pair");
            await first.Client.RaiseEventAsync(id, "letter", "a");
            await first.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await second.Client.TerminateInstanceAsync(id, "over");
        Assert.Equal("over", (await second.Client.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Store_InUse_IsRefusedNamingTheHolder()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        IOException refusal = await Assert.ThrowsAsync<IOException>(() =>
            EngineOnAStore.StartAsync(folder.Store, Tasks)
        );
        Assert.Contains($"process {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Store, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_AfterTheStop_IsRefused()
    {
        using var folder = new StoreFolder();
        EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await host.DisposeAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("pair")
        );
    }

    private static void Tasks(DurableTaskRegistry tasks) =>
        tasks
            .AddOrchestratorFunc<TimeSpan, bool>(
                "sleep",
                async (context, span) =>
                {
                    await context.CreateTimer(span, CancellationToken.None);
                    return true;
                }
            )
            .AddOrchestratorFunc(
                "pair",
                async context =>
                    await context.WaitForExternalEvent<string>("letter")
                    + await context.WaitForExternalEvent<string>("letter")
            );
}
