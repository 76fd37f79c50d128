using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class FailureTests
{
    [Fact]
    public async Task Activity_Failed_IsATaskFailedExceptionWithDetails()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await context.CallActivityAsync("fine");
                        try
                        {
                            await context.CallActivityAsync("broken");
                            return "no failure";
                        }
                        catch (TaskFailedException failure)
                        {
                            TaskFailureDetails details = failure.FailureDetails;
                            return (
                                failure.TaskName,
                                failure.TaskId,
                                details.ErrorType,
                                details.ErrorMessage,
                                details.InnerFailure?.ErrorType,
                                details.IsCausedBy<ArithmeticException>()
                            ).ToString();
                        }
                    }
                )
                .AddActivityFunc("fine", _ => { })
                .AddActivityFunc("broken", _ => throw new DivideByZeroException("outer", new IOException("inner")))
        );
        Assert.Equal(
            "(broken, 1, System.DivideByZeroException, outer, System.IO.IOException, True)",
            end.Output<string>()
        );
    }

    [Fact]
    public async Task Orchestrator_ThatLetsATaskFailureEscape_KeepsTheOriginalInside()
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync("broken"))
                .AddActivityFunc("broken", _ => throw new FormatException("bad form"))
        );
        OrchestrationMetadata end = await host.Client.RunAsync("main");
        Assert.Equal(typeof(TaskFailedException).FullName, end.Failure().ErrorType);
        // A single state carries the top level only, a query all levels.
        Assert.Null(end.Failure().InnerFailure);
        OrchestrationMetadata queried = await host
            .Client.GetAllInstancesAsync(new OrchestrationQuery(FetchInputsAndOutputs: true))
            .FirstAsync();
        Assert.Equal(typeof(FormatException).FullName, queried.FailureDetails!.InnerFailure!.ErrorType);
    }

    [Fact]
    public async Task Failure_ReadWithoutOutputs_IsNotThere()
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks.AddOrchestratorFunc("main", _ => throw new FormatException())
        );
        OrchestrationMetadata end = await host.Client.RunAsync("main");
        OrchestrationMetadata bare = (await host.Client.GetInstanceAsync(end.InstanceId))!;
        Assert.Equal(OrchestrationRuntimeStatus.Failed, bare.RuntimeStatus);
        Assert.Null(bare.FailureDetails);
        Assert.Throws<InvalidOperationException>(() => bare.ReadOutputAs<string>());
    }

    [Fact]
    public async Task Activity_Unknown_FailsItsTask()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                        context.CallActivityAsync("nowhere")
                    );
                    return failure.FailureDetails.ErrorType;
                }
            )
        );
        Assert.Equal("(unknown)", end.Output<string>());
    }

    [Fact]
    public async Task Orchestrator_Unknown_FailsTheInstance()
    {
        OrchestrationMetadata end = await RunAsync(_ => { });
        Assert.Contains("'main'", end.Failure().ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orchestrator_ThatThrowsWithOpenTasks_FailsWhenTheyHaveEnded()
    {
        var gate = new TaskCompletionSource();
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                        {
                            _ = context.CallActivityAsync("slow");
                            throw new FormatException();
                        }
                    )
                    .AddActivityFunc("slow", _ => gate.Task),
            meanwhile: async (client, id) =>
            {
                Assert.True((await client.GetInstanceAsync(id))!.IsRunning);
                gate.SetResult();
            }
        );
        Assert.Equal(typeof(FormatException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public void Details_OfAnException_HaveItsChain()
    {
        var details = TaskFailureDetails.FromException(
            new InvalidOperationException("a", new TaskFailedException("t", 3, new IOException("c")))
        );
        Assert.Equal("System.InvalidOperationException: a", details.ToString());
        Assert.Equal(typeof(TaskFailedException).FullName, details.InnerFailure!.ErrorType);
        Assert.Equal("c", details.InnerFailure.InnerFailure!.ErrorMessage);
    }

    [Fact]
    public void Details_IsCausedBy_KnowsBaseTypesAndUnknownNames()
    {
        static TaskFailureDetails Of(string type) => new(type, "", null, null, null);
        Assert.True(Of("System.IO.FileNotFoundException").IsCausedBy<IOException>());
        Assert.False(Of("System.IO.IOException").IsCausedBy<FileNotFoundException>());
        Assert.False(Of("No.Such.Exception").IsCausedBy<Exception>());
        Assert.Throws<ArgumentException>(() => Of("System.Exception").IsCausedBy(typeof(string)));
        Assert.True(Of(typeof(OwnException).FullName!).IsCausedBy<Exception>());
    }

    [Fact]
    public void Exception_WithoutAMessage_SaysTheTaskOnly() =>
        Assert.Equal(
            "Task 'x' (#0) failed with an unhandled exception.",
            new TaskFailedException("x", 0, new TaskFailureDetails("T", "", null, null, null)).Message
        );

    [Fact]
    public async Task Failure_OfOneInstance_CarriesTheTopAndAQueryTheWholeChain()
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync("fail"))
                .AddActivityFunc("fail", _ => throw new FormatException("outer", new IOException("inner")))
        );
        OrchestrationMetadata one = await host.Client.RunAsync("main");
        OrchestrationMetadata queried = null!;
        await foreach (
            OrchestrationMetadata each in host.Client.GetAllInstancesAsync(
                new OrchestrationQuery(FetchInputsAndOutputs: true)
            )
        )
        {
            queried = each;
        }
        // As the Functions host has it; the official in-process host gives the chain in both cases.
        Assert.Null(one.Failure().InnerFailure);
        Assert.Equal("outer", queried.Failure().InnerFailure!.ErrorMessage);
        Assert.Equal("inner", queried.Failure().InnerFailure!.InnerFailure!.ErrorMessage);
    }

    [Fact]
    public async Task Activity_Failed_HasItsInnerFailures()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                            context.CallActivityAsync("fail")
                        );
                        return failure.FailureDetails.InnerFailure!.ToString();
                    }
                )
                .AddActivityFunc("fail", _ => throw new FormatException("outer", new IOException("inner")))
        );
        Assert.Equal("System.IO.IOException: inner", end.Output<string>());
    }

    private sealed class OwnException : Exception;
}
