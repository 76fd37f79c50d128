using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Portability.Local.Engine;

/// <summary>The orchestrator's view of its execution.</summary>
internal sealed class EngineContext(Execution execution, ExecutionFacts facts) : TaskOrchestrationContext
{
    private int _guids;

    public override TaskName Name => facts.Name;

    public override string InstanceId => facts.InstanceId;

    public override ParentOrchestrationInstance? Parent => facts.Parent;

    public override string Version => facts.Version;

    public override DateTime CurrentUtcDateTime => execution.CurrentUtcDateTime;

    public override bool IsReplaying => execution.IsReplaying;

    protected override ILoggerFactory LoggerFactory => execution.Services.Loggers;

    private DataConverter Converter => execution.Services.Converter;

    /// <summary>The input as text.</summary>
    public string? SerializedInput => facts.Input;

    public override T? GetInput<T>()
        where T : default => Converter.Deserialize<T>(facts.Input);

    public override async Task<TResult> CallActivityAsync<TResult>(
        TaskName name,
        object? input = null,
        TaskOptions? options = null
    )
    {
        execution.ThrowIfForeign();
        ThrowIfMisplaced(input, options);
        string? data = Converter.Serialize(input);
        string version = options?.Version?.Version ?? facts.Version;
        string? result = await Retries.RunAsync(
            this,
            execution,
            options?.Retry,
            () =>
                execution.DecideAndAwait(new ScheduleActivity(execution.NextId(), name.Name, version, data), name.Name)
        );
        return Read<TResult>(result);
    }

    public override async Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName,
        object? input = null,
        TaskOptions? options = null
    )
    {
        execution.ThrowIfForeign();
        ThrowIfMisplaced(input, options);
        string? data = Converter.Serialize(input);
        string instanceId = (options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N");
        InstanceIds.ThrowIfInvalid(instanceId, nameof(options));
        string version = options?.Version?.Version ?? execution.Services.DefaultVersion;
        IReadOnlyDictionary<string, string>? tags = options?.Tags?.AsReadOnly();
        string? result = await Retries.RunAsync(
            this,
            execution,
            options?.Retry,
            () =>
                execution.DecideAndAwait(
                    new StartSubOrchestration(execution.NextId(), orchestratorName.Name, instanceId, version, data)
                    {
                        Tags = tags,
                    },
                    orchestratorName.Name
                )
        );
        return Read<TResult>(result);
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        execution.ThrowIfForeign();
        DateTime due = fireAt.ToUniversalTime();
        TimeSpan longest = execution.Services.MaximumTimerInterval;
        while (due - CurrentUtcDateTime > longest)
        {
            await CreateShortTimer(CurrentUtcDateTime.Add(longest), cancellationToken);
        }
        await CreateShortTimer(due, cancellationToken);
    }

    /// <summary>A timer of any length that is not made of several.</summary>
    public Task CreateShortTimer(DateTime due, CancellationToken cancellationToken)
    {
        int id = execution.NextId();
        Task<string?> timer = execution.DecideAndAwait(new CreateTimer(id, due), "timer");
        if (cancellationToken.CanBeCanceled)
        {
            // Kept by the token's source, which the orchestrator owns; a fired timer ignores it.
            cancellationToken.Register(() => execution.CancelTimer(id, cancellationToken));
        }
        return timer;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        execution.ThrowIfForeign();
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return execution.Events.TryTake(eventName, out string? payload)
            ? Task.FromResult(Read<T>(payload))
            : execution.Events.Wait(eventName, Read<T>, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        execution.ThrowIfForeign();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        execution.Decide(new SendEvent(execution.NextId(), instanceId, eventName, Converter.Serialize(payload)));
    }

    public override void SetCustomStatus(object? customStatus)
    {
        execution.ThrowIfForeign();
        execution.CustomStatus = Converter.Serialize(customStatus);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true) =>
        ContinueAsNew(
            new ContinueAsNewOptions { NewInput = newInput, PreserveUnprocessedEvents = preserveUnprocessedEvents }
        );

    public override void ContinueAsNew(ContinueAsNewOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        execution.ThrowIfForeign();
        execution.Next = options;
    }

    public override Guid NewGuid() => DeterministicGuid.Create(InstanceId, CurrentUtcDateTime, _guids++);

    private static void ThrowIfMisplaced(object? input, TaskOptions? options)
    {
        if (input is TaskOptions && options is null)
        {
            throw new ArgumentException(
                "TaskOptions were given as the input; name the argument 'options' if they are meant so.",
                nameof(input)
            );
        }
    }

    private T Read<T>(string? data)
    {
#pragma warning disable CA2263 // The generic overload gives a default; the cast fails for no payload of a value type, as officially.
        return (T)Converter.Deserialize(data, typeof(T))!;
#pragma warning restore CA2263
    }
}
