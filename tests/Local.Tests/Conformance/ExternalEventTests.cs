using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class ExternalEventTests
{
    [Fact]
    public async Task Event_Raised_ReachesItsWaiter()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc("main", context => context.WaitForExternalEvent<string>("signal")),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "signal", "hello")
        );
        Assert.Equal("hello", end.Output<string>());
    }

    [Fact]
    public async Task Event_NamedInAnotherCase_ReachesItsWaiter()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc("main", context => context.WaitForExternalEvent<int>("Case-Changed")),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "case-CHANGED", 7)
        );
        Assert.Equal(7, end.Output<int>());
    }

    [Fact]
    public async Task Event_WithoutPayload_IsNullForAReferenceType()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context => await context.WaitForExternalEvent<string?>("signal") is null
                ),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "signal", CancellationToken.None)
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Event_WithoutPayloadForAValueType_FailsTheOrchestration()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc("main", context => context.WaitForExternalEvent<int>("signal")),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "signal")
        );
        Assert.Equal(typeof(NullReferenceException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Events_NobodyWaitsFor_AreBufferedInOrder()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await context.WaitForExternalEvent<bool>("go");
                        string all = "";
                        for (int i = 0; i < 3; i++)
                        {
                            all += await context.WaitForExternalEvent<string>("letter");
                        }
                        return all;
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.RaiseEventAsync(id, "letter", "a");
                await client.RaiseEventAsync(id, "LETTER", "b");
                await client.RaiseEventAsync(id, "letter", "c");
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Equal("abc", end.Output<string>());
    }

    [Fact]
    public async Task Waiters_OfOneName_AreServedNewestFirst()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        Task<string> older = context.WaitForExternalEvent<string>("signal");
                        Task<string> newer = context.WaitForExternalEvent<string>("signal");
                        await Task.WhenAll(older, newer);
                        return await newer + await older;
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.RaiseEventAsync(id, "signal", "1");
                await client.RaiseEventAsync(id, "signal", "2");
            }
        );
        Assert.Equal("12", end.Output<string>());
    }

    [Fact]
    public async Task Waiters_OfOneNameWithTwoTypes_AreRefused()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    _ = context.WaitForExternalEvent<string>("signal");
                    return await context.WaitForExternalEvent<int>("SIGNAL");
                }
            )
        );
        Assert.Equal(typeof(ArgumentException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Wait_WithTimeout_IsCancelledWhenTheTimeIsOut()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    Task<string> wait = context.WaitForExternalEvent<string>("signal", TimeSpan.FromMilliseconds(20));
                    await Assert.ThrowsAsync<TaskCanceledException>(() => wait);
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Wait_WithTimeout_GivesAnEventInTimeAndEndsItsTimer()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    context => context.WaitForExternalEvent<string>("signal", TimeSpan.FromDays(30))
                ),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "signal", "in time")
        );
        Assert.Equal("in time", end.Output<string>());
    }

    [Fact]
    public async Task Waiter_Cancelled_SwallowsAnEventThatFindsItOnTop()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        using var cancellation = new CancellationTokenSource();
                        Task<string> lost = context.WaitForExternalEvent<string>("signal", cancellation.Token);
                        cancellation.Cancel();
                        await context.WaitForExternalEvent<bool>("go");
                        string next = await context.WaitForExternalEvent<string>("signal");
                        return (lost.IsCanceled, next).ToString();
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.RaiseEventAsync(id, "signal", "swallowed");
                await client.RaiseEventAsync(id, "signal", "kept");
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Equal("(True, kept)", end.Output<string>());
    }

    [Fact]
    public async Task SendEvent_ReachesAnotherInstance()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc("main", context => context.WaitForExternalEvent<string>("greeting"))
                    .AddOrchestratorFunc<string, bool>(
                        "sender",
                        (context, target) =>
                        {
                            context.SendEvent(target, "greeting", "from " + context.InstanceId);
                            return true;
                        }
                    ),
            meanwhile: async (client, id) =>
            {
                string sender = await client.ScheduleNewOrchestrationInstanceAsync(
                    "sender",
                    id,
                    new StartOrchestrationOptions("s")
                );
                Assert.True((await client.EndAsync(sender)).Output<bool>());
            }
        );
        Assert.Equal("from s", end.Output<string>());
    }

    [Fact]
    public async Task SendEvent_ToNobody_IsDropped()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    context.SendEvent("nobody", "greeting", "x");
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Events_ToOneInstanceFromManyCallers_AreAllTaken()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        int sum = 0;
                        for (int i = 0; i < 100; i++)
                        {
                            sum += await context.WaitForExternalEvent<int>("number");
                        }
                        return sum;
                    }
                ),
            meanwhile: (client, id) =>
                Task.WhenAll(Enumerable.Range(1, 100).Select(i => client.RaiseEventAsync(id, "number", i)))
        );
        Assert.Equal(5050, end.Output<int>());
    }

    [Fact]
    public async Task Event_Buffered_IsTakenAtOnceByAWaiter()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await context.WaitForExternalEvent<bool>("go");
                        return context.WaitForExternalEvent<string>("letter").IsCompletedSuccessfully;
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.RaiseEventAsync(id, "letter", "a");
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Events_OfTwoNames_DoNotTakeEachOthersPlace()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        string b = await context.WaitForExternalEvent<string>("b");
                        return await context.WaitForExternalEvent<string>("a") + b;
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.RaiseEventAsync(id, "a", "1");
                await client.RaiseEventAsync(id, "b", "2");
            }
        );
        Assert.Equal("12", end.Output<string>());
    }

    [Fact]
    public async Task Waiter_TimedOut_SwallowsTheNextEvent()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await Assert.ThrowsAsync<TaskCanceledException>(() =>
                            context.WaitForExternalEvent<string>("letter", TimeSpan.FromMilliseconds(10))
                        );
                        context.SetCustomStatus("timed out");
                        await context.WaitForExternalEvent<bool>("go");
                        return await context.WaitForExternalEvent<string>("letter");
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.WaitForStatusAsync(id, "timed out");
                await client.RaiseEventAsync(id, "letter", "lost");
                await client.RaiseEventAsync(id, "letter", "kept");
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Equal("kept", end.Output<string>());
    }

    [Fact]
    public async Task Waiter_Cancelled_IsOnTopAgainOnceANewerOneIsServed()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        using var cancellation = new CancellationTokenSource();
                        _ = context.WaitForExternalEvent<string>("letter", cancellation.Token);
                        cancellation.Cancel();
                        string first = await context.WaitForExternalEvent<string>("letter");
                        await context.WaitForExternalEvent<bool>("go");
                        return first + await context.WaitForExternalEvent<string>("letter");
                    }
                ),
            meanwhile: async (client, id) =>
            {
                foreach (string letter in new[] { "a", "lost", "b" })
                {
                    await client.RaiseEventAsync(id, "letter", letter);
                }
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Equal("ab", end.Output<string>());
    }

    [Fact]
    public async Task Waiter_OfAnotherTypeThanACancelledOne_IsRefused()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    using var cancellation = new CancellationTokenSource();
                    _ = context.WaitForExternalEvent<string>("letter", cancellation.Token);
                    cancellation.Cancel();
                    return await context.WaitForExternalEvent<int>("letter");
                }
            )
        );
        Assert.Equal(typeof(ArgumentException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Event_ThatDoesNotFitItsWaiter_FailsTheOrchestrationPastItsCatch()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        try
                        {
                            return await context.WaitForExternalEvent<int>("number");
                        }
                        catch (System.Text.Json.JsonException)
                        {
                            return -1;
                        }
                    }
                ),
            meanwhile: (client, id) => client.RaiseEventAsync(id, "number", "seven")
        );
        Assert.Equal(typeof(System.Text.Json.JsonException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Wait_WithTimeoutAndToken_IsCancelledByTheToken()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    using var cancellation = new CancellationTokenSource();
                    Task<string> wait = context.WaitForExternalEvent<string>(
                        "signal",
                        TimeSpan.FromDays(1),
                        cancellation.Token
                    );
                    cancellation.Cancel();
                    await Assert.ThrowsAsync<TaskCanceledException>(() => wait);
                    return true;
                }
            )
        );
        Assert.True(end.Output<bool>());
    }
}
