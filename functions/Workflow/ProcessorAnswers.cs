using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Messaging;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Takes the answers of sub-processors. What cannot be an answer to anything asked is a dead letter with its reason; a
/// repeat, or an answer to an earlier round, is taken and changes nothing; a fault of ours gives the message back.
/// </summary>
public sealed class ProcessorAnswers(TerminationCases cases, MessageIds ids, ILogger<ProcessorAnswers> logger)
{
    [Function(nameof(ProcessorAnswers))]
    public async Task RunAsync(
        [ServiceBusTrigger(Queues.Answers, Connection = Queues.Connection, AutoCompleteMessages = false)]
            ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        ProcessorAnswer? answer = ProcessorAnswer.Read(message.Body, out string fault);
        PutAside? aside = answer is null
            ? new PutAside("malformed", fault)
            : Unexpected(await cases.FindAsync(answer.CaseId, cancellationToken), answer);
        if (aside is not null)
        {
            logger.LogWarning(
                "An answer of a sub-processor was put aside (message {Message}), {Reason}: {Fault}",
                message.MessageId,
                aside.Reason,
                aside.Fault
            );
            await actions.DeadLetterMessageAsync(message, null, aside.Reason, aside.Fault, cancellationToken);
            return;
        }
        TerminationCommand command =
            answer!.Task == ProcessorTask.Erase
                ? new RecordProcessorAcknowledged(
                    answer.Run,
                    answer.Processor,
                    answer.Round,
                    answer.Erased!.Value,
                    answer.Reference!
                )
                : new RecordProcessorAnswered(answer.Run, answer.Processor, answer.Round, answer.Held!.Value);
        Termination state = await cases.ReportAsync(answer.CaseId, command, cancellationToken);
        await new CaseOrchestrations(client, logger).NudgeAsync(answer.CaseId, state.Version, cancellationToken);
        await actions.CompleteMessageAsync(message, cancellationToken);
    }

    /// <summary>Only who had the message knows its id; whoever answers names it.</summary>
    private PutAside? Unexpected(CaseSnapshot? found, ProcessorAnswer answer)
    {
        if (found is null || !found.State.Processors.TryGetValue(answer.Processor, out ProcessorErasure? known))
        {
            return new PutAside("unknown-case", "There is no such case, or it has no such sub-processor.");
        }
        ProcessorErasure asked = known with { Run = answer.Run, Round = answer.Round };
        return ids.IsOf(answer.InReplyTo, answer.CaseId, asked, answer.Task)
            ? null
            : new PutAside(
                "not-asked",
                "inReplyTo is no id of a message for this case, run, round, processor and task."
            );
    }

    /// <summary>Why a message is a dead letter: a stable word, and a sentence for whoever reads it. Nothing of its body.</summary>
    private sealed record PutAside(string Reason, string Fault);
}
