using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class ContinueAsNewTests
{
    [Fact]
    public async Task Generations_CarryTheirInputForward()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<int, int>(
                        "main",
                        async (context, count) =>
                        {
                            int next = await context.CallActivityAsync<int>("add", count);
                            if (next < 10)
                            {
                                context.ContinueAsNew(newInput: next);
                            }
                            return next;
                        }
                    )
                    .AddActivityFunc<int, int>("add", (_, input) => input + 1),
            0
        );
        Assert.Equal(10, end.Output<int>());
        Assert.Equal("9", end.SerializedInput);
    }

    [Fact]
    public async Task Generation_KeepsIdNameAndTags()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<bool, string>(
                    "main",
                    (context, again) =>
                    {
                        if (!again)
                        {
                            context.ContinueAsNew(newInput: true);
                        }
                        return context.InstanceId + context.Name;
                    }
                ),
            false
        );
        Assert.Equal(end.InstanceId + "main", end.Output<string>());
    }

    [Fact]
    public async Task UnprocessedEvents_GoOverToTheNextGenerationInOrder()
    {
        OrchestrationMetadata end = await RunAsync(
            EventCollector(preserve: true),
            "",
            async (client, id) =>
            {
                await client.RaiseEventAsync(id, "letter", "a");
                await client.RaiseEventAsync(id, "letter", "b");
                await client.RaiseEventAsync(id, "letter", "c");
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Equal("abc", end.Output<string>());
    }

    [Fact]
    public async Task UnprocessedEvents_NotPreserved_AreDropped()
    {
        OrchestrationMetadata end = await RunAsync(
            EventCollector(preserve: false),
            "",
            async (client, id) =>
            {
                await client.RaiseEventAsync(id, "letter", "lost");
                await client.RaiseEventAsync(id, "go", true);
                await client.WaitForStatusAsync(id, "collecting");
                foreach (string letter in new[] { "x", "y", "z" })
                {
                    await client.RaiseEventAsync(id, "letter", letter);
                }
            }
        );
        Assert.Equal("xyz", end.Output<string>());
    }

    [Fact]
    public async Task Call_ThenException_FailsAndDiscardsTheNextGeneration()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    context.ContinueAsNew(newInput: 1);
                    throw new InvalidOperationException("after all");
                }
            )
        );
        Assert.Equal("after all", end.Failure().ErrorMessage);
    }

    [Fact]
    public async Task Call_WithOpenTasks_WaitsForThem()
    {
        var gate = new TaskCompletionSource();
        int generations = 0;
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<bool, string>(
                        "main",
                        (context, again) =>
                        {
                            if (!again)
                            {
                                _ = context.CallActivityAsync("slow");
                                context.ContinueAsNew(newInput: true);
                            }
                            Interlocked.Increment(ref generations);
                            return "end";
                        }
                    )
                    .AddActivityFunc("slow", _ => gate.Task),
            false,
            async (client, id) =>
            {
                await Task.Delay(100);
                Assert.Equal(1, Volatile.Read(ref generations));
                Assert.True((await client.GetInstanceAsync(id))!.IsRunning);
                gate.SetResult();
            }
        );
        Assert.Equal("end", end.Output<string>());
        Assert.Equal(2, generations);
    }

    [Fact]
    public async Task CustomStatus_IsSeenUntilTheNextGenerationsFirstStepIsOver()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<int, string>(
                    "main",
                    async (context, generation) =>
                    {
                        if (generation == 0)
                        {
                            context.SetCustomStatus("from the first");
                            context.ContinueAsNew(newInput: 1);
                            return "";
                        }
                        begun.TrySetResult();
                        await context.WaitForExternalEvent<bool>("one");
                        await context.WaitForExternalEvent<bool>("two");
                        return "end";
                    }
                ),
            0,
            async (client, id) =>
            {
                await client.WaitForStatusAsync(id, "from the first");
                // An event that is there already when a generation begins belongs to its first step.
                await begun.Task.WaitAsync(Patience);
                await client.RaiseEventAsync(id, "one", true);
                using var timeout = new CancellationTokenSource(Patience);
                while ((await client.GetInstanceAsync(id, true))!.SerializedCustomStatus is not null)
                {
                    await Task.Delay(5, timeout.Token);
                }
                await client.RaiseEventAsync(id, "two", true);
            }
        );
        Assert.Null(end.SerializedCustomStatus);
    }

    [Fact]
    public async Task Options_WithNewVersion_ChangeTheVersion()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<bool, string>(
                    "main",
                    (context, again) =>
                    {
                        if (!again)
                        {
                            context.ContinueAsNew(new ContinueAsNewOptions { NewInput = true, NewVersion = "2.0" });
                        }
                        return context.Version;
                    }
                ),
            false
        );
        Assert.Equal("2.0", end.Output<string>());
    }

    [Fact]
    public async Task Options_Null_AreRefused()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc("main", context => context.ContinueAsNew((ContinueAsNewOptions)null!))
        );
        Assert.Equal(typeof(ArgumentNullException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task TimersOfTheGenerationBefore_DoNotFireIntoTheNext()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<int, string>(
                    "main",
                    async (context, generation) =>
                    {
                        using var cancellation = new CancellationTokenSource();
                        Task timer = context.CreateTimer(TimeSpan.FromMilliseconds(5), cancellation.Token);
                        if (generation < 20)
                        {
                            cancellation.Cancel();
                            context.ContinueAsNew(newInput: generation + 1);
                            return "";
                        }
                        DateTime start = context.CurrentUtcDateTime;
                        await timer;
                        return context.CurrentUtcDateTime - start >= TimeSpan.FromMilliseconds(5) ? "own" : "foreign";
                    }
                ),
            0
        );
        Assert.Equal("own", end.Output<string>());
    }

    [Fact]
    public async Task EventsAfterTheCall_GoOverToTheNextGeneration()
    {
        var gate = new TaskCompletionSource();
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<bool, string>(
                        "main",
                        async (context, again) =>
                        {
                            if (again)
                            {
                                return await context.WaitForExternalEvent<string>("letter");
                            }
                            context.ContinueAsNew(newInput: true);
                            context.SetCustomStatus("called");
                            await context.CallActivityAsync("slow");
                            return "";
                        }
                    )
                    .AddActivityFunc("slow", _ => gate.Task),
            false,
            async (client, id) =>
            {
                await client.WaitForStatusAsync(id, "called");
                await client.RaiseEventAsync(id, "letter", "late");
                gate.SetResult();
            }
        );
        Assert.Equal("late", end.Output<string>());
    }

    [Fact]
    public async Task Generation_KeepsItsTagsAndVersion()
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks.AddOrchestratorFunc<bool, string>(
                "main",
                (context, again) =>
                {
                    if (!again)
                    {
                        context.ContinueAsNew(new ContinueAsNewOptions { NewInput = true, NewVersion = " " });
                    }
                    return context.Version;
                }
            )
        );
        await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "main",
            false,
            new StartOrchestrationOptions("tagged")
            {
                Version = "1.5",
                Tags = new Dictionary<string, string> { ["customer"] = "nordlys" },
            }
        );
        OrchestrationMetadata end = await host.Client.EndAsync("tagged");
        Assert.Equal("1.5", end.Output<string>());
        Assert.Equal("nordlys", end.Tags["customer"]);
    }

    [Fact]
    public async Task Generation_OfASubOrchestration_KeepsItsParent()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallSubOrchestratorAsync<string>("child", false))
                .AddOrchestratorFunc<bool, string?>(
                    "child",
                    (context, again) =>
                    {
                        if (!again)
                        {
                            context.ContinueAsNew(newInput: true);
                        }
                        return context.Parent?.InstanceId;
                    }
                )
        );
        Assert.Equal(end.InstanceId, end.Output<string>());
    }

    [Theory]
    [InlineData("named")]
    [InlineData("cast")]
    [InlineData("empty")]
    [InlineData("both")]
    public async Task Call_WithNullAsInput_BindsToTheOverloadWithAnInput(string form)
    {
        int generations = 0;
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    context =>
                    {
                        if (Interlocked.Increment(ref generations) > 1)
                        {
                            return context.GetInput<string>() ?? "nothing";
                        }
                        switch (form)
                        {
                            case "named":
                                context.ContinueAsNew(newInput: null);
                                break;
                            case "cast":
                                context.ContinueAsNew((object?)null);
                                break;
                            case "empty":
                                context.ContinueAsNew();
                                break;
                            default:
                                context.ContinueAsNew(null, false);
                                break;
                        }
                        return "";
                    }
                ),
            "first"
        );
        Assert.Equal("nothing", end.Output<string>());
    }

    [Fact]
    public async Task Call_MadeTwice_TakesTheLast()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<int, int>(
                    "main",
                    (context, generation) =>
                    {
                        if (generation == 0)
                        {
                            context.ContinueAsNew(newInput: 1);
                            context.ContinueAsNew(newInput: 2);
                        }
                        return generation;
                    }
                ),
            0
        );
        Assert.Equal(2, end.Output<int>());
    }

    private static Action<DurableTaskRegistry> EventCollector(bool preserve) =>
        tasks =>
            tasks.AddOrchestratorFunc<string, string>(
                "main",
                async (context, collected) =>
                {
                    if (collected.Length == 0 && context.GetInput<string>() is { Length: 0 })
                    {
                        await context.WaitForExternalEvent<bool>("go");
                        context.ContinueAsNew(newInput: "+", preserveUnprocessedEvents: preserve);
                        return "";
                    }
                    context.SetCustomStatus("collecting");
                    string all = "";
                    for (int i = 0; i < 3; i++)
                    {
                        all += await context.WaitForExternalEvent<string>("letter");
                    }
                    return all;
                }
            );
}
