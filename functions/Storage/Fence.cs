namespace Portability.Storage;

/// <summary>
/// Says that an erasure is about to commit one batch: a hold that is placed meanwhile answers its caller only when the fence
/// is clear, so that no batch commits after a hold was answered.
/// </summary>
/// <param name="Run">The erasure run, <c>{case}-erasure-{n}</c>.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Until">When the database has given up on the batch by its own timeout, whatever became of the eraser; real time.</param>
public sealed record Fence(string Run, int Batch, DateTimeOffset Until);
