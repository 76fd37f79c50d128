using System.Diagnostics;
using System.Globalization;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Local;

namespace Portability.Benchmarks.Engine;

/// <summary>What only the embedded engine has: a virtual clock, and a store that a later process goes on with.</summary>
internal static class EmbeddedCases
{
    private const int Timers = 1000;
    private const int Days = 150;
    private const int Open = 10_000;

    /// <summary>Timers spread over 150 days and the clock settled past them; seconds of each round.</summary>
    public static async Task<IReadOnlyList<double>> TimersAsync(TimeSpan warmUp, int rounds)
    {
        var seconds = new List<double>();
        var first = Stopwatch.GetTimestamp();
        while (seconds.Count < rounds)
        {
            var isWarm = Stopwatch.GetElapsedTime(first) >= warmUp;
            await using var host = await DurableTaskTestHost.StartAsync(tasks =>
                tasks.AddOrchestratorFunc<int, DateTime>("sleeper", SleepAsync)
            );
            var clock = host.Services.GetRequiredService<VirtualClock>();
            var start = clock.GetUtcNow();
            var begun = Stopwatch.GetTimestamp();
            var ids = await Task.WhenAll(
                Enumerable
                    .Range(0, Timers)
                    .Select(n => host.Client.ScheduleNewOrchestrationInstanceAsync("sleeper", Minutes(n)))
            );
            await clock.SettleAsync(start.AddDays(Days + 1), CancellationToken.None);
            foreach (var (id, n) in ids.Select((id, n) => (id, n)))
            {
                var end = await host.Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true);
                if (end.ReadOutputAs<DateTime>() < start.UtcDateTime.AddMinutes(Minutes(n)))
                {
                    throw new InvalidOperationException($"The timer of {id} fired early.");
                }
            }

            if (isWarm)
            {
                seconds.Add(Stopwatch.GetElapsedTime(begun).TotalSeconds);
            }
        }

        return seconds;
    }

    /// <summary>Fills a store with orchestrations that wait on timers, and stops.</summary>
    public static async Task FillAsync(string store)
    {
        await using var engine = MakeEngine(store);
        await engine.StartAsync(CancellationToken.None);
        await Parallel.ForAsync(
            0,
            Open,
            async (n, stop) =>
                await engine.Client.ScheduleNewOrchestrationInstanceAsync("sleeper", Days * 1440 + n, stop)
        );
        await engine.WhenIdleAsync(CancellationToken.None);
        await engine.StopAsync(CancellationToken.None);
    }

    /// <summary>Starts on a filled store; gives the seconds until it is ready, its timers known.</summary>
    public static async Task<double> RestartAsync(string store)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var engine = MakeEngine(store);
        await engine.StartAsync(CancellationToken.None);
        await engine.WhenIdleAsync(CancellationToken.None);
        var first = engine.NextDue;
        var elapsed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var count = 0;
        await foreach (
            var _ in engine.Client.GetAllInstancesAsync(
                new OrchestrationQuery(Statuses: [OrchestrationRuntimeStatus.Running], PageSize: 1000)
            )
        )
        {
            count++;
        }

        return first is not null && count == Open
            ? elapsed
            : throw new InvalidOperationException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} of {Open} orchestrations wait, next timer {first}."
                )
            );
    }

    private static DurableEngine MakeEngine(string store)
    {
        var engine = new DurableEngine(
            new DurableEngineOptions { StorePath = store },
            new VirtualClock(),
            NullLoggerFactory.Instance
        );
        engine.AddOrchestrator("sleeper", async context => await SleepAsync(context, context.GetInput<int>()));
        return engine;
    }

    private static async Task<DateTime> SleepAsync(TaskOrchestrationContext context, int minutes)
    {
        await context.CreateTimer(TimeSpan.FromMinutes(minutes), CancellationToken.None);
        return context.CurrentUtcDateTime;
    }

    private static int Minutes(int timer) => (timer + 1) * Days * 1440 / Timers;
}
