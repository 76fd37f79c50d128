using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Removes cases whose own time is over: certificates, what is left of runs, and the stream. The ledger of erasures stays: it is one
/// chain over all cases, and names nobody.
/// </summary>
public sealed class Removals(
    TerminationCases cases,
    TerminationStore store,
    Certificates certificates,
    Eraser eraser,
    PublishedCursors cursors,
    TimeProvider clock
)
{
    /// <summary>Removes the case if its time is over; goes on where an earlier attempt ended.</summary>
    public async Task RemoveAsync(string caseId, CancellationToken cancellation)
    {
        if (await cases.FindAsync(caseId, cancellation) is { } found)
        {
            if (Lifecycle.Next(found.State, clock.GetUtcNow()) is not NextStep.RemoveCase)
            {
                return;
            }
            // The stream last: as long as it is there the loop comes back for the rest.
            await certificates.RemoveAsync(caseId, cancellation);
            await eraser.ForgetAsync(caseId, cancellation);
            await cursors.RemoveAsync(caseId, cancellation);
            if (!await store.RemoveAsync(found.Stream, cancellation))
            {
                throw new ConcurrentAppendException(caseId);
            }
        }
        else
        {
            await store.FinishRemovalAsync(caseId, cancellation);
        }
    }

    /// <summary>True for a case that nobody finds any more and of which something is left.</summary>
    public Task<bool> IsHalfDoneAsync(string caseId, CancellationToken cancellation) =>
        store.IsHalfRemovedAsync(caseId, cancellation);
}
