using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class ReplayRuleTests
{
    [Theory]
    [InlineData("delay")]
    [InlineData("run")]
    [InlineData("configure")]
    public async Task Await_OfSomethingNotDurable_FailsTheInstance(string kind)
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        switch (kind)
                        {
                            case "delay":
                                await Task.Delay(20);
                                break;
                            case "run":
                                await Task.Run(() => Task.Delay(20));
                                break;
                            default:
                                await context.CallActivityAsync("work").ConfigureAwait(false);
                                break;
                        }
                        await context.CallActivityAsync("work");
                        return true;
                    }
                )
                .AddActivityFunc("work", _ => { })
        );
        Assert.Equal(typeof(InvalidOperationException).FullName, end.Failure().ErrorType);
        Assert.Contains("asynchronous", end.Failure().ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Await_OfSomethingNotDurableBesideATimer_FailsTheInstance()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    _ = context.CreateTimer(TimeSpan.FromDays(1), CancellationToken.None);
                    await Task.Delay(20);
                    return true;
                }
            )
        );
        Assert.Equal(typeof(InvalidOperationException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Continuations_OfTasks_StayOnTheOrchestratorsThread()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        Task<int> call = context.CallActivityAsync<int>("one");
#pragma warning disable VSTHRD105, CA2008, MA0134 // The point of the test: the current scheduler is the orchestrator's.
                        return await call.ContinueWith(one => one.Result + 1);
#pragma warning restore VSTHRD105, CA2008, MA0134
                    }
                )
                .AddActivityFunc<object?, int>("one", (_, _) => 1)
        );
        Assert.Equal(2, end.Output<int>());
    }
}
