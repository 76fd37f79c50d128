using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Messaging;

/// <summary>What a sub-processor is told to do.</summary>
public enum ProcessorTask
{
    /// <summary>Erase everything of the customer, copies too, and acknowledge.</summary>
    Erase,

    /// <summary>Say how much of the customer is still held.</summary>
    Report,
}

/// <summary>A message to a sub-processor: <c>docs/messages.md</c>. Ids only.</summary>
/// <param name="Id">Of <see cref="MessageIds"/>: the same for every repeat.</param>
/// <param name="CustomerId">Whose data.</param>
/// <param name="Round">Grows when an officer has it commanded anew.</param>
public sealed record ProcessorMessage(
    string Id,
    ProcessorTask Task,
    string CaseId,
    int Run,
    int Round,
    string Processor,
    string CustomerId,
    DateTimeOffset IssuedAt,
    DateTimeOffset AnswerBy
)
{
    /// <summary>The command or question that a processor is to have.</summary>
    public static ProcessorMessage Of(
        MessageIds ids,
        Termination state,
        ProcessorErasure processor,
        ProcessorTask task,
        DateTimeOffset issuedAt,
        DateTimeOffset answerBy
    ) =>
        new(
            ids.Of(state.CaseId, processor, task),
            task,
            state.CaseId,
            processor.Run,
            processor.Round,
            processor.Name,
            state.CustomerId,
            issuedAt,
            answerBy
        );

    public ServiceBusMessage ToMessage() =>
        new(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(this, EventCodec.Json)))
        {
            MessageId = Id,
            Subject = Task == ProcessorTask.Erase ? "erase" : "report",
            ContentType = "application/json",
            CorrelationId = CaseId,
            ReplyTo = Queues.Answers,
        };
}
