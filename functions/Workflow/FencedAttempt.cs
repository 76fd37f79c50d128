using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// One attempt at batches of a run. It remembers the case as it last saw it, so that a batch costs three small requests: raise
/// the fence, look for holds on the customer's other cases, clear the fence.
/// </summary>
internal sealed class FencedAttempt(
    ErasureRef run,
    TerminationStore store,
    HoldMarks marks,
    Openings openings,
    TimeProvider realTime
) : IErasureAttempt
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);
    private readonly string name = CaseOrchestrations.ErasureInstance(run.CaseId, run.Run);
    private FencePost? post;
    private Termination? state;
    private string? markUnderWhichNoneIsHeld;

    public async ValueTask<bool> MayPassAsync(BatchPass batch, CancellationToken cancellationToken)
    {
        while (true)
        {
            post ??=
                await store.ReadFenceAsync(run.CaseId, cancellationToken) ?? throw new UnknownCaseException(run.CaseId);
            if (state?.Version != post.Version)
            {
                CaseStream stream =
                    await store.LoadAsync(run.CaseId, cancellationToken) ?? throw new UnknownCaseException(run.CaseId);
                state = stream.Fold();
                post = state.Version == post.Version ? post : null;
                continue;
            }
            if (state.IsHeld(batch.Dataset))
            {
                return false;
            }
            if (post.Fence is { } up && !MayReplace(up, batch))
            {
                await Task.Delay(LookAgain, realTime, cancellationToken);
                post = null;
                continue;
            }
            var fence = new Fence(
                name,
                batch.Number,
                realTime.GetUtcNow() + batch.Limit,
                Guid.NewGuid().ToString("N"),
                batch.System
            );
            post = await store.TryRaiseFenceAsync(post, fence, cancellationToken);
            if (post is not null)
            {
                break;
            }
        }
        if (await AnotherCaseIsHeldAsync(state, cancellationToken))
        {
            await PassedAsync(cancellationToken);
            return false;
        }
        return true;
    }

    public async ValueTask PassedAsync(CancellationToken cancellationToken)
    {
        if (post is not null)
        {
            post = await store.ClearFenceAsync(post, cancellationToken);
        }
    }

    /// <summary>
    /// A fence that has run out guards nothing. Nor does one of the same system while this batch shuts every other one out of
    /// it: its own batch has ended, and only the word of that is missing.
    /// </summary>
    private bool MayReplace(Fence up, BatchPass batch) =>
        up.Until <= realTime.GetUtcNow() || (batch.IsExclusive && up.Run == name && up.System == batch.System);

    /// <summary>
    /// Asked with the fence up: a hold that is placed after the mark was read finds the fence and waits for it. The mark is
    /// read before the holds are, so that one placed in between is looked for again next time.
    /// </summary>
    private async Task<bool> AnotherCaseIsHeldAsync(Termination current, CancellationToken cancellationToken)
    {
        string mark = await marks.ReadAsync(current.CustomerId, cancellationToken);
        if (mark == markUnderWhichNoneIsHeld)
        {
            return false;
        }
        if (await openings.OtherCaseIsHeldAsync(current, cancellationToken))
        {
            return true;
        }
        markUnderWhichNoneIsHeld = mark;
        return false;
    }
}
