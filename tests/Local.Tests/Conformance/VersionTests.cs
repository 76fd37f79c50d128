using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class VersionTests
{
    [Fact]
    public async Task Orchestration_StartedWithoutAVersion_HasNone()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc("main", context => context.Version)
        );
        Assert.Equal("", end.Output<string>());
    }

    [Theory]
    [InlineData("1.0", "2.0", -1)]
    [InlineData("2.0", "2.0", 0)]
    [InlineData("10.0", "9.0", 1)]
    [InlineData("", "1.0", -1)]
    public async Task Orchestration_ComparesItsVersion(string own, string other, int sign)
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks.AddOrchestratorFunc<string, int>(
                "main",
                (context, other) => Math.Sign(context.CompareVersionTo(other))
            )
        );
        await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "main",
            other,
            new StartOrchestrationOptions("one") { Version = own }
        );
        Assert.Equal(sign, (await host.Client.EndAsync("one")).Output<int>());
    }

    [Fact]
    public async Task Activity_WithAVersionInItsOptions_IsTheOneOfThatVersion()
    {
        OrchestrationMetadata end = await RunVersionedAsync(
            (registry, name) =>
            {
                registry.AddActivity(name, "1.0", () => new Says("old"));
                registry.AddActivity(name, "2.0", () => new Says("new"));
            },
            context => context.CallActivityAsync<string>("work", new TaskOptions { Version = "2.0" })
        );
        Assert.Equal("new", end.Output<string>());
    }

    [Fact]
    public async Task Activity_OfAVersionNobodyRegistered_FallsBackOnlyToAnUnversionedOne()
    {
        OrchestrationMetadata unversioned = await RunVersionedAsync(
            (registry, name) => registry.AddActivity(name, _ => new Says("any")),
            context => context.CallActivityAsync<string>("work")
        );
        OrchestrationMetadata versioned = await RunVersionedAsync(
            (registry, name) =>
            {
                registry.AddActivity(name, _ => new Says("any"));
                registry.AddActivity(name, "7.0", () => new Says("seven"));
            },
            context => context.CallActivityAsync<string>("work")
        );
        Assert.Equal("any", unversioned.Output<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Failed, versioned.RuntimeStatus);
    }

    [Fact]
    public async Task SubOrchestration_WithoutAVersion_HasTheHostsAndNotItsParents()
    {
        OrchestrationMetadata end = await RunVersionedAsync(
            (registry, name) => registry.AddOrchestratorFunc(name, context => "[" + context.Version + "]"),
            context => context.CallSubOrchestratorAsync<string>("work")
        );
        Assert.Equal("[]", end.Output<string>());
    }

    [Fact]
    public async Task SubOrchestration_WithAVersion_HasIt()
    {
        OrchestrationMetadata end = await RunVersionedAsync(
            (registry, name) => registry.AddOrchestratorFunc(name, context => "[" + context.Version + "]"),
            context => context.CallSubOrchestratorAsync<string>("work", new SubOrchestrationOptions { Version = "3.1" })
        );
        Assert.Equal("[3.1]", end.Output<string>());
    }

    // An orchestration of version 1.0 that calls "work".
    private static async Task<OrchestrationMetadata> RunVersionedAsync(
        Action<DurableTaskRegistry, string> addWork,
        Func<TaskOrchestrationContext, Task<string>> run
    )
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
        {
            tasks.AddOrchestratorFunc("main", run);
            addWork(tasks, "work");
        });
        await host.Client.ScheduleNewOrchestrationInstanceAsync(
            "main",
            new StartOrchestrationOptions("one") { Version = "1.0" }
        );
        return await host.Client.EndAsync("one");
    }

    private sealed class Says(string word) : TaskActivity<object?, string>
    {
        public override Task<string> RunAsync(TaskActivityContext context, object? input) => Task.FromResult(word);
    }
}
