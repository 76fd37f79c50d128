using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;

namespace Local.Tests.Conformance;

/// <summary>Short ways to run an orchestration in a test.</summary>
internal static class Orchestrations
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Starts a host, runs the orchestrator "main" to its end and gives its state.</summary>
    public static async Task<OrchestrationMetadata> RunAsync(
        Action<DurableTaskRegistry> registry,
        object? input = null,
        Func<DurableTaskClient, string, Task>? meanwhile = null
    )
    {
        await using DurableTaskTestHost host = await DurableTaskTestHost.StartAsync(registry);
        return await host.Client.RunAsync("main", input, meanwhile);
    }

    public static async Task<OrchestrationMetadata> RunAsync(
        this DurableTaskClient client,
        string name,
        object? input = null,
        Func<DurableTaskClient, string, Task>? meanwhile = null
    )
    {
        string id = await client.ScheduleNewOrchestrationInstanceAsync(name, input);
        if (meanwhile is not null)
        {
            await client.WaitForInstanceStartAsync(id);
            await meanwhile(client, id);
        }
        return await client.EndAsync(id);
    }

    /// <summary>Waits for the end of an instance.</summary>
    public static async Task<OrchestrationMetadata> EndAsync(this DurableTaskClient client, string id)
    {
        using var timeout = new CancellationTokenSource(Patience);
        return await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, timeout.Token);
    }

    /// <summary>Waits until the instance's custom status is the given text.</summary>
    public static async Task WaitForStatusAsync(this DurableTaskClient client, string id, string status)
    {
        using var timeout = new CancellationTokenSource(Patience);
        while (
            (await client.GetInstanceAsync(id, getInputsAndOutputs: true, timeout.Token))?.ReadCustomStatusAs<string>()
            != status
        )
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    /// <summary>Waits until the instance has the given status.</summary>
    public static async Task WaitForStatusAsync(
        this DurableTaskClient client,
        string id,
        OrchestrationRuntimeStatus status
    )
    {
        using var timeout = new CancellationTokenSource(Patience);
        while ((await client.GetInstanceAsync(id, timeout.Token))?.RuntimeStatus != status)
        {
            await Task.Delay(5, timeout.Token);
        }
    }

    /// <summary>The output of an instance that has completed; its failure otherwise.</summary>
    public static T? Output<T>(this OrchestrationMetadata state)
    {
        Assert.True(
            state.RuntimeStatus == OrchestrationRuntimeStatus.Completed,
            $"{state.RuntimeStatus}: {state.FailureDetails}"
        );
        return state.ReadOutputAs<T>();
    }

    /// <summary>The failure of an instance that has failed.</summary>
    public static TaskFailureDetails Failure(this OrchestrationMetadata state)
    {
        Assert.Equal(OrchestrationRuntimeStatus.Failed, state.RuntimeStatus);
        return state.FailureDetails!;
    }
}
