using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class SubOrchestrationTests
{
    [Fact]
    public async Task SubOrchestration_GivesItsOutput()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<int, int>(
                        "main",
                        async (context, n) => await context.CallSubOrchestratorAsync<int>("child", n) + 1
                    )
                    .AddOrchestratorFunc<int, int>("child", (_, n) => n * 10),
            4
        );
        Assert.Equal(41, end.Output<int>());
    }

    [Fact]
    public async Task SubOrchestration_KnowsItsParent()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                        await context.CallSubOrchestratorAsync<string>("child") == context.InstanceId + "/main"
                        && context.Parent is null
                )
                .AddOrchestratorFunc("child", context => context.Parent!.InstanceId + "/" + context.Parent.Name)
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task SubOrchestration_WithAnId_RunsUnderIt()
    {
        OrchestrationMetadata? child = null;
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                            context.CallSubOrchestratorAsync<string>(
                                "child",
                                options: new TaskOptions().WithInstanceId("the-child")
                            )
                    )
                    .AddOrchestratorFunc("child", context => context.WaitForExternalEvent<string>("signal")),
            meanwhile: async (client, _) =>
            {
                child = await client.WaitForInstanceStartAsync("the-child");
                await client.RaiseEventAsync("the-child", "signal", "up");
            }
        );
        Assert.Equal("up", end.Output<string>());
        Assert.Equal("child", child!.Name);
    }

    [Fact]
    public async Task SubOrchestration_Failed_GivesItsDetails()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                            context.CallSubOrchestratorAsync("child")
                        );
                        return (
                            failure.InnerException is null,
                            failure.TaskName,
                            failure.TaskId,
                            failure.FailureDetails.IsCausedBy<FormatException>(),
                            failure.FailureDetails.ErrorMessage
                        ).ToString();
                    }
                )
                .AddOrchestratorFunc("child", _ => throw new FormatException("no such form"))
        );
        Assert.Equal("(True, child, 0, True, no such form)", end.Output<string>());
    }

    [Fact]
    public async Task SubOrchestration_Terminated_FailsItsTask()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                            context.CallSubOrchestratorAsync("child", new SubOrchestrationOptions(instanceId: "doomed"))
                    )
                    .AddOrchestratorFunc("child", context => context.WaitForExternalEvent<bool>("never")),
            meanwhile: async (client, _) =>
            {
                await client.WaitForInstanceStartAsync("doomed");
                await client.TerminateInstanceAsync("doomed", "stop");
            }
        );
        Assert.Equal(typeof(TaskFailedException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task SubOrchestration_Retried_KeepsItsId()
    {
        var ids = new List<string>();
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context =>
                        context.CallSubOrchestratorAsync<int>(
                            "child",
                            options: TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)))
                        )
                )
                .AddOrchestratorFunc(
                    "child",
                    context =>
                    {
                        ids.Add(context.InstanceId);
                        return ids.Count < 3 ? throw new IOException("not yet") : ids.Count;
                    }
                )
        );
        Assert.Equal(3, end.Output<int>());
        Assert.Single(ids.Distinct());
    }

    [Fact]
    public async Task SubOrchestration_WithTheIdOfARunningInstance_FailsItsTask()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                        context.CallSubOrchestratorAsync(
                            "main",
                            options: new SubOrchestrationOptions(instanceId: context.InstanceId)
                        )
                    );
                    return failure.FailureDetails.ErrorType;
                }
            )
        );
        Assert.Equal("DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException", end.Output<string>());
    }

    [Fact]
    public async Task SubOrchestrations_FannedOut_AllEnd()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                        (
                            await Task.WhenAll(
                                Enumerable.Range(1, 50).Select(i => context.CallSubOrchestratorAsync<int>("child", i))
                            )
                        ).Sum()
                )
                .AddOrchestratorFunc<int, int>("child", (context, n) => context.CallActivityAsync<int>("same", n))
                .AddActivityFunc<int, int>("same", (_, n) => n)
        );
        Assert.Equal(1275, end.Output<int>());
    }

    [Fact]
    public async Task SubOrchestration_ThatContinuesAsNew_GivesItsLastOutput()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallSubOrchestratorAsync<string>("child", 0))
                .AddOrchestratorFunc<int, string>(
                    "child",
                    (context, n) =>
                    {
                        if (n < 3)
                        {
                            context.ContinueAsNew(newInput: n + 1);
                        }
                        return $"{n} of {context.Parent!.Name}";
                    }
                )
        );
        Assert.Equal("3 of main", end.Output<string>());
    }
}
