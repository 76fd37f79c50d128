using Microsoft.DurableTask;

namespace Portability.Local.Engine;

/// <summary>Calls a task again after a failure, as a policy or a handler says. All waiting is by durable timers.</summary>
internal static class Retries
{
    public static Task<string?> RunAsync(
        EngineContext context,
        Execution execution,
        TaskRetryOptions? retry,
        Func<Task<string?>> attempt
    ) =>
        retry switch
        {
            { Policy: { } policy } => ByPolicyAsync(context, policy, attempt),
            { Handler: { } handler } => ByHandlerAsync(context, execution, handler, attempt),
            _ => attempt(),
        };

    private static async Task<string?> ByPolicyAsync(
        EngineContext context,
        RetryPolicy policy,
        Func<Task<string?>> attempt
    )
    {
        DateTime first = context.CurrentUtcDateTime;
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await attempt();
            }
            catch (TaskFailedException failure)
            {
                if (failures >= policy.MaxNumberOfAttempts)
                {
                    // The official engine waits on one more timer here; task numbers count it.
                    await context.CreateShortTimer(context.CurrentUtcDateTime, CancellationToken.None);
                    throw;
                }
                if (!ShouldRetry(policy, failure.FailureDetails) || IsOver(policy, first, context.CurrentUtcDateTime))
                {
                    throw;
                }
                DateTime next = context.CurrentUtcDateTime.Add(DelayAfter(policy, failures));
                await context.CreateShortTimer(next, CancellationToken.None);
            }
        }
    }

    private static async Task<string?> ByHandlerAsync(
        EngineContext context,
        Execution execution,
        AsyncRetryHandler handler,
        Func<Task<string?>> attempt
    )
    {
        DateTime first = context.CurrentUtcDateTime;
        for (int failures = 1; ; failures++)
        {
            try
            {
                return await attempt();
            }
            catch (TaskFailedException failure)
            {
                execution.ThrowIfForeign();
                TimeSpan spent = context.CurrentUtcDateTime - first;
                if (!await handler(new(context, failures, failure.FailureDetails, spent, CancellationToken.None)))
                {
                    throw;
                }
            }
        }
    }

    private static bool ShouldRetry(RetryPolicy policy, TaskFailureDetails failure)
    {
        try
        {
            return policy.ShouldRetry(failure);
        }
        catch (Exception)
        {
            // Officially so: a handler that throws stops the retries, and the task's own failure is what is seen.
            return false;
        }
    }

    // Compared before the delay is added, so that an attempt may begin after the timeout.
    private static bool IsOver(RetryPolicy policy, DateTime first, DateTime now) =>
        policy.RetryTimeout != Timeout.InfiniteTimeSpan && now >= Later(first, policy.RetryTimeout);

    private static TimeSpan DelayAfter(RetryPolicy policy, int failures)
    {
        double ticks = policy.FirstRetryInterval.Ticks * Math.Pow(policy.BackoffCoefficient, failures - 1);
        long longest =
            policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? long.MaxValue : policy.MaxRetryInterval.Ticks;
        return ticks < longest ? TimeSpan.FromTicks((long)ticks) : TimeSpan.FromTicks(longest);
    }

    private static DateTime Later(DateTime time, TimeSpan span) =>
        span < DateTime.MaxValue - time ? time + span : DateTime.MaxValue;
}
