using System.Globalization;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Portability.Local;

namespace Local.Tests.DurableTask;

/// <summary>
/// A host that is killed: the test assembly run as a program. It works on the orchestrations of a store until all have
/// ended. Everything it does outside of the store goes into a log, one line a fact, so that the test can compare.
/// </summary>
internal static class CrashProgram
{
    public const int Instances = 12;
    public const int Rounds = 40;
    public const int Events = 60;
    public const int Days = 120;

    private static readonly Lock Gate = new();

    public static async Task<int> Main(string[] args)
    {
        if (args is ["crash", .. var options])
        {
            return await CrashSeries.RunAsync(options);
        }
        if (args is ["bus", var folder, var journal])
        {
            return await ServiceBus.BusCrashProgram.RunAsync(folder, journal);
        }
        if (args is not [var mode and ("work" or "settle"), var store, var log])
        {
            await Console.Error.WriteLineAsync("This is a test assembly; it is run by './test' and './bench crash'.");
            return 2;
        }
        await using FileStream file = new(log, FileMode.Append, FileAccess.Write, FileShare.Read);
        VirtualClock? clock = null;
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            store,
            tasks => Register(tasks, file, () => clock!)
        );
        clock = host.Clock;
        return mode == "work" ? await WorkAsync(host, log, file) : await SettleAsync(host, log, file);
    }

    private static async Task<int> WorkAsync(EngineOnAStore host, string log, FileStream file)
    {
        for (int i = 0; i < Instances; i++)
        {
            if (await host.Client.GetInstanceAsync($"ledger-{i}") is null)
            {
                await host.Client.ScheduleNewOrchestrationInstanceAsync(
                    "ledger",
                    new LedgerState(0, 0),
                    new StartOrchestrationOptions($"ledger-{i}")
                );
            }
        }
        if (await host.Client.GetInstanceAsync("collector") is null)
        {
            await host.Client.ScheduleNewOrchestrationInstanceAsync(
                "collector",
                new List<int>(),
                new StartOrchestrationOptions("collector")
            );
        }
        Console.WriteLine("ready");
        await SendEventsAsync(host.Client, log, file);
        foreach (string id in Enumerable.Range(0, Instances).Select(i => $"ledger-{i}").Append("collector"))
        {
            OrchestrationMetadata end = await host.Client.WaitForInstanceCompletionAsync(id, true);
            Console.WriteLine($"{id} {end.RuntimeStatus} {end.SerializedOutput}{end.FailureDetails}");
        }
        return 0;
    }

    private static async Task<int> SettleAsync(EngineOnAStore host, string log, FileStream file)
    {
        string? first = (await ReadAsync(log)).FirstOrDefault(line =>
            line.StartsWith("start ", StringComparison.Ordinal)
        );
        if (first is null)
        {
            first = $"start {host.Clock.GetUtcNow():O}";
            Write(file, first);
        }
        DateTimeOffset start = DateTimeOffset.Parse(first["start ".Length..], CultureInfo.InvariantCulture);
        for (int i = 0; i < Instances; i++)
        {
            if (await host.Client.GetInstanceAsync($"calendar-{i}") is null)
            {
                await host.Client.ScheduleNewOrchestrationInstanceAsync(
                    "calendar",
                    new CalendarState(start.UtcDateTime, 1),
                    new StartOrchestrationOptions($"calendar-{i}")
                );
            }
        }
        Console.WriteLine("ready");
        // A host before this one may have settled already.
        DateTimeOffset target = start.AddDays(Days + 1);
        await host.SettleAsync(target > host.Clock.GetUtcNow() ? target : host.Clock.GetUtcNow().AddMinutes(1));
        Console.WriteLine("settled");
        return 0;
    }

    private static void Register(DurableTaskRegistry tasks, FileStream file, Func<VirtualClock> clock) =>
        tasks
            .AddOrchestratorFunc<LedgerState, int>(
                "ledger",
                async (context, state) =>
                {
                    int[] parts = await Task.WhenAll(
                        Enumerable
                            .Range(0, 3)
                            .Select(part =>
                                context.CallActivityAsync<int>("append", $"{context.InstanceId} {state.Round} {part}")
                            )
                    );
                    await context.CreateTimer(TimeSpan.FromMilliseconds(5), CancellationToken.None);
                    int child = await context.CallSubOrchestratorAsync<int>(
                        "child",
                        state.Round,
                        new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-child-{state.Round}")
                    );
                    var next = new LedgerState(state.Round + 1, state.Total + parts.Sum() + child);
                    if (next.Round < Rounds)
                    {
                        context.ContinueAsNew(newInput: next);
                    }
                    return next.Total;
                }
            )
            .AddOrchestratorFunc<int, int>(
                "child",
                async (context, round) =>
                    await context.CallActivityAsync<int>("append", $"{context.InstanceId} {round} c")
            )
            .AddOrchestratorFunc<List<int>, List<int>>(
                "collector",
                async (context, seen) =>
                {
                    while (seen.Distinct().Count() < Events)
                    {
                        seen.Add(await context.WaitForExternalEvent<int>("number"));
                        if (seen.Count % 4 == 0)
                        {
                            context.ContinueAsNew(newInput: seen);
                            return seen;
                        }
                    }
                    return seen;
                }
            )
            .AddOrchestratorFunc<CalendarState, int>(
                "calendar",
                async (context, state) =>
                {
                    for (int day = state.Day; day <= Days; day++)
                    {
                        await context.CreateTimer(state.Start.AddDays(day), CancellationToken.None);
                        await context.CallActivityAsync("tick", $"{context.InstanceId} {day}");
                        if (day % 7 == 0)
                        {
                            context.ContinueAsNew(newInput: state with { Day = day + 1 });
                            return day;
                        }
                    }
                    return Days;
                }
            )
            .AddActivityFunc<string>(
                "tick",
                async (_, line) =>
                {
                    await Task.Delay(3);
                    Write(file, $"tick {line} {clock().GetUtcNow():O}");
                }
            )
            .AddActivityFunc<string, int>(
                "append",
                (_, line) =>
                {
                    Write(file, $"append {line}");
                    return 1;
                }
            );

    private static async Task SendEventsAsync(DurableTaskClient client, string log, FileStream file)
    {
        string[] lines = await ReadAsync(log);
        int next = lines.Count(line => line.StartsWith("acknowledged ", StringComparison.Ordinal));
        for (; next < Events; next++)
        {
            await client.RaiseEventAsync("collector", "number", next);
            Write(file, $"acknowledged {next}");
            await Task.Delay(10);
        }
    }

    private static async Task<string[]> ReadAsync(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return (await reader.ReadToEndAsync()).Split('\n');
    }

    private static void Write(FileStream file, string line)
    {
        lock (Gate)
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush();
        }
    }

    internal sealed record LedgerState(int Round, int Total);

    internal sealed record CalendarState(DateTime Start, int Day);
}
