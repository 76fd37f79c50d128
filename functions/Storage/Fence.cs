namespace Portability.Storage;

/// <summary>
/// Says that an erasure is about to commit one batch: a hold that is placed meanwhile answers its caller only when the fence
/// is clear, so that no batch commits after a hold was answered.
/// </summary>
/// <param name="Run">The erasure run, <c>{case}-erasure-{n}</c>.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Until">When the database has given up on the batch by its own timeout, whatever became of the eraser; real time.</param>
/// <param name="Attempt">Random, one for each raising: nobody takes down the fence of another, even of the same batch.</param>
/// <param name="System">The system that the batch is of; empty for what is not of the data map.</param>
public sealed record Fence(string Run, int Batch, DateTimeOffset Until, string Attempt, string System);

/// <summary>A case's head as it was read or written last: where a fence is raised and cleared without reading it again.</summary>
public sealed class FencePost
{
    internal FencePost(HeadRow head) => Head = head;

    /// <summary>Version of the stream that the head counts.</summary>
    public long Version => Head.Version;

    /// <summary>The fence that is up, or null.</summary>
    public Fence? Fence =>
        Head.FenceRun is null
            ? null
            : new(
                Head.FenceRun,
                Head.FenceBatch ?? 0,
                Head.FenceUntil ?? default,
                Head.FenceAttempt ?? "",
                Head.FenceSystem ?? ""
            );

    internal HeadRow Head { get; }
}
