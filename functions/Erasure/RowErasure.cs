using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Erases the sealed rows of one dataset: references that stand in the way first, then the rows.</summary>
internal sealed class RowErasure(MappedSystems systems, ErasurePlan plan, byte[] key, BatchLoop loop)
{
    /// <summary>Longer than any database lets a commit wait (locks: 30 s).</summary>
    internal static readonly TimeSpan CommitLimit = TimeSpan.FromMinutes(1);

    public async Task<(EraseCursor Position, BatchProgress Progress)> RunAsync(
        PlannedErasure planned,
        EraseCursor position,
        IErasureAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var begun = position;
        var source = systems.Sql(planned.System);
        var scope = await systems.PlanAsync(planned.System, cancellationToken);
        var target = scope.Dataset(planned.Name);
        await using var connection = await source.OpenWriteAsync(cancellationToken);
        await source.Dialect.BeginErasureAsync(connection, cancellationToken);
        var work = new Work(
            $"{plan.Order.CaseId}/{plan.Order.Run}",
            planned.System,
            connection,
            source.Dialect,
            attempt
        );
        loop.Patience = source.Dialect.LocksRowsOnly ? BatchLoop.RowLocks : 1;
        var detaching = Detaching(scope, target);
        while (position.Phase < detaching.Count)
        {
            var (reached, state) = await DetachAsync(work, scope, detaching, position, cancellationToken);
            if (state != BatchProgress.Done)
            {
                return (reached, state);
            }
            position = reached.NextPhase();
        }
        var (end, progress) = await RunBatchesAsync(work, scope, target, source, position, cancellationToken);
        if (progress == BatchProgress.Done)
        {
            // Cleaning up after a large table takes its own time: a call that has used its own leaves it to the next.
            if (end != begun && loop.IsOutOfTime())
            {
                return (end, BatchProgress.OutOfTime);
            }
            await source.ScrubAsync(target.Table, cancellationToken);
        }
        return (end, progress);
    }

    private async Task<(EraseCursor, BatchProgress)> RunBatchesAsync(
        Work work,
        ScopePlan scope,
        ScopedDataset target,
        ISqlSource source,
        EraseCursor position,
        CancellationToken cancellationToken
    )
    {
        var table = new RowTable("batch", new(target, scope), work.Dialect, work.Connection, isList: true);
        await table.CreateAsync(cancellationToken);
        await using var batches = new SqlBatches(table, scope, work.Dialect, work.Connection, key);
        await using var halves = new BatchHalves(source, batches);
        return await loop.RunAsync(
            target.Name,
            position,
            int.MaxValue,
            async (batch, counts) =>
                await work.CommitHalvesAsync(target.Name, batch, halves, counts, cancellationToken)
                    is { Went: true } done
                    ? done.Counts
                    : await work.CommitAsync(
                        target.Name,
                        batch,
                        transaction => batches.ApplyAsync(transaction, batch.Rows, counts, cancellationToken),
                        cancellationToken
                    ),
            cancellationToken
        );
    }

    /// <summary>References to the dataset that the erasure order set aside, in the datasets of the plan.</summary>
    private List<(ScopedDataset From, ForeignKey Link)> Detaching(ScopePlan scope, ScopedDataset target) =>
        scope
            .Datasets.Where(from => plan.Datasets.Any(dataset => dataset.Name == from.Name))
            .SelectMany(from =>
                from.Broken.Where(link =>
                        string.Equals(link.ReferencedTable, target.Table.Name, StringComparison.OrdinalIgnoreCase)
                    )
                    .Select(link => (from, link))
            )
            .ToList();

