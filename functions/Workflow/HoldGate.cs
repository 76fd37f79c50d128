using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// Stands between an erasure's batches and the holds that may stop them. A batch passes only behind a fence in the
/// head of the stream it was checked against; a hold is answered only once no fence is up.
/// </summary>
public sealed class HoldGate(TerminationStore store) : IErasureGate
{
    /// <summary>Longer than any batch's own database timeout: past it the batch has been given up.</summary>
    private static readonly TimeSpan BatchLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    // Fences guard real transactions, so they run on real time whatever the domain's clock says.
    private readonly TimeProvider realTime = TimeProvider.System;

    public async ValueTask<bool> MayPassAsync(
        ErasureRef run,
        string dataset,
        int batch,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            CaseStream stream =
                await store.LoadAsync(run.CaseId, cancellationToken) ?? throw new UnknownCaseException(run.CaseId);
            if (stream.Fold().IsHeld(dataset))
            {
                return false;
            }
            var fence = new Fence(NameOf(run), batch, realTime.GetUtcNow() + BatchLimit);
            if (await store.TryRaiseFenceAsync(stream, fence, cancellationToken))
            {
                return true;
            }
        }
    }

    public async ValueTask PassedAsync(
        ErasureRef run,
        string dataset,
        int batch,
        CancellationToken cancellationToken
    ) => await store.ClearFenceAsync(run.CaseId, NameOf(run), cancellationToken);

    /// <summary>Returns once no batch that was let pass before now can still commit.</summary>
    public async Task ClearAsync(string caseId, CancellationToken cancellationToken)
    {
        while (await store.ReadFenceAsync(caseId, cancellationToken) is { } fence && fence.Until > realTime.GetUtcNow())
        {
            await Task.Delay(LookAgain, realTime, cancellationToken);
        }
    }

    private static string NameOf(ErasureRef run) => CaseOrchestrations.ErasureInstance(run.CaseId, run.Run);
}
