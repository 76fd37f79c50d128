using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.DurableTask;

namespace Portability.Local.Engine;

/// <summary>
/// One fact of an orchestration. Stored as JSON under the short names below, which are never changed: a history is
/// read again by later code.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "t")]
[JsonDerivedType(typeof(StepStarted), "step")]
[JsonDerivedType(typeof(ExecutionStarted), "start")]
[JsonDerivedType(typeof(TaskScheduled), "task")]
[JsonDerivedType(typeof(SubOrchestrationScheduled), "sub")]
[JsonDerivedType(typeof(TaskCompleted), "done")]
[JsonDerivedType(typeof(TaskFailed), "failed")]
[JsonDerivedType(typeof(TimerCreated), "timer")]
[JsonDerivedType(typeof(TimerFired), "fired")]
[JsonDerivedType(typeof(EventSent), "sent")]
[JsonDerivedType(typeof(EventRaised), "event")]
[JsonDerivedType(typeof(ExecutionSuspended), "suspend")]
[JsonDerivedType(typeof(ExecutionResumed), "resume")]
[JsonDerivedType(typeof(ExecutionTerminated), "terminate")]
[JsonDerivedType(typeof(ForeignAwaitSeen), "foreign")]
internal abstract record HistoryEvent;

/// <summary>A step began; its time is the orchestration's time until the next one.</summary>
internal sealed record StepStarted(DateTime At) : HistoryEvent;

internal sealed record ExecutionStarted : HistoryEvent;

internal sealed record TaskScheduled(int Id, string Name) : HistoryEvent;

internal sealed record SubOrchestrationScheduled(int Id, string Name, string InstanceId) : HistoryEvent;

/// <summary>An activity or a sub-orchestration gave its result.</summary>
internal sealed record TaskCompleted(int Id, string? Result) : HistoryEvent;

/// <summary>An activity or a sub-orchestration failed.</summary>
internal sealed record TaskFailed(int Id, StoredFailure Failure) : HistoryEvent;

internal sealed record TimerCreated(int Id, DateTime FireAt) : HistoryEvent;

internal sealed record TimerFired(int Id) : HistoryEvent;

internal sealed record EventSent(int Id, string InstanceId, string Name) : HistoryEvent;

internal sealed record EventRaised(string Name, string? Payload) : HistoryEvent;

internal sealed record ExecutionSuspended(string? Reason) : HistoryEvent;

internal sealed record ExecutionResumed(string? Reason) : HistoryEvent;

internal sealed record ExecutionTerminated(string? Output) : HistoryEvent;

/// <summary>The orchestrator awaited something that is not durable.</summary>
internal sealed record ForeignAwaitSeen : HistoryEvent;

/// <summary>A failure as it is stored.</summary>
internal sealed record StoredFailure(string Type, string Message, string? Stack, StoredFailure? Inner)
{
    public static StoredFailure Of(Exception exception) => Of(TaskFailureDetails.FromException(exception));

    public static StoredFailure Of(TaskFailureDetails details) =>
        new(
            details.ErrorType,
            details.ErrorMessage,
            details.StackTrace,
            details.InnerFailure is { } inner ? Of(inner) : null
        );

    public TaskFailureDetails ToDetails(bool withInner = true) =>
        new(Type, Message, Stack, withInner ? Inner?.ToDetails() : null, null);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull
)]
[JsonSerializable(typeof(HistoryEvent))]
[JsonSerializable(typeof(List<HistoryEvent>))]
[JsonSerializable(typeof(StoredFailure))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class StoredJson : JsonSerializerContext
{
    public static byte[] Write(HistoryEvent value) => JsonSerializer.SerializeToUtf8Bytes(value, Default.HistoryEvent);

    public static byte[] Write(List<HistoryEvent> value) =>
        JsonSerializer.SerializeToUtf8Bytes(value, Default.ListHistoryEvent);

    public static string Write(StoredFailure value) => JsonSerializer.Serialize(value, Default.StoredFailure);

    public static StoredFailure ReadFailure(string json) => JsonSerializer.Deserialize(json, Default.StoredFailure)!;

    public static HistoryEvent ReadEvent(string json) => JsonSerializer.Deserialize(json, Default.HistoryEvent)!;

    public static List<HistoryEvent> ReadEvents(ReadOnlySpan<byte> json) =>
        JsonSerializer.Deserialize(json, Default.ListHistoryEvent)!;
}