    private async Task<(EraseCursor, BatchProgress)> DetachAsync(
        Work work,
        ScopePlan scope,
        List<(ScopedDataset From, ForeignKey Link)> detaching,
        EraseCursor position,
        CancellationToken cancellationToken
    )
    {
        var (from, link) = detaching[position.Phase];
        var table = new RowTable(
            FormattableString.Invariant($"detach_{position.Phase}"),
            new(from, scope),
            work.Dialect,
            work.Connection,
            isList: true
        );
        await table.CreateAsync(cancellationToken);
        await using var detacher = new Detacher(table, link, work.Dialect, work.Connection);
        return await loop.RunAsync(
            from.Name,
            position,
            int.MaxValue,
            (batch, counts) =>
                work.CommitAsync(
                    from.Name,
                    batch,
                    async transaction =>
                    {
                        await detacher.ApplyAsync(transaction, batch.Rows, cancellationToken);
                        return counts;
                    },
                    cancellationToken
                ),
            cancellationToken
        );
    }

    private sealed record Work(
        string Run,
        string System,
        DbConnection Connection,
        SqlDialect Dialect,
        IErasureAttempt Attempt
    )
    {
        private string SecondHalf => $"{Run}/second";

        /// <summary>One transaction: the work, then the gate, then the commit. Null when the gate was closed.</summary>
        public async Task<BatchCounts?> CommitAsync(
            string dataset,
            SealedBatch batch,
            Func<DbTransaction, Task<BatchCounts>> work,
            CancellationToken cancellationToken
        )
        {
            await using var transaction = await BeginAsync(cancellationToken);
            // As the other half of an attempt that was given up would have it.
            await Dialect.LockAsync(transaction, SecondHalf, cancellationToken);
            var counts = await work(transaction);
            return await PassAsync(dataset, batch, [transaction], cancellationToken) ? counts : null;
        }

        /// <summary>The same in two transactions at once, where rows suit it; not when they did not all go, and nothing is changed then.</summary>
        public async Task<(bool Went, BatchCounts? Counts)> CommitHalvesAsync(
            string dataset,
            SealedBatch batch,
            BatchHalves halves,
            BatchCounts counts,
            CancellationToken cancellationToken
        )
        {
            if (!halves.Suits(batch.Rows))
            {
                return (false, null);
            }
            await using var first = await BeginAsync(cancellationToken);
            await using var second = await halves.BeginAsync(cancellationToken);
            if (second is null)
            {
                return (false, null);
            }
            await Dialect.LockAsync(second, SecondHalf, cancellationToken);
            if (!await halves.DeleteAsync(first, second, batch.Rows, cancellationToken))
            {
                return (false, null);
            }
            return await PassAsync(dataset, batch, [second, first], cancellationToken)
                ? (true, counts with { Deleted = counts.Deleted + batch.Rows.Count })
                : (true, null);
        }

        private async Task<DbTransaction> BeginAsync(CancellationToken cancellationToken)
        {
            var transaction = await Dialect.BeginBatchAsync(Connection, cancellationToken);
            try
            {
                await Dialect.LockAsync(transaction, Run, cancellationToken);
                return transaction;
            }
            catch
            {
                await transaction.DisposeAsync();
                throw;
            }
        }

        /// <summary>Asks the gate and commits, or rolls back; a batch that is committed in part is carried out again, and its rows found gone.</summary>
        private async Task<bool> PassAsync(
            string dataset,
            SealedBatch batch,
            IReadOnlyList<DbTransaction> transactions,
            CancellationToken cancellationToken
        )
        {
            foreach (var transaction in transactions)
            {
                await Dialect.SettleAsync(transaction, cancellationToken);
            }
            var asked = TimeProvider.System.GetTimestamp();
            var pass = new BatchPass(System, dataset, (int)batch.Number, CommitLimit, IsExclusive: true);
            if (!await Attempt.MayPassAsync(pass, cancellationToken))
            {
                foreach (var transaction in transactions)
                {
                    await transaction.RollbackAsync(cancellationToken);
                }
                return false;
            }
            // When this throws nobody knows what became of it: the fence is left standing until the database has given up for certain.
            foreach (var transaction in transactions)
            {
                if (TimeProvider.System.GetElapsedTime(asked) > CommitLimit / 2)
                {
                    throw new TimeoutException(
                        $"The leave to commit batch {batch.Number} of {dataset} came too late to use it."
                    );
                }
                await transaction.CommitAsync(cancellationToken);
            }
            await Attempt.PassedAsync(cancellationToken);
            return true;
        }
    }
}
