using DurableTask.Core.Exceptions;
using Grpc.Core;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class ClientTests
{
    [Fact]
    public async Task Schedule_WithoutAnId_MakesOne()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "x", CancellationToken.None);
        Assert.True(Guid.TryParseExact(id, "N", out _));
        Assert.Equal("x", (await host.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Schedule_WithATokenOnly_HasNoInput()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", CancellationToken.None);
        Assert.Null((await host.Client.EndAsync(id)).SerializedInput);
    }

    [Fact]
    public async Task Schedule_WithTagsAndVersion_KeepsThem()
    {
        await using DurableTaskTestHost host = await StartAsync();
        var options = new StartOrchestrationOptions("tagged")
        {
            Tags = new Dictionary<string, string> { ["customer"] = "nordlys" },
            Version = "1.2",
        };
        await host.Client.ScheduleNewOrchestrationInstanceAsync("version", options);
        OrchestrationMetadata end = await host.Client.EndAsync("tagged");
        Assert.Equal("nordlys", end.Tags["customer"]);
        Assert.Equal("1.2", end.Output<string>());
    }

    [Fact]
    public async Task Schedule_TheIdOfARunningInstance_IsRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("one"));
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("one"))
        );
    }

    [Fact]
    public async Task Schedule_TheIdOfAnEndedInstance_OverwritesIt()
    {
        await using DurableTaskTestHost host = await StartAsync();
        var options = new StartOrchestrationOptions("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "first", options);
        await host.Client.EndAsync("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "second", options);
        Assert.Equal("second", (await host.Client.EndAsync("one")).Output<string>());
    }

    [Fact]
    public async Task Schedule_WithDedupeStatuses_KeepsAnEndedInstance()
    {
        await using DurableTaskTestHost host = await StartAsync();
        StartOrchestrationOptions options = new StartOrchestrationOptions("one").WithDedupeStatuses(
            OrchestrationRuntimeStatus.Completed
        );
        await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "first", options);
        await host.Client.EndAsync("one");
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "second", options)
        );
    }

    [Fact]
    public async Task Schedule_WithAnUnknownDedupeStatus_IsRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync(
                "echo",
                new StartOrchestrationOptions { DedupeStatuses = ["Sleeping"] }
            )
        );
    }

    [Theory]
    [InlineData("@entity")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\u0007b")]
    [InlineData(" ")]
    public async Task Schedule_WithAnInvalidId_IsRefused(string id)
    {
        await using DurableTaskTestHost host = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("echo", new StartOrchestrationOptions(id))
        );
    }

    [Fact]
    public async Task Schedule_InTheFuture_IsPendingUntilThen()
    {
        await using DurableTaskTestHost host = await StartAsync();
        DateTimeOffset startAt = TimeProvider.System.GetUtcNow().AddSeconds(2);
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "now",
            new StartOrchestrationOptions(StartAt: startAt)
        );
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        Assert.True((await host.Client.EndAsync(id)).Output<DateTime>() >= startAt.UtcDateTime);
    }

    [Fact]
    public async Task Terminate_ARunningInstance_EndsItWithTheOutput()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.TerminateInstanceAsync(id, "enough");
        OrchestrationMetadata end = await host.Client.EndAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, end.RuntimeStatus);
        Assert.True(end.IsCompleted);
        Assert.Equal("enough", end.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Terminate_WithARunningActivity_DropsItsResult()
    {
        var gate = new TaskCompletionSource();
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync("slow"))
                .AddActivityFunc("slow", _ => gate.Task)
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.TerminateInstanceAsync(id, CancellationToken.None);
        await host.Client.EndAsync(id);
        gate.SetResult();
        await Task.Delay(50);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
    }

    [Fact]
    public async Task Terminate_APendingInstance_NeverRunsIt()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "echo",
            new StartOrchestrationOptions(StartAt: TimeProvider.System.GetUtcNow().AddDays(1))
        );
        await host.Client.TerminateInstanceAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await host.Client.EndAsync(id)).RuntimeStatus);
    }

    [Fact]
    public async Task Suspend_KeepsEventsForTheResume()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("letters");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.SuspendInstanceAsync(id, "a break");
        await host.Client.WaitForStatusAsync(id, OrchestrationRuntimeStatus.Suspended);
        await host.Client.RaiseEventAsync(id, "letter", "a");
        await host.Client.RaiseEventAsync(id, "letter", "b");
        await Task.Delay(50);
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await host.Client.ResumeInstanceAsync(id, "go on");
        Assert.Equal("ab", (await host.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Suspend_WhileAnActivityRuns_TakesItsResultAfterTheResume()
    {
        var gate = new TaskCompletionSource();
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync<string>("slow"))
                .AddActivityFunc<object?, string>(
                    "slow",
                    async (_, _) =>
                    {
                        await gate.Task;
                        return "result";
                    }
                )
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.SuspendInstanceAsync(id);
        await host.Client.WaitForStatusAsync(id, OrchestrationRuntimeStatus.Suspended);
        gate.SetResult();
        await Task.Delay(50);
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await host.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await host.Client.ResumeInstanceAsync(id);
        Assert.Equal("result", (await host.Client.EndAsync(id)).Output<string>());
    }

    [Fact]
    public async Task Suspended_IsTerminated()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.SuspendInstanceAsync(id, CancellationToken.None);
        await host.Client.WaitForStatusAsync(id, OrchestrationRuntimeStatus.Suspended);
        await host.Client.TerminateInstanceAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await host.Client.EndAsync(id)).RuntimeStatus);
    }

    [Theory]
    [InlineData("raise")]
    [InlineData("terminate")]
    [InlineData("suspend")]
    [InlineData("resume")]
    public async Task MissingInstance_IsNotFound(string operation)
    {
        await using DurableTaskTestHost host = await StartAsync();
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => Do(host.Client, operation, "nobody"));
        Assert.Equal(StatusCode.NotFound, refusal.StatusCode);
    }

    [Theory]
    [InlineData("raise")]
    [InlineData("terminate")]
    [InlineData("suspend")]
    [InlineData("resume")]
    public async Task EndedInstance_IsAFailedPrecondition(string operation)
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata end = await host.Client.RunAsync("echo");
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => Do(host.Client, operation, end.InstanceId));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
    }

    [Fact]
    public async Task Resume_OfAnInstanceThatIsNotSuspended_IsAFailedPrecondition()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => host.Client.ResumeInstanceAsync(id));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
    }

    [Fact]
    public async Task Get_AMissingInstance_IsNull()
    {
        await using DurableTaskTestHost host = await StartAsync();
        Assert.Null(await host.Client.GetInstanceAsync("nobody"));
    }

    [Fact]
    public async Task WaitForStart_OfAnInstanceThatComesLater_WaitsForIt()
    {
        await using DurableTaskTestHost host = await StartAsync();
        Task<OrchestrationMetadata> start = host.Client.WaitForInstanceStartAsync("later", CancellationToken.None);
        Assert.False(start.IsCompleted);
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("later"));
        Assert.True((await start.WaitAsync(Patience)).IsRunning);
    }

    [Fact]
    public async Task WaitForCompletion_Cancelled_Throws()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        using var cancellation = new CancellationTokenSource(30);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            host.Client.WaitForInstanceCompletionAsync(id, cancellation.Token)
        );
    }

    [Fact]
    public async Task Purge_AnEndedInstance_RemovesIt()
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata end = await host.Client.RunAsync("echo");
        Assert.Equal(1, (await host.Client.PurgeInstanceAsync(end.InstanceId)).PurgedInstanceCount);
        Assert.Equal(0, (await host.Client.PurgeInstanceAsync(end.InstanceId)).PurgedInstanceCount);
        Assert.Null(await host.Client.GetInstanceAsync(end.InstanceId));
    }

    [Fact]
    public async Task Purge_ARunningInstance_IsRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.PurgeInstanceAsync(id));
    }

    [Fact]
    public async Task Restart_AnEndedInstance_RunsItWithItsInput()
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata end = await host.Client.RunAsync("echo", "again");
        string same = await host.Client.RestartAsync(end.InstanceId);
        string other = await host.Client.RestartAsync((await host.Client.EndAsync(same)).InstanceId, true);
        Assert.Equal(end.InstanceId, same);
        Assert.NotEqual(same, other);
        Assert.Equal("again", (await host.Client.EndAsync(other)).Output<string>());
    }

    [Fact]
    public async Task Restart_MissingOrRunning_IsRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => host.Client.RestartAsync("nobody"));
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await Assert.ThrowsAsync<InvalidOperationException>(() => host.Client.RestartAsync(id));
    }

    [Fact]
    public async Task Schedule_WithNullAsSecondArgument_HasNoInput()
    {
        await using DurableTaskTestHost host = await StartAsync();
        // The overload with options; null is allowed by none of the annotations, and taken by it.
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", (StartOrchestrationOptions)null!);
        Assert.Null((await host.Client.EndAsync(id)).SerializedInput);
    }

    [Fact]
    public async Task Schedule_TheIdOfASuspendedInstance_IsRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        var options = new StartOrchestrationOptions("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", options);
        await host.Client.WaitForInstanceStartAsync("one");
        await host.Client.SuspendInstanceAsync("one");
        await host.Client.WaitForStatusAsync("one", OrchestrationRuntimeStatus.Suspended);
        await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("wait", options)
        );
    }

    [Fact]
    public async Task Schedule_TheIdOfATerminatedInstance_OverwritesIt()
    {
        await using DurableTaskTestHost host = await StartAsync();
        var options = new StartOrchestrationOptions("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", options);
        await host.Client.TerminateInstanceAsync("one");
        await host.Client.EndAsync("one");
        await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", "again", options);
        Assert.Equal("again", (await host.Client.EndAsync("one")).Output<string>());
    }

    [Fact]
    public async Task Schedule_WithAnIdOf256Characters_IsTakenAndALongerOneRefused()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string longest = new('x', 256);
        await host.Client.ScheduleNewOrchestrationInstanceAsync("echo", new StartOrchestrationOptions(longest));
        Assert.Equal(longest, (await host.Client.EndAsync(longest)).InstanceId);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            host.Client.ScheduleNewOrchestrationInstanceAsync("echo", new StartOrchestrationOptions(longest + "x"))
        );
    }

    [Fact]
    public async Task Suspend_OfASuspendedInstance_IsAFailedPrecondition()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.SuspendInstanceAsync(id);
        await host.Client.WaitForStatusAsync(id, OrchestrationRuntimeStatus.Suspended);
        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => host.Client.SuspendInstanceAsync(id));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.StatusCode);
    }

    [Fact]
    public async Task Terminate_WithNullOptions_HasNoOutput()
    {
        await using DurableTaskTestHost host = await StartAsync();
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("wait");
        await host.Client.WaitForInstanceStartAsync(id);
        await host.Client.TerminateInstanceAsync(id, null);
        Assert.Null((await host.Client.EndAsync(id)).SerializedOutput);
    }

    [Fact]
    public async Task Terminate_Recursive_LeavesSubOrchestrations()
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context =>
                        context.CallSubOrchestratorAsync("child", new SubOrchestrationOptions(instanceId: "the-child"))
                )
                .AddOrchestratorFunc("child", context => context.WaitForExternalEvent<bool>("never"))
        );
        string id = await host.Client.ScheduleNewOrchestrationInstanceAsync("main");
        await host.Client.WaitForInstanceStartAsync("the-child");
        await host.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions(Recursive: true));
        await host.Client.EndAsync(id);
        // As the Functions host has it, which ignores the option; the official in-process host ends the child too.
        Assert.True((await host.Client.GetInstanceAsync("the-child"))!.IsRunning);
    }

    [Fact]
    public async Task WaitForCompletion_OfAMissingInstance_ThrowsAndDoesNotWait()
    {
        await using DurableTaskTestHost host = await StartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() =>
            host.Client.WaitForInstanceCompletionAsync("nobody").WaitAsync(Patience / 3)
        );
    }

    [Fact]
    public async Task WaitForCompletion_OfAnEndedInstance_GivesItAtOnce()
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata end = await host.Client.RunAsync("echo", "x");
        Task<OrchestrationMetadata> again = host.Client.WaitForInstanceCompletionAsync(end.InstanceId, true);
        Assert.Equal("x", (await again.WaitAsync(Patience)).Output<string>());
    }

    [Fact]
    public async Task ListInstanceIds_IsNotSupportedInFunctions()
    {
        await using DurableTaskTestHost host = await StartAsync();
        await Assert.ThrowsAsync<NotSupportedException>(() => host.Client.ListInstanceIdsAsync());
    }

    [Fact]
    public async Task Get_WithoutPayloads_HasNone()
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata end = await host.Client.RunAsync("echo", "x");
        OrchestrationMetadata bare = (await host.Client.GetInstanceAsync(end.InstanceId))!;
        Assert.Null(bare.SerializedInput);
        Assert.Null(bare.SerializedOutput);
        Assert.Throws<InvalidOperationException>(() => bare.ReadOutputAs<string>());
    }

    private static Task Do(DurableTaskClient client, string operation, string id) =>
        operation switch
        {
            "raise" => client.RaiseEventAsync(id, "event", "x"),
            "terminate" => client.TerminateInstanceAsync(id),
            "suspend" => client.SuspendInstanceAsync(id),
            _ => client.ResumeInstanceAsync(id),
        };

    private static Task<DurableTaskTestHost> StartAsync() =>
        DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc<string, string>("echo", (_, input) => input)
                .AddOrchestratorFunc("wait", context => context.WaitForExternalEvent<bool>("never"))
                .AddOrchestratorFunc("version", context => context.Version)
                .AddOrchestratorFunc("now", context => context.CurrentUtcDateTime)
                .AddOrchestratorFunc(
                    "letters",
                    async context =>
                        await context.WaitForExternalEvent<string>("letter")
                        + await context.WaitForExternalEvent<string>("letter")
                )
        );
}
