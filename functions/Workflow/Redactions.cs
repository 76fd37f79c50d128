using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Deletes a case's own personal data at the end of its time. Behind a fence, as a batch of an erasure is: a hold that comes
/// meanwhile is answered only afterwards, and a value written meanwhile (a new contact) is deleted too, because the redaction
/// is recorded only on the very version that was looked at.
/// </summary>
public sealed class Redactions(TerminationCases cases, TerminationStore store, Eraser eraser, TimeProvider clock)
{
    private const int Attempts = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    // Fences run on real time whatever the domain's clock says.
    private readonly TimeProvider realTime = TimeProvider.System;

    /// <summary>Redacts the case if that is due and no hold stands; otherwise changes nothing.</summary>
    public async Task RedactAsync(string caseId, CancellationToken cancellation)
    {
        int values = 0;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            CaseSnapshot at = await cases.LoadAsync(caseId, cancellation);
            if (at.State.IsOnHold || !(Lifecycle.RedactionDue(at.State) <= clock.GetUtcNow()))
            {
                return;
            }
            if (await RaiseAsync(at, cancellation) is not { } raised)
            {
                continue;
            }
            try
            {
                values += await store.RedactAsync(caseId, only: null, cancellation);
                if (at.State is { EverythingIsProven: true, IsRetaining: false })
                {
                    // A hold kept the keys of ended runs from being destroyed when the last of them ended.
                    await eraser.ForgetAsync(caseId, cancellation);
                }
                if (await cases.TryReportAsync(at, new RecordPersonalDataRedacted(values), cancellation) is not null)
                {
                    return;
                }
            }
            finally
            {
                await store.ClearFenceAsync(raised, CancellationToken.None);
            }
        }
        throw new ConcurrentAppendException(caseId);
    }

    /// <summary>Raises a fence on the version that was looked at; null when the case has moved on, or another's fence is up.</summary>
    private async Task<FencePost?> RaiseAsync(CaseSnapshot at, CancellationToken cancellation)
    {
        FencePost? post = await store.ReadFenceAsync(at.State.CaseId, cancellation);
        if (post is null || post.Version != at.State.Version)
        {
            return null;
        }
        DateTimeOffset now = realTime.GetUtcNow();
        if (post.Fence is { } up && up.Until > now)
        {
            await Task.Delay(LookAgain, realTime, cancellation);
            return null;
        }
        var fence = new Fence(
            $"{at.State.CaseId}-redaction",
            Batch: 0,
            now + Limit,
            Guid.NewGuid().ToString("N"),
            System: ""
        );
        return await store.TryRaiseFenceAsync(post, fence, cancellation);
    }
}
