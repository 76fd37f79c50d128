using Azure;
using Azure.Data.Tables;

namespace Portability.Storage;

/// <content>The fence between an erasure's batches and the holds that may stop them.</content>
public sealed partial class TerminationStore
{
    /// <summary>The case's head with the fence that is up; null when there is no such case.</summary>
    public async Task<FencePost?> ReadFenceAsync(string caseId, CancellationToken cancellationToken) =>
        await ReadHeadAsync(caseId, cancellationToken) is { IsVoid: false } head ? new(head) : null;

    /// <summary>
    /// Raises the fence, provided that the head is as it was read: the holds in the stream of that version are then all there
    /// are, and one that is placed from now on waits for the fence to clear.
    /// </summary>
    /// <returns>The head with the fence; null when something was appended or another's fence has moved: read it again.</returns>
    public async Task<FencePost?> TryRaiseFenceAsync(FencePost at, Fence fence, CancellationToken cancellationToken)
    {
        if (await ReplaceHeadAsync(at.Head.WithFence(fence), at.Head.ETag, cancellationToken) is { } raised)
        {
            return raised;
        }
        // The answer to one's own write may have been lost and the write repeated: then the fence is there, under this attempt.
        FencePost? now = await ReadFenceAsync(at.Head.PartitionKey, cancellationToken);
        return now is not null && now.Version == at.Version && now.Fence == fence ? now : null;
    }

    /// <summary>Takes down the fence that was raised; another attempt's stays.</summary>
    /// <returns>The head without it, to raise the next one from; null when it has changed meanwhile.</returns>
    public async Task<FencePost?> ClearFenceAsync(FencePost raised, CancellationToken cancellationToken)
    {
        string? attempt = raised.Fence?.Attempt;
        if (await ReplaceHeadAsync(raised.Head.WithFence(null), raised.Head.ETag, cancellationToken) is { } cleared)
        {
            return cleared;
        }
        while (
            await ReadFenceAsync(raised.Head.PartitionKey, cancellationToken) is { Fence: { } up } now
            && up.Attempt == attempt
            && await ReplaceHeadAsync(now.Head.WithFence(null), now.Head.ETag, cancellationToken) is null
        )
        {
            // An append came between: the fence is in the new head too.
        }
        return null;
    }

    private async Task<FencePost?> ReplaceHeadAsync(HeadRow head, ETag ifMatch, CancellationToken cancellationToken)
    {
        try
        {
            Response answer = await table.UpdateEntityAsync(head, ifMatch, TableUpdateMode.Replace, cancellationToken);
            return new(head.WithETag(answer.Headers.ETag ?? default));
        }
        catch (RequestFailedException moved) when (moved.Status == 412)
        {
            return null;
        }
    }
}
