using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class ActivityTests
{
    private sealed record Parcel(string Name, int Weight);

    [Fact]
    public async Task Activity_Called_GivesItsResult()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<int, int>(
                        "main",
                        (context, input) => context.CallActivityAsync<int>("double", input)
                    )
                    .AddActivityFunc<int, int>("double", (_, input) => input * 2),
            21
        );
        Assert.Equal(42, end.Output<int>());
    }

    [Fact]
    public async Task Activity_NamedInAnotherCase_IsFound()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync<string>("HELLO"))
                .AddActivityFunc("hello", context => context.Name.Name)
        );
        Assert.Equal("HELLO", end.Output<string>());
    }

    [Fact]
    public async Task Activity_WithRecords_KeepsThem()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<Parcel, Parcel>(
                        "main",
                        (context, input) => context.CallActivityAsync<Parcel>("pack", input)
                    )
                    .AddActivityFunc<Parcel, Parcel>("pack", (_, input) => input with { Weight = input.Weight + 1 }),
            new Parcel("Ærø \"x\"\n", 3)
        );
        Assert.Equal(new Parcel("Ærø \"x\"\n", 4), end.Output<Parcel>());
    }

    [Fact]
    public async Task Activity_WithoutInputAndResult_GetsAndGivesNull()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await context.CallActivityAsync("nothing");
                        return await context.CallActivityAsync<string?>("isNull", input: null);
                    }
                )
                .AddActivityFunc("nothing", _ => { })
                .AddActivityFunc<string?, string?>("isNull", (_, input) => input is null ? null : "not null")
        );
        Assert.Null(end.Output<string>());
        Assert.Null(end.SerializedOutput);
    }

    [Fact]
    public async Task Activities_FannedOut_AllRunAndKeepTheirPlaces()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc<int, int[]>(
                        "main",
                        (context, count) =>
                            Task.WhenAll(
                                Enumerable.Range(0, count).Select(i => context.CallActivityAsync<int>("square", i))
                            )
                    )
                    .AddActivityFunc<int, int>("square", (_, input) => input * input),
            200
        );
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * i), end.Output<int[]>());
    }

    [Fact]
    public async Task Activity_KnowsItsCaller()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context => await context.CallActivityAsync<string>("who") == context.InstanceId
                )
                .AddActivityFunc("who", context => context.InstanceId)
        );
        Assert.True(end.Output<bool>());
    }

    [Fact]
    public async Task Activity_OptionsGivenAsInput_AreRefused()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync("any", (object)new TaskOptions()))
                .AddActivityFunc("any", _ => { })
        );
        Assert.Equal(typeof(ArgumentException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Activity_NeverAwaited_HoldsBackTheEnd()
    {
        var gate = new TaskCompletionSource();
        bool ran = false;
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks
                    .AddOrchestratorFunc(
                        "main",
                        context =>
                        {
                            _ = context.CallActivityAsync("slow");
                            return "returned";
                        }
                    )
                    .AddActivityFunc(
                        "slow",
                        async _ =>
                        {
                            await gate.Task;
                            ran = true;
                        }
                    ),
            meanwhile: async (client, id) =>
            {
                Assert.True((await client.GetInstanceAsync(id))!.IsRunning);
                gate.SetResult();
            }
        );
        Assert.Equal("returned", end.Output<string>());
        Assert.True(ran);
    }

    [Fact]
    public async Task Activities_OfVersions_TheOrchestrationsOneIsCalled()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                        await context.CallActivityAsync<string>("task")
                        + await context.CallActivityAsync<string>("task", new TaskOptions { Version = "2" })
                )
                .AddActivityFunc<object?, string>("task", (_, _) => "unversioned ")
                .AddActivityFunc<object?, string>("task", "2", (context, _) => Task.FromResult(context.Version))
        );
        Assert.Equal("unversioned 2", end.Output<string>());
    }

    [Fact]
    public async Task Activities_AtOnce_AreLimitedOnlyByTheirNumber()
    {
        var both = new Barrier(2);
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await Task.WhenAll(context.CallActivityAsync("meet"), context.CallActivityAsync("meet"));
                        return true;
                    }
                )
                .AddActivityFunc("meet", _ => Assert.True(both.SignalAndWait(Patience)))
        );
        Assert.True(end.Output<bool>());
    }
}
