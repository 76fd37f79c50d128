using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

public sealed class RetryTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Policy_UntilItSucceeds_TriesAgain()
    {
        (OrchestrationMetadata end, int attempts) = await CallAsync(new RetryPolicy(5, Short), failures: 2);
        Assert.Equal("done", end.Output<string>());
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Policy_Exhausted_GivesTheLastFailure()
    {
        (OrchestrationMetadata end, int attempts) = await CallAsync(new RetryPolicy(3, Short), failures: 10);
        Assert.Equal("Task 'flaky' (#4) failed with an unhandled exception: attempt 3", end.Failure().ErrorMessage);
        Assert.Equal(3, attempts);
    }

    [Fact]
    public async Task Policy_WithOneAttempt_DoesNotRetry()
    {
        (OrchestrationMetadata end, int attempts) = await CallAsync(new RetryPolicy(1, Short), failures: 10);
        Assert.Contains("attempt 1", end.Failure().ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Policy_ThatDoesNotHandleTheFailure_StopsAtOnce()
    {
        var asked = new List<string>();
        var policy = new RetryPolicy(5, Short)
        {
            HandleFailure = failure =>
            {
                asked.Add(failure.ErrorMessage);
                return failure.IsCausedBy<TimeoutException>();
            },
        };
        (OrchestrationMetadata end, int attempts) = await CallAsync(policy, failures: 10);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(1, attempts);
        Assert.Equal(["attempt 1"], asked);
    }

    [Fact]
    public async Task Policy_OnTheLastAttempt_IsNotAsked()
    {
        int asked = 0;
        var policy = new RetryPolicy(2, Short)
        {
            HandleFailure = _ =>
            {
                asked++;
                return true;
            },
        };
        (_, int attempts) = await CallAsync(policy, failures: 10);
        Assert.Equal((2, 1), (attempts, asked));
    }

    [Fact]
    public async Task Policy_WhoseQuestionThrows_StopsWithTheTasksOwnFailure()
    {
        var policy = new RetryPolicy(5, Short) { HandleFailure = _ => throw new InvalidCastException("own") };
        (OrchestrationMetadata end, int attempts) = await CallAsync(policy, failures: 10);
        Assert.Contains("attempt 1", end.Failure().ErrorMessage, StringComparison.Ordinal);
        Assert.Equal(1, attempts);
    }

    [Fact]
    public async Task Policy_Delays_GrowByTheCoefficientUpToTheLongest()
    {
        var times = new List<DateTime>();
        await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context =>
                        context.CallActivityAsync(
                            "flaky",
                            TaskOptions.FromRetryPolicy(
                                new RetryPolicy(
                                    4,
                                    TimeSpan.FromMilliseconds(40),
                                    backoffCoefficient: 2,
                                    maxRetryInterval: TimeSpan.FromMilliseconds(80)
                                )
                            )
                        )
                )
                .AddActivityFunc(
                    "flaky",
                    _ =>
                    {
                        times.Add(TimeProvider.System.GetUtcNow().UtcDateTime);
                        throw new IOException();
                    }
                )
        );
        Assert.Equal(4, times.Count);
        Assert.True(times[1] - times[0] >= TimeSpan.FromMilliseconds(38));
        Assert.True(times[2] - times[1] >= TimeSpan.FromMilliseconds(78));
        Assert.True(times[3] - times[2] >= TimeSpan.FromMilliseconds(78));
    }

    [Fact]
    public async Task Handler_IsToldTheAttemptAndDecides()
    {
        var attempts = new List<int>();
        var options = TaskOptions.FromRetryHandler(retry =>
        {
            attempts.Add(retry.LastAttemptNumber);
            return retry.LastAttemptNumber < 3 && retry.LastFailure.IsCausedBy<IOException>();
        });
        (OrchestrationMetadata end, int calls) = await CallAsync(options, failures: 10);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Equal(3, calls);
        Assert.Equal([1, 2, 3], attempts);
    }

    [Fact]
    public async Task Handler_MayAwaitADurableTimer()
    {
        var options = TaskOptions.FromRetryHandler(async retry =>
        {
            await retry.OrchestrationContext.CreateTimer(Short, CancellationToken.None);
            return true;
        });
        (OrchestrationMetadata end, int calls) = await CallAsync(options, failures: 2);
        Assert.Equal("done", end.Output<string>());
        Assert.Equal(3, calls);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 0, 1)]
    [InlineData(1, 1, 0.5)]
    [InlineData(1, 1, double.NaN)]
    public void Policy_OutsideOfItsRanges_IsRefused(int attempts, int seconds, double coefficient) =>
        Assert.Throws<ArgumentOutOfRangeException>(() =>
            new RetryPolicy(attempts, TimeSpan.FromSeconds(seconds), coefficient)
        );

    [Fact]
    public void Policy_WithSpansShorterThanTheFirst_IsRefused()
    {
        TimeSpan first = TimeSpan.FromSeconds(2);
        TimeSpan less = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, first, maxRetryInterval: less));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, first, retryTimeout: less));
        Assert.Equal(
            Timeout.InfiniteTimeSpan,
            new RetryPolicy(1, first, maxRetryInterval: Timeout.InfiniteTimeSpan).MaxRetryInterval
        );
    }

    [Fact]
    public void Policy_ByDefault_HasOneHourAndNoTimeout()
    {
        var policy = new RetryPolicy(3, TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromHours(1), policy.MaxRetryInterval);
        Assert.Equal(Timeout.InfiniteTimeSpan, policy.RetryTimeout);
        Assert.Equal(1.0, policy.BackoffCoefficient);
    }

    [Fact]
    public async Task Policy_Exhausted_TakesOneMoreTaskNumberForItsLastTimer()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    async context =>
                    {
                        var ids = new List<int>();
                        foreach (RetryPolicy? policy in new[] { new RetryPolicy(2, Short), null })
                        {
                            TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                                context.CallActivityAsync(
                                    "fail",
                                    options: new TaskOptions(
                                        policy is null ? null : TaskRetryOptions.FromRetryPolicy(policy)
                                    )
                                )
                            );
                            ids.Add(failure.TaskId);
                        }
                        return ids;
                    }
                )
                .AddActivityFunc("fail", _ => throw new IOException())
        );
        // Attempts 0 and 2, the delay 1 between them, a timer 3 without delay; the next call is 4.
        Assert.Equal([2, 4], end.Output<int[]>()!);
    }

    [Fact]
    public async Task Activity_Unknown_IsTriedAgain()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                async context =>
                {
                    TaskFailedException failure = await Assert.ThrowsAsync<TaskFailedException>(() =>
                        context.CallActivityAsync("nobody", TaskOptions.FromRetryPolicy(new RetryPolicy(3, Short)))
                    );
                    return failure.TaskId;
                }
            )
        );
        Assert.Equal(4, end.Output<int>());
    }

    [Fact]
    public async Task Handler_ThatRefuses_GivesTheTasksOwnFailure()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context => context.CallActivityAsync("fail", TaskOptions.FromRetryHandler(_ => false))
                )
                .AddActivityFunc("fail", _ => throw new FormatException("as it was"))
        );
        Assert.Contains("as it was", end.Failure().ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubOrchestration_WithPolicy_IsTriedAgain()
    {
        int runs = 0;
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc(
                    "main",
                    context =>
                        context.CallSubOrchestratorAsync<int>(
                            "child",
                            TaskOptions.FromRetryPolicy(new RetryPolicy(3, Short))
                        )
                )
                .AddOrchestratorFunc("child", _ => Interlocked.Increment(ref runs) < 3 ? throw new IOException() : runs)
        );
        Assert.Equal(3, end.Output<int>());
    }

    private static Task<(OrchestrationMetadata End, int Attempts)> CallAsync(RetryPolicy policy, int failures) =>
        CallAsync(TaskOptions.FromRetryPolicy(policy), failures);

    private static async Task<(OrchestrationMetadata End, int Attempts)> CallAsync(TaskOptions options, int failures)
    {
        int attempts = 0;
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks
                .AddOrchestratorFunc("main", context => context.CallActivityAsync<string>("flaky", options))
                .AddActivityFunc<object?, string>(
                    "flaky",
                    (_, _) => ++attempts <= failures ? throw new IOException($"attempt {attempts}") : "done"
                )
        );
        return (end, attempts);
    }
}
