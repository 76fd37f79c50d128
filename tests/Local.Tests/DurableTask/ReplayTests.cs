using System.Collections.Concurrent;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

public sealed class ReplayTests
{
    [Fact]
    public async Task Orchestrator_Replayed_DecidesNothingTwice()
    {
        using var folder = new StoreFolder();
        int calls = 0;
        int runs = 0;
        void Tasks(DurableTaskRegistry tasks) =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        Interlocked.Increment(ref runs);
                        string a = await context.CallActivityAsync<string>("step", "a");
                        string guid = context.NewGuid().ToString();
                        string b = await context.CallActivityAsync<string>("step", guid);
                        DateTime time = context.CurrentUtcDateTime;
                        string c = await context.WaitForExternalEvent<string>("signal");
                        return $"{a}|{b == guid}|{c}|{time:O}";
                    }
                )
                .AddActivityFunc<string, string>(
                    "step",
                    (_, input) =>
                    {
                        Interlocked.Increment(ref calls);
                        return input;
                    }
                );

        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await first.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks);
        await second.Client.RaiseEventAsync(id, "signal", "c");
        string output = (await second.Client.EndAsync(id)).Output<string>()!;
        Assert.StartsWith("a|True|c|", output, StringComparison.Ordinal);
        Assert.Equal(2, calls);
        Assert.Equal(2, runs);
    }

    [Theory]
    [InlineData("activity", "other")]
    [InlineData("activity", "timer")]
    [InlineData("activity", "nothing")]
    [InlineData("timer", "activity")]
    [InlineData("child", "other-child")]
    public async Task Code_ChangedUnderAnInstance_FailsItSayingWhatWasExpectedAndFound(string before, string after)
    {
        using var folder = new StoreFolder();
        string id;
        await using (
            EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, tasks => Variant(tasks, before))
        )
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await first.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks => Variant(tasks, after)
        );
        await second.Client.RaiseEventAsync(id, "signal", true);
        TaskFailureDetails failure = (await second.Client.EndAsync(id)).Failure();
        Assert.Equal("DurableTask.Core.Exceptions.NonDeterministicOrchestrationException", failure.ErrorType);
        Assert.Contains("the history has ", failure.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains("the code decided ", failure.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logger_ReplaySafe_SaysEachLineOnce()
    {
        using var folder = new StoreFolder();
        using var log = new LogList();
        static void Tasks(DurableTaskRegistry tasks) =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    ILogger logger = context.CreateReplaySafeLogger("orchestrator");
                    logger.LogInformation("first");
                    await context.WaitForExternalEvent<bool>("signal");
                    logger.LogInformation("second {Replaying}", context.IsReplaying);
                    return true;
                }
            );

        string id;
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks, loggers: log))
        {
            id = await first.Client.ScheduleNewOrchestrationInstanceAsync("main");
            await first.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore second = await EngineOnAStore.StartAsync(folder.Store, Tasks, loggers: log);
        await second.Client.RaiseEventAsync(id, "signal", true);
        await second.Client.EndAsync(id);
        Assert.Equal(["first", "second False"], log.Of("orchestrator"));
    }

    [Fact]
    public async Task Orchestrations_EvictedFromMemory_GoOnFromTheirHistory()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore host = await EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc<int, int>(
                        "main",
                        async (context, input) =>
                        {
                            int sum = await context.CallActivityAsync<int>("same", input);
                            sum += await context.WaitForExternalEvent<int>("number");
                            sum += await context.CallActivityAsync<int>("same", input);
                            return sum;
                        }
                    )
                    .AddActivityFunc<int, int>("same", (_, input) => input),
            options => options with { MaxCachedOrchestrations = 3 }
        );
        string[] ids = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => host.Client.ScheduleNewOrchestrationInstanceAsync("main", i))
        );
        await host.Engine.WhenIdleAsync(CancellationToken.None);
        await Task.WhenAll(ids.Select(id => host.Client.RaiseEventAsync(id, "number", 100)));
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(100 + i + i, (await host.Client.EndAsync(ids[i])).Output<int>());
        }
    }

    private static void Variant(DurableTaskRegistry tasks, string variant) =>
        tasks
            .AddOrchestratorFunc(
                "main",
                async context =>
                {
                    Task signal = context.WaitForExternalEvent<bool>("signal");
                    switch (variant)
                    {
                        case "timer":
                            await context.CreateTimer(TimeSpan.Zero, CancellationToken.None);
                            break;
                        case "child" or "other-child":
                            await context.CallSubOrchestratorAsync(
                                variant,
                                options: new SubOrchestrationOptions(instanceId: "child-of-" + context.InstanceId)
                            );
                            break;
                        case not "nothing":
                            await context.CallActivityAsync(variant);
                            break;
                    }
                    await signal;
                    return true;
                }
            )
            .AddOrchestratorFunc("child", _ => { })
            .AddOrchestratorFunc("other-child", _ => { })
            .AddActivityFunc("activity", _ => { })
            .AddActivityFunc("other", _ => { });

    private sealed class LogList : ILoggerFactory
    {
        private readonly ConcurrentQueue<(string Category, string Line)> _lines = new();

        public IEnumerable<string> Of(string category) =>
            _lines.Where(line => line.Category == category).Select(line => line.Line);

        public void AddProvider(ILoggerProvider provider) { }

        public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

        public void Dispose() { }

        private sealed class Logger(LogList list, string category) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel,
                EventId eventId,
                TState state,
                Exception? exception,
                Func<TState, Exception?, string> formatter
            ) => list._lines.Enqueue((category, formatter(state, exception)));
        }
    }
}
