using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;

namespace Local.Tests.Conformance;

public sealed class QueryTests
{
    [Fact]
    public async Task Query_ByStatusAndPrefix_SelectsThem()
    {
        await using DurableTaskTestHost host = await StartAsync();
        Assert.Equal(
            ["a-1", "a-2", "b-1"],
            await IdsAsync(host.Client, new() { Statuses = [OrchestrationRuntimeStatus.Completed] })
        );
        Assert.Equal(["a-1", "a-2", "a-wait"], await IdsAsync(host.Client, new() { InstanceIdPrefix = "a-" }));
        Assert.Equal(
            ["a-wait"],
            await IdsAsync(host.Client, new() { Statuses = [OrchestrationRuntimeStatus.Running] })
        );
    }

    [Fact]
    public async Task Query_InPages_ContinuesByToken()
    {
        await using DurableTaskTestHost host = await StartAsync();
        var sizes = new List<int>();
        string? token = null;
        await foreach (Page<OrchestrationMetadata> page in host.Client.GetAllInstancesAsync(new(PageSize: 3)).AsPages())
        {
            sizes.Add(page.Values.Count);
            token ??= page.ContinuationToken;
        }
        Assert.Equal([3, 1], sizes);
        Assert.Equal(["b-1"], await IdsAsync(host.Client, new(ContinuationToken: token)));
    }

    [Fact]
    public async Task Query_ByCreation_SelectsTheSpan()
    {
        await using DurableTaskTestHost host = await StartAsync();
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        Assert.Empty(await IdsAsync(host.Client, new(CreatedFrom: now.AddMinutes(1))));
        Assert.Empty(await IdsAsync(host.Client, new(CreatedTo: now.AddHours(-1))));
        Assert.Equal(4, (await IdsAsync(host.Client, new(CreatedFrom: now.AddHours(-1), CreatedTo: now))).Count);
    }

    [Fact]
    public async Task Query_WithoutPayloads_HasNone()
    {
        await using DurableTaskTestHost host = await StartAsync();
        OrchestrationMetadata bare = await host.Client.GetAllInstancesAsync().FirstAsync();
        OrchestrationMetadata full = await host
            .Client.GetAllInstancesAsync(new(FetchInputsAndOutputs: true))
            .FirstAsync();
        Assert.Null(bare.SerializedOutput);
        Assert.Equal("a-1", full.ReadOutputAs<string>());
    }

    [Fact]
    public async Task PurgeAll_RemovesEndedOnesOfTheFilter()
    {
        await using DurableTaskTestHost host = await StartAsync();
        PurgeResult none = await host.Client.PurgeInstancesAsync(
            TimeProvider.System.GetUtcNow().AddMinutes(1),
            null,
            CancellationToken.None
        );
        PurgeResult all = await host.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter());
        Assert.Equal(0, none.PurgedInstanceCount);
        Assert.Equal((3, true), (all.PurgedInstanceCount, all.IsComplete));
        Assert.Equal(["a-wait"], await IdsAsync(host.Client, new()));
    }

    private static async Task<List<string>> IdsAsync(DurableTaskClient client, OrchestrationQuery query) =>
        await client.GetAllInstancesAsync(query).Select(state => state.InstanceId).ToListAsync();

    private static async Task<DurableTaskTestHost> StartAsync()
    {
        DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(tasks =>
            tasks
                .AddOrchestratorFunc("own", context => context.InstanceId)
                .AddOrchestratorFunc("wait", context => context.WaitForExternalEvent<bool>("never"))
        );
        foreach (string id in new[] { "a-1", "a-2" })
        {
            await EndAsync(id);
        }
        await host.Client.ScheduleNewOrchestrationInstanceAsync("wait", new StartOrchestrationOptions("a-wait"));
        await host.Client.WaitForInstanceStartAsync("a-wait");
        await EndAsync("b-1");
        return host;

        async Task EndAsync(string id)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync("own", new StartOrchestrationOptions(id));
            await host.Client.EndAsync(id);
        }
    }
}
