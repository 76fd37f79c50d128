using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

/// <summary>NewGuid, the ids of sub-orchestrations and the numbers of tasks.</summary>
public sealed class IdentityTests
{
    [Fact]
    public async Task NewGuid_IsOfVersionFiveAndNeverTheSame()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc("main", context => new[] { context.NewGuid(), context.NewGuid() })
        );
        Guid[] ids = end.Output<Guid[]>()!;
        Assert.NotEqual(ids[0], ids[1]);
        Assert.All(ids, id => Assert.Equal(5, id.Version));
    }

    [Fact]
    public async Task NewGuid_IsMadeOfInstanceTimeAndACounter()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context => new Made(context.CurrentUtcDateTime, [context.NewGuid(), context.NewGuid()])
            )
        );
        Made made = end.Output<Made>()!;
        Assert.Equal([Expected(end.InstanceId, made.At, 0), Expected(end.InstanceId, made.At, 1)], made.Ids);
    }

    [Fact]
    public async Task SubOrchestrationWithoutAnId_TakesTheNextGuid()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        DateTime at = context.CurrentUtcDateTime;
                        Guid before = context.NewGuid();
                        Task<string> child = context.CallSubOrchestratorAsync<string>("child");
                        Guid after = context.NewGuid();
                        return new Made(at, [before, Guid.ParseExact(await child, "N"), after]);
                    }
                )
                .AddOrchestratorFunc("child", context => context.InstanceId)
        );
        Made made = end.Output<Made>()!;
        Assert.Equal(Enumerable.Range(0, 3).Select(i => Expected(end.InstanceId, made.At, i)), made.Ids);
    }

    [Fact]
    public async Task TaskId_CountsActivitiesTimersSubOrchestrationsAndSends()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        await context.CallActivityAsync("work");
                        await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
                        await context.CallSubOrchestratorAsync("child");
                        context.SendEvent("nobody", "event", 1);
                        TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                            context.CallActivityAsync("fail")
                        );
                        return failure.TaskId;
                    }
                )
                .AddOrchestratorFunc("child", _ => true)
                .AddActivityFunc("work", _ => { })
                .AddActivityFunc("fail", _ => throw new IOException())
        );
        Assert.Equal(4, end.Output<int>());
    }

    [Fact]
    public async Task SubOrchestration_OptionsGivenAsInput_AreRefused()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context => context.CallSubOrchestratorAsync<bool>("child", (object)new TaskOptions())
                )
                .AddOrchestratorFunc("child", _ => true)
        );
        Assert.Equal(typeof(ArgumentException).FullName, end.Failure().ErrorType);
    }

    // RFC 4122, version 5: SHA-1 over the namespace in network order and the name.
    private static Guid Expected(string instanceId, DateTime at, int counter)
    {
        Span<byte> space = stackalloc byte[16];
        Guid.Parse("9e952958-5e33-4daf-827f-2fa12937b875").TryWriteBytes(space, bigEndian: true, out _);
        string name = string.Create(CultureInfo.InvariantCulture, $"{instanceId}_{at:o}_{counter}");
#pragma warning disable CA5350 // What the version says.
        byte[] hash = SHA1.HashData([.. space, .. Encoding.UTF8.GetBytes(name)]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    private sealed record Made(DateTime At, Guid[] Ids);
}
