using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class CustomStatusTests
{
    [Fact]
    public async Task Status_Set_IsSeenByClientsThatAskForPayloads()
    {
        OrchestrationMetadata? bare = null;
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        context.SetCustomStatus("old");
                        context.SetCustomStatus("waiting");
                        await context.WaitForExternalEvent<bool>("go");
                        return true;
                    }
                ),
            meanwhile: async (client, id) =>
            {
                await client.WaitForStatusAsync(id, "waiting");
                bare = await client.GetInstanceAsync(id);
                await client.RaiseEventAsync(id, "go", true);
            }
        );
        Assert.Null(bare!.SerializedCustomStatus);
        Assert.Equal("waiting", end.ReadCustomStatusAs<string>());
    }

    [Fact]
    public async Task Status_SetToNull_IsNoneAnyMore()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        context.SetCustomStatus("busy");
                        await context.CallActivityAsync("work");
                        context.SetCustomStatus(null);
                        return true;
                    }
                )
                .AddActivityFunc("work", _ => { })
        );
        Assert.Null(end.SerializedCustomStatus);
    }

    [Theory]
    [InlineData(8190, true)]
    [InlineData(8191, false)]
    public async Task Status_UpToSixteenKilobytes_IsTaken(int characters, bool taken)
    {
        OrchestrationMetadata end = await RunAsync(
            tasks =>
                tasks.AddOrchestratorFunc<int, bool>(
                    "main",
                    (context, length) =>
                    {
                        // Two more are the quotation marks.
                        context.SetCustomStatus(new string('x', length));
                        return true;
                    }
                ),
            characters
        );
        Assert.Equal(
            taken ? OrchestrationRuntimeStatus.Completed : OrchestrationRuntimeStatus.Failed,
            end.RuntimeStatus
        );
    }

    [Fact]
    public async Task Status_SetTwiceInOneStep_IsTheLast()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    context.SetCustomStatus("first");
                    context.SetCustomStatus("second");
                    return true;
                }
            )
        );
        Assert.Equal("second", end.ReadCustomStatusAs<string>());
    }

    [Fact]
    public async Task Status_TooLong_FailsWithWhatIsWrong()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context =>
                {
                    context.SetCustomStatus(new string('x', 20_000));
                    return true;
                }
            )
        );
        Assert.Contains("16 KB", end.Failure().ErrorMessage, StringComparison.Ordinal);
    }
}
