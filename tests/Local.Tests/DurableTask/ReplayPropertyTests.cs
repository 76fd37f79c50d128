using FsCheck;
using FsCheck.Fluent;
using Local.Tests.Conformance;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Local.Tests.DurableTask;

/// <summary>
/// Random orchestrations, each letter a step: run with their executions kept in memory, and run with every step replayed
/// from the stored history. Both must do what the letters say.
/// </summary>
public sealed class ReplayPropertyTests
{
    private const string Letters = "atespfrgcw";

    [Fact]
    public async Task Program_KeptOrReplayed_GivesTheSameTrace()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore kept = await EngineOnAStore.StartAsync(folder.File("kept.db"), Register);
        await using EngineOnAStore replayed = await EngineOnAStore.StartAsync(
            folder.File("replayed.db"),
            Register,
            options => options with { MaxCachedOrchestrations = 0 }
        );
        Gen<string> programs = Gen.Elements(Letters.ToCharArray())
            .ArrayOf()
            .Resize(12)
            .Select(letters => new string(letters));
        foreach (string program in Gen.Sample(programs, 12, 30))
        {
            string expected = string.Concat(program.Select(letter => Trace(letter, 0)));
            Assert.Equal(expected, await RunAsync(kept.Client, program));
            Assert.Equal(expected, await RunAsync(replayed.Client, program));
        }
    }

    private static async Task<string?> RunAsync(DurableTaskClient client, string program)
    {
        string id = await client.ScheduleNewOrchestrationInstanceAsync("program", program);
        foreach (char _ in program.Where(letter => letter == 'e'))
        {
            await client.RaiseEventAsync(id, "number", 1);
        }
        return (await client.EndAsync(id)).Output<string>();
    }

    private static string Trace(char letter, int offset) =>
        letter switch
        {
            'p' => "pA2",
            'r' => "rA3",
            'f' => "fIOException",
            'g' => "g5",
            'w' => "wTrue",
            't' or 'c' => $"{letter}",
            _ => $"{letter}{1 + offset}",
        };

    private static void Register(DurableTaskRegistry tasks)
    {
        var attempts = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        tasks
            .AddOrchestratorFunc<string, string>(
                "program",
                async (context, program) =>
                {
                    string trace = "";
                    foreach (char letter in program)
                    {
                        trace += letter + await StepAsync(context, letter);
                    }
                    return trace;
                }
            )
            .AddOrchestratorFunc<int, int>("child", (context, n) => context.CallActivityAsync<int>("same", n))
            .AddActivityFunc<int, int>("same", (_, n) => n)
            .AddActivityFunc("fail", _ => throw new IOException())
            .AddActivityFunc<string, int>(
                "flaky",
                (_, key) =>
                {
                    int attempt = attempts.AddOrUpdate(key, 1, (_, n) => n + 1);
                    return attempt < 3 ? throw new IOException() : attempt;
                }
            );
    }

    private static async Task<string> StepAsync(TaskOrchestrationContext context, char letter)
    {
        switch (letter)
        {
            case 'a':
                return $"{await context.CallActivityAsync<int>("same", 1)}";
            case 't':
                await context.CreateTimer(TimeSpan.FromMilliseconds(1), CancellationToken.None);
                return "";
            case 'e':
                return $"{await context.WaitForExternalEvent<int>("number")}";
            case 's':
                return $"{await context.CallSubOrchestratorAsync<int>("child", 1)}";
            case 'p':
                Task<int> one = context.CallActivityAsync<int>("same", 1);
                Task<int> other = context.CallSubOrchestratorAsync<int>("child", 1);
                return $"A{await one + await other}";
            case 'f':
                TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                    context.CallActivityAsync("fail")
                );
                return failure.FailureDetails.ErrorType.Split('.')[^1];
            case 'r':
                var retry = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)));
                return $"A{await context.CallActivityAsync<int>("flaky", context.NewGuid().ToString(), retry)}";
            case 'g':
                return $"{context.NewGuid().Version}";
            case 'c':
                using (var cancellation = new CancellationTokenSource())
                {
                    Task timer = context.CreateTimer(TimeSpan.FromDays(1), cancellation.Token);
                    await Task.WhenAny(timer, context.CallActivityAsync("same", 1));
                    cancellation.Cancel();
                }
                return "";
            default:
                Task<int> never = context.WaitForExternalEvent<int>("never", TimeSpan.FromMilliseconds(1));
                await Task.WhenAny(never);
                return $"{never.IsCanceled}";
        }
    }
}
