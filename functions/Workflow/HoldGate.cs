using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Stands between an erasure's batches and the holds that may stop them, those on other cases of the customer too. A batch
/// passes only behind a fence in the head of the stream it was checked against; a hold is answered only once no fence is up
/// that was raised before it.
/// </summary>
public sealed class HoldGate(TerminationStore store, HoldMarks marks, Openings openings) : IErasureGate
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    // Fences guard real transactions, so they run on real time whatever the domain's clock says.
    private readonly TimeProvider realTime = TimeProvider.System;

    /// <inheritdoc />
    public IErasureAttempt Begin(ErasureRef run) => new FencedAttempt(run, store, marks, openings, realTime);

    /// <summary>
    /// Returns once no batch that was let pass before now can still commit, in any case of the customer. To be called after
    /// a hold is in its stream and before its caller is answered.
    /// </summary>
    public async Task ClearAsync(string caseId, CancellationToken cancellationToken)
    {
        CaseStream stream = await store.LoadAsync(caseId, cancellationToken) ?? throw new UnknownCaseException(caseId);
        string customer = stream.Fold().CustomerId;
        // The mark first: a batch that reads it after this stops by itself, one that read it before has its fence up by now.
        await marks.ChangeAsync(customer, cancellationToken);
        await WaitAsync(caseId, cancellationToken);
        await foreach (IndexedCase other in openings.CasesOfAsync(customer, cancellationToken))
        {
            if (other.CaseId != caseId)
            {
                await WaitAsync(other.CaseId, cancellationToken);
            }
        }
    }

    /// <summary>A hold has ended: erasures of the customer's other cases that it paused look again at once.</summary>
    public async Task HoldEndedAsync(
        Termination state,
        CaseOrchestrations orchestrations,
        CancellationToken cancellationToken
    )
    {
        await foreach (IndexedCase other in openings.CasesOfAsync(state.CustomerId, cancellationToken))
        {
            if (other.CaseId != state.CaseId)
            {
                await orchestrations.NudgeAsync(other.CaseId, other.Version, cancellationToken);
            }
        }
    }

    /// <summary>Waits for the fence that is up now; one that is raised later was raised in knowledge of the hold.</summary>
    private async Task WaitAsync(string caseId, CancellationToken cancellationToken)
    {
        if ((await store.ReadFenceAsync(caseId, cancellationToken))?.Fence is not { } first)
        {
            return;
        }
        while (
            (await store.ReadFenceAsync(caseId, cancellationToken))?.Fence is { } up
            && up.Attempt == first.Attempt
            && up.Until > realTime.GetUtcNow()
        )
        {
            await Task.Delay(LookAgain, realTime, cancellationToken);
        }
    }
}
