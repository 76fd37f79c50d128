using Portability.Erasure;
using Portability.Messaging;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Writes to sub-processors on a case's behalf: sent first, then recorded, so that in doubt it is sent again under the same
/// id. An answer may be here before the record is: it stands for it. A command to erase passes the holds' gate as every batch does: none is sent after a hold was answered.
/// </summary>
public sealed class ProcessorSteps(
    TerminationCases cases,
    MessageBus bus,
    MessageIds ids,
    IErasureGate gate,
    TimeProvider clock
)
{
    /// <summary>A send that is slower than this is given up, and its fence has ended.</summary>
    private static readonly TimeSpan SendLimit = TimeSpan.FromSeconds(20);

    public async Task CommandAsync(string caseId, string processor, CancellationToken cancellationToken)
    {
        (Termination state, ProcessorErasure found) = await FindAsync(caseId, processor, cancellationToken);
        if (found.Status != ProcessorStatus.Due)
        {
            return;
        }
        // As the event will have it: the latest run, and one round more.
        ProcessorErasure next = found with
        {
            Run = state.Erasures[^1].Number,
            Round = found.Round + 1,
        };
        await SendErasureAsync(state, next, AnswerBy(state), cancellationToken);
        await cases.ReportAsync(caseId, new RecordProcessorCommanded(processor, next.Round), cancellationToken);
    }

    public async Task AskAsync(string caseId, string processor, CancellationToken cancellationToken)
    {
        (Termination state, ProcessorErasure found) = await FindAsync(caseId, processor, cancellationToken);
        if (found.Status == ProcessorStatus.Acknowledged)
        {
            await SendAsync(state, found, ProcessorTask.Report, AnswerBy(state), cancellationToken);
        }
        await cases.ReportAsync(caseId, new RecordProcessorAsked(processor), cancellationToken);
    }

    public async Task ChaseAsync(string caseId, string processor, CancellationToken cancellationToken)
    {
        (Termination state, ProcessorErasure found) = await FindAsync(caseId, processor, cancellationToken);
        DateTimeOffset answerBy = found.AnswerBy ?? AnswerBy(state);
        if (found.Status == ProcessorStatus.Commanded)
        {
            await SendErasureAsync(state, found, answerBy, cancellationToken);
        }
        else if (found.Status == ProcessorStatus.Asked)
        {
            await SendAsync(state, found, ProcessorTask.Report, answerBy, cancellationToken);
        }
        await cases.ReportAsync(caseId, new RecordProcessorChased(processor), cancellationToken);
    }

    private async Task SendErasureAsync(
        Termination state,
        ProcessorErasure processor,
        DateTimeOffset answerBy,
        CancellationToken cancellationToken
    )
    {
        IErasureAttempt attempt = gate.Begin(new ErasureRef(state.CaseId, processor.Run));
        var pass = new BatchPass(processor.Name, processor.Name, processor.Round, SendLimit, IsExclusive: false);
        if (!await attempt.MayPassAsync(pass, cancellationToken))
        {
            throw new ProcessorHeldException(state.CaseId, processor.Name);
        }
        try
        {
            await SendAsync(state, processor, ProcessorTask.Erase, answerBy, cancellationToken);
        }
        finally
        {
            await attempt.PassedAsync(cancellationToken);
        }
    }

    private async Task SendAsync(
        Termination state,
        ProcessorErasure processor,
        ProcessorTask task,
        DateTimeOffset answerBy,
        CancellationToken cancellationToken
    )
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SendLimit);
        ProcessorMessage message = ProcessorMessage.Of(ids, state, processor, task, clock.GetUtcNow(), answerBy);
        await bus.To(Queues.Of(processor.Name)).SendMessageAsync(message.ToMessage(), limit.Token);
    }

    private DateTimeOffset AnswerBy(Termination state) =>
        state.Calendar.AddDays(clock.GetUtcNow(), state.Policy.ProcessorAnswerDays);

    private async Task<(Termination State, ProcessorErasure Processor)> FindAsync(
        string caseId,
        string processor,
        CancellationToken cancellationToken
    )
    {
        Termination state = (await cases.LoadAsync(caseId, cancellationToken)).State;
        return state.Processors.TryGetValue(processor, out ProcessorErasure? found)
            ? (state, found)
            : throw new InvalidOperationException($"Case {caseId} has no sub-processor {processor}.");
    }
}

/// <summary>A hold covers the customer, in this case or another: the sub-processor is not commanded now.</summary>
public sealed class ProcessorHeldException(string caseId, string processor)
    : Exception($"Case {caseId}: a hold keeps {processor} from being commanded to erase.");
