using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Microsoft.DurableTask;

/// <summary>An activity or a sub-orchestration failed and was not retried any more.</summary>
public sealed class TaskFailedException : Exception
{
    /// <summary>A failure with the exception that caused it.</summary>
    public TaskFailedException(string taskName, int taskId, Exception innerException)
        : base(MessageOf(taskName, taskId, innerException?.Message), innerException)
    {
        ArgumentNullException.ThrowIfNull(innerException);
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = TaskFailureDetails.FromException(innerException);
    }

    /// <summary>A failure that happened elsewhere.</summary>
    public TaskFailedException(string taskName, int taskId, TaskFailureDetails failureDetails)
        : base(MessageOf(taskName, taskId, failureDetails?.ErrorMessage))
    {
        TaskName = taskName;
        TaskId = taskId;
        FailureDetails = failureDetails!;
    }

    /// <summary>The name of the task.</summary>
    public string TaskName { get; }

    /// <summary>The number of the task among all that its orchestration scheduled, from zero.</summary>
    public int TaskId { get; }

    /// <summary>What failed.</summary>
    public TaskFailureDetails FailureDetails { get; }

    /// <summary>Whether the task failed with an exception of the given type.</summary>
    [Obsolete("Use the FailureDetails property and its IsCausedBy<T>() method")]
    public bool IsCausedByException<T>()
        where T : Exception => FailureDetails.IsCausedBy<T>();

    private static string MessageOf(string taskName, int taskId, string? cause) =>
        string.IsNullOrEmpty(cause)
            ? string.Create(null, $"Task '{taskName}' (#{taskId}) failed with an unhandled exception.")
            : string.Create(null, $"Task '{taskName}' (#{taskId}) failed with an unhandled exception: {cause}");
}

/// <summary>An exception as it is stored: its type by name, its message, its cause.</summary>
public record TaskFailureDetails(
    string ErrorType,
    string ErrorMessage,
    string? StackTrace,
    TaskFailureDetails? InnerFailure,
    IDictionary<string, object?>? Properties
)
{
    public override string ToString() => $"{ErrorType}: {ErrorMessage}";

    /// <summary>Whether the failure was an exception of the given type or one derived from it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool IsCausedBy<T>()
        where T : Exception => IsCausedBy(typeof(T), Assembly.GetCallingAssembly());

    /// <summary>Whether the failure was an exception of the given type or one derived from it.</summary>
    /// <exception cref="ArgumentException">The type is no exception.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool IsCausedBy(Type targetBaseExceptionType) =>
        IsCausedBy(targetBaseExceptionType, Assembly.GetCallingAssembly());

    /// <summary>The details of an exception and, inside them, those of what caused it.</summary>
    public static TaskFailureDetails FromException(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        TaskFailureDetails? inner =
            exception is TaskFailedException { FailureDetails: { } details } ? details
            : exception.InnerException is { } cause ? FromException(cause)
            : null;
        return new(exception.GetType().FullName!, exception.Message, exception.StackTrace, inner, null);
    }

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Exception types are looked up by name.")]
    private bool IsCausedBy(Type target, Assembly caller)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (!typeof(Exception).IsAssignableFrom(target))
        {
            throw new ArgumentException($"{target} is not an exception type.", nameof(target));
        }
        Type? actual =
            Type.GetType(ErrorType, throwOnError: false)
            ?? target.Assembly.GetType(ErrorType, throwOnError: false)
            ?? caller.GetType(ErrorType, throwOnError: false)
            ?? FindLoaded();
        return actual is not null && target.IsAssignableFrom(actual);
    }

    private Type? FindLoaded()
    {
        Type? found = null;
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies())
        {
            if (assembly.GetType(ErrorType, throwOnError: false) is { } type && type != found)
            {
                found = found is null
                    ? type
                    : throw new AmbiguousMatchException($"Several loaded assemblies have a type {ErrorType}.");
            }
        }
        return found;
    }
}

/// <summary>The orchestration that started a sub-orchestration.</summary>
public record ParentOrchestrationInstance(TaskName Name, string InstanceId);
