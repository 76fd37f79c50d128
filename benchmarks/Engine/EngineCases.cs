using System.Diagnostics;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;

namespace Portability.Benchmarks.Engine;

/// <summary>
/// What the engine is measured by, in the official API only: this file compiles against Microsoft's packages as it is.
/// Each round has a host of its own, started before the clock.
/// </summary>
internal static class EngineCases
{
    private const int Orchestrations = 1000;
    private const int Steps = 10;

    /// <summary>Runs a case for the time given to warm up, then the given number of rounds; gives the seconds of those.</summary>
    public static async Task<IReadOnlyList<double>> RunAsync(string name, TimeSpan warmUp, int rounds)
    {
        Func<DurableTaskClient, Task<TimeSpan>> round = name switch
        {
            "sequences" => client => RunAllAsync(client, "sequence", Orchestrations, Steps),
            "fan-out" => client => RunAllAsync(client, "fan-out", 1, Orchestrations),
            "events" => EventsAsync,
            _ => throw new ArgumentException($"There is no case {name}.", nameof(name)),
        };
        var seconds = new List<double>();
        var begun = Stopwatch.GetTimestamp();
        for (var measured = 0; measured < rounds; )
        {
            var isWarm = Stopwatch.GetElapsedTime(begun) >= warmUp;
            await using var host = await DurableTaskTestHost.StartAsync(Register);
            var taken = await round(host.Client);
            if (isWarm)
            {
                seconds.Add(taken.TotalSeconds);
                measured++;
            }
        }

        return seconds;
    }

    private static void Register(DurableTaskRegistry tasks) =>
        tasks
            .AddActivityFunc<int, int>("echo", (_, number) => number)
            .AddOrchestratorFunc<int, int>(
                "sequence",
                async (context, steps) =>
                {
                    var sum = 0;
                    for (var step = 0; step < steps; step++)
                    {
                        sum += await context.CallActivityAsync<int>("echo", step);
                    }

                    return sum;
                }
            )
            .AddOrchestratorFunc<int, int>(
                "fan-out",
                async (context, width) =>
                    (
                        await Task.WhenAll(
                            Enumerable.Range(0, width).Select(i => context.CallActivityAsync<int>("echo", i))
                        )
                    ).Sum()
            )
            .AddOrchestratorFunc<int, int>("waiter", (context, _) => context.WaitForExternalEvent<int>("go"));

    private static async Task<TimeSpan> RunAllAsync(DurableTaskClient client, string orchestrator, int count, int input)
    {
        var begun = Stopwatch.GetTimestamp();
        var ids = await Task.WhenAll(
            Enumerable.Range(0, count).Select(_ => client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input))
        );
        await CompleteAsync(client, ids, input * (input - 1) / 2);
        return Stopwatch.GetElapsedTime(begun);
    }

    private static async Task<TimeSpan> EventsAsync(DurableTaskClient client)
    {
        var ids = await Task.WhenAll(
            Enumerable.Range(0, Orchestrations).Select(_ => client.ScheduleNewOrchestrationInstanceAsync("waiter", 0))
        );
        await Task.WhenAll(ids.Select(id => client.WaitForInstanceStartAsync(id)));
        var begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(ids.Select(id => client.RaiseEventAsync(id, "go", 7)));
        await CompleteAsync(client, ids, 7);
        return Stopwatch.GetElapsedTime(begun);
    }

    private static async Task CompleteAsync(DurableTaskClient client, string[] ids, int output)
    {
        var ends = await Task.WhenAll(
            ids.Select(id => client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true))
        );
        if (ends.FirstOrDefault(end => end.ReadOutputAs<int>() != output) is { } wrong)
        {
            throw new InvalidOperationException(
                $"{wrong.InstanceId} is {wrong.RuntimeStatus}: {wrong.SerializedOutput}"
            );
        }
    }
}
