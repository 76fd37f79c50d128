using System.ComponentModel;

namespace Microsoft.DurableTask;

/// <summary>Retries with a growing delay.</summary>
public class RetryPolicy
{
    private readonly Func<TaskFailureDetails, bool> _handleFailure = static _ => true;

    /// <summary>Describes the retries.</summary>
    /// <param name="maxNumberOfAttempts">All attempts, the first one included; above zero.</param>
    /// <param name="firstRetryInterval">The delay after the first failure; above zero.</param>
    /// <param name="backoffCoefficient">The factor by which each delay grows; one or more.</param>
    /// <param name="maxRetryInterval">The longest delay; default one hour.</param>
    /// <param name="retryTimeout">No retry is decided on after this time; default never.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside of its range.</exception>
    public RetryPolicy(
        int maxNumberOfAttempts,
        TimeSpan firstRetryInterval,
        double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null,
        TimeSpan? retryTimeout = null
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxNumberOfAttempts);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        // Written so that NaN is refused too.
        if (!(backoffCoefficient >= 1.0))
        {
            throw new ArgumentOutOfRangeException(nameof(backoffCoefficient), backoffCoefficient, "One or more.");
        }
        ThrowUnlessAtLeast(maxRetryInterval, firstRetryInterval, nameof(maxRetryInterval));
        ThrowUnlessAtLeast(retryTimeout, firstRetryInterval, nameof(retryTimeout));

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval ?? TimeSpan.FromHours(1);
        RetryTimeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
        Handle = static _ => true;
    }

    /// <summary>All attempts, the first one included.</summary>
    public int MaxNumberOfAttempts { get; }

    /// <summary>The delay after the first failure.</summary>
    public TimeSpan FirstRetryInterval { get; }

    /// <summary>The factor by which each delay grows.</summary>
    public double BackoffCoefficient { get; }

    /// <summary>The longest delay.</summary>
    public TimeSpan MaxRetryInterval { get; }

    /// <summary>No retry is decided on after this time since the first attempt.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>Kept by the official API for its own use; here it is always true.</summary>
    [EditorBrowsable(EditorBrowsableState.Never)]
    public Func<Exception, bool> Handle { get; private init; }

    /// <summary>Not called.</summary>
    [Obsolete(
        "This functionality is not implemented. Will be removed in the future. Use TaskOptions.FromRetryHandler or HandleFailure instead."
    )]
    public Func<Exception, Task<bool>>? HandleAsync { get; set; }

    /// <summary>Decides whether a failure is worth another attempt; not asked after the last one.</summary>
    public Func<TaskFailureDetails, bool> HandleFailure
    {
        init => _handleFailure = value ?? throw new ArgumentNullException(nameof(value));
    }

    internal bool ShouldRetry(TaskFailureDetails failure) => _handleFailure(failure);

    private static void ThrowUnlessAtLeast(TimeSpan? value, TimeSpan first, string name)
    {
        if (value is { } given && given < first && given != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, given, "At least the first retry interval, or infinite.");
        }
    }
}

/// <summary>Decides after each failure whether the task is tried again.</summary>
public delegate bool RetryHandler(RetryContext retryContext);

/// <summary>Decides after each failure whether the task is tried again; may await durable tasks.</summary>
public delegate Task<bool> AsyncRetryHandler(RetryContext retryContext);

/// <summary>What a retry handler is told.</summary>
public record RetryContext(
    TaskOrchestrationContext OrchestrationContext,
    int LastAttemptNumber,
    TaskFailureDetails LastFailure,
    TimeSpan TotalRetryTime,
    CancellationToken CancellationToken
);

/// <summary>Retry by a policy or by a handler.</summary>
public sealed class TaskRetryOptions
{
    /// <summary>Retries by a policy.</summary>
    public TaskRetryOptions(RetryPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policy = policy;
    }

    /// <summary>Retries as a handler says.</summary>
    public TaskRetryOptions(AsyncRetryHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        Handler = handler;
    }

    /// <summary>The policy, or null.</summary>
    public RetryPolicy? Policy { get; }

    /// <summary>The handler, or null.</summary>
    public AsyncRetryHandler? Handler { get; }

    public static implicit operator TaskRetryOptions(RetryPolicy policy) => FromRetryPolicy(policy);

    public static implicit operator TaskRetryOptions(AsyncRetryHandler handler) => FromRetryHandler(handler);

    public static implicit operator TaskRetryOptions(RetryHandler handler) => FromRetryHandler(handler);

    /// <summary>Retries by a policy.</summary>
    public static TaskRetryOptions FromRetryPolicy(RetryPolicy policy) => new(policy);

    /// <summary>Retries as a handler says.</summary>
    public static TaskRetryOptions FromRetryHandler(AsyncRetryHandler handler) => new(handler);

    /// <summary>Retries as a handler says.</summary>
    public static TaskRetryOptions FromRetryHandler(RetryHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return new(retryContext => Task.FromResult(handler(retryContext)));
    }
}
