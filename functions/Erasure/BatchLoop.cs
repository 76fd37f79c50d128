namespace Portability.Erasure;

/// <summary>How a call over sealed batches ended.</summary>
internal enum BatchProgress
{
    Done,
    OutOfTime,
    Stopped,
}

/// <summary>Runs sealed chunks as batches of a size that keeps to the time a transaction may take.</summary>
internal sealed class BatchLoop(RunStore store, ErasurePlan plan, byte[] key, EraserOptions options, long begun)
{
    /// <summary>What a batch may take beside <see cref="EraserOptions.BatchTime"/> where it makes nobody wait but for the rows that go.</summary>
    public const int RowLocks = 4;

    private const int MostGrowth = 4;
    private int rows = options.BatchRows;

    /// <summary>How many times the usual time a batch may take.</summary>
    public int Patience { get; set; } = 1;

    /// <summary>
    /// Runs the chunks of a dataset from a position on. <paramref name="run"/> gives the new counts, or null when the gate stopped it
    /// and nothing was changed.
    /// </summary>
    public async Task<(EraseCursor Position, BatchProgress Progress)> RunAsync(
        string dataset,
        EraseCursor position,
        int most,
        Func<SealedBatch, BatchCounts, Task<BatchCounts?>> run,
        CancellationToken cancellationToken
    )
    {
        var from = position;
        var gathered = new List<SealedRows>();
        var count = 0;
        SealedBatch? last = null;
        var chunks = store.ReadAsync(plan, key, dataset, position.Batch, position.Offset, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            // At least one batch a call, however short the budget: a caller that comes back always gets on.
            if (last is null && position != from && IsOutOfTime())
            {
                return (position, BatchProgress.OutOfTime);
            }
            gathered.Add(chunk.Rows);
            count += chunk.Rows.Count;
            last = chunk;
            if (count + chunk.Rows.Count <= Math.Min(rows, most))
            {
                continue;
            }
            if (await FlushAsync(position, chunk, gathered, run) is not { } reached)
            {
                return (position, BatchProgress.Stopped);
            }
            position = reached;
            gathered.Clear();
            count = 0;
            last = null;
        }
        if (last is not null)
        {
            return await FlushAsync(position, last, gathered, run) is { } reached
                ? (reached, BatchProgress.Done)
                : (position, BatchProgress.Stopped);
        }
        return (position, BatchProgress.Done);
    }

    /// <summary>True when the call has used up its time.</summary>
    public bool IsOutOfTime() => TimeProvider.System.GetElapsedTime(begun) > options.CallBudget;

    private async Task<EraseCursor?> FlushAsync(
        EraseCursor position,
        SealedBatch last,
        List<SealedRows> gathered,
        Func<SealedBatch, BatchCounts, Task<BatchCounts?>> run
    )
    {
        var counts = position.Counts;
        // A batch that changes nothing (retained, held) needs no leave: a gate closed by that very hold would stop the run.
        var all = SealedRows.Join(gathered);
        if (all.IsTouched)
        {
            var started = TimeProvider.System.GetTimestamp();
            if (await run(last with { Rows = all }, counts) is not { } reached)
            {
                return null;
            }
            counts = reached;
            Learn(all.Count, TimeProvider.System.GetElapsedTime(started));
        }
        else
        {
            counts = SqlBatches.CountShared(all, counts);
        }
        return new(position.Phase, last.Number + 1, last.NextOffset, counts);
    }

    private void Learn(int done, TimeSpan took)
    {
        var fitting = done * (options.BatchTime * Patience / took);
        rows = (int)Math.Clamp(fitting, options.BatchRows, Math.Min((double)rows * MostGrowth, options.MostBatchRows));
    }
}
