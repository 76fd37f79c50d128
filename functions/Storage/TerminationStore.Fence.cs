using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <content>The fence between an erasure's batches and the holds that may stop them.</content>
public sealed partial class TerminationStore
{
    /// <summary>
    /// Raises the fence, provided that nothing was appended since the stream was loaded: the holds in it are then all there
    /// are, and one that is placed from now on waits for the fence to clear.
    /// </summary>
    /// <returns>False when the case has moved on: load it again and look at its holds.</returns>
    public async Task<bool> TryRaiseFenceAsync(CaseStream at, Fence fence, CancellationToken cancellationToken)
    {
        HeadRow? current = at.Head;
        while (current is { IsVoid: false } && current.Version == at.Version)
        {
            if (await ReplaceHeadAsync(current.WithFence(fence), current.ETag, cancellationToken))
            {
                return true;
            }
            // An answer may have been lost, or another attempt has moved the fence: an equal one is as good as one's own.
            current = await ReadHeadAsync(at.CaseId, cancellationToken);
            if (current is not null && current.Version == at.Version && FenceOf(current) == fence)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes a run's fence down; another run's stays.</summary>
    public async Task ClearFenceAsync(string caseId, string run, CancellationToken cancellationToken)
    {
        while (
            await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: false } head
            && FenceOf(head)?.Run == run
            && !await ReplaceHeadAsync(head.WithFence(null), head.ETag, cancellationToken)
        )
        {
            // An append came between: the fence is in the new head too.
        }
    }

    /// <summary>The fence that is up; null when a hold may be answered.</summary>
    public async Task<Fence?> ReadFenceAsync(string caseId, CancellationToken cancellationToken) =>
        await ReadHeadAsync(caseId, cancellationToken) is { } head ? FenceOf(head) : null;

    private static Fence? FenceOf(HeadRow head) =>
        head.FenceRun is null ? null : new Fence(head.FenceRun, head.FenceBatch ?? 0, head.FenceUntil ?? default);

    private async Task<bool> ReplaceHeadAsync(HeadRow head, ETag ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            await table.UpdateEntityAsync(head, ifMatch, TableUpdateMode.Replace, cancellationToken);
            return true;
        }
        catch (RequestFailedException moved) when (moved.Status == 412)
        {
            return false;
        }
    }
}
