using System.Data.Common;
using Azure.Storage.Blobs;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>Sizes of an erasure run.</summary>
public sealed record EraserOptions
{
    /// <summary>Rows to a transaction: bounds how long other writers wait.</summary>
    public int BatchRows { get; init; } = 1000;

    /// <summary>Real time after which a call gives its cursor back; the batch begun is finished first.</summary>
    public TimeSpan CallBudget { get; init; } = TimeSpan.FromMinutes(2);
}

/// <summary>
/// Erases one customer from every system of the data map: seal, erase dataset by dataset in the plan's order, verify, certify. Every
/// method may be repeated at any time, also after the process was killed, and ends in the same state and the same counts.
/// </summary>
public sealed class Eraser
{
    /// <summary>Longer than any database lets a commit wait (locks: 30 s).</summary>
    private static readonly TimeSpan CommitLimit = TimeSpan.FromMinutes(1);

    /// <summary>Longer than <see cref="BlobShare"/> and one blob more.</summary>
    private static readonly TimeSpan BlobLimit = TimeSpan.FromSeconds(20);

    /// <summary>Blobs have no transactions: a batch asks for leave again after this time.</summary>
    private static readonly TimeSpan BlobShare = TimeSpan.FromSeconds(3);
    private readonly MappedSystems systems;
    private readonly RunStore store;
    private readonly IErasureGate gate;
    private readonly TimeProvider clock;
    private readonly EraserOptions options;

    /// <param name="systems">The data map with its systems.</param>
    /// <param name="storage">The app's own storage, which holds plans and sealed keys.</param>
    /// <param name="keys">Wrap the run keys.</param>
    /// <param name="gate">Asked before each batch commits.</param>
    /// <param name="clock">Time of the domain.</param>
    /// <param name="options">Sizes, or null for the usual ones.</param>
    public Eraser(
        MappedSystems systems,
        BlobServiceClient storage,
        RunKeys keys,
        IErasureGate gate,
        TimeProvider clock,
        EraserOptions? options = null
    )
    {
        this.systems = systems;
        store = new(storage, keys);
        this.gate = gate;
        this.clock = clock;
        this.options = options ?? new();
    }

    /// <summary>
    /// Checks everything, works out the fate of every row and blob of the customer, and stores plan and sealed keys once. A repeated call
    /// gives the stored plan. Throws <see cref="ErasureRefusedException"/> with all blockers; nothing has been deleted then.
    /// </summary>
    public Task<ErasurePlan> SealAsync(ErasureOrder order, CancellationToken cancellationToken) =>
        new Sealer(systems.For(order.CustomerId), store, clock, options.BatchRows).SealAsync(order, cancellationToken);

    /// <summary>Works out what a first run would do, and what would refuse it. Changes and stores nothing.</summary>
    public Task<ErasurePreview> PreviewAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        var own = systems.For(order.CustomerId);
        var sealer = new Sealer(own, store, clock, options.BatchRows);
        return new ErasurePreviewer(own, sealer, clock).PreviewAsync(order, cancellationToken);
    }

    /// <summary>The plan of a sealed run.</summary>
    public Task<ErasurePlan> ReadPlanAsync(ErasureRef run, CancellationToken cancellationToken) =>
        store.PlanAsync(run, cancellationToken);

    /// <summary>
    /// Carries out batches of one dataset until it is done, the call's time is used up, or the gate stops it. Datasets must be given in the
    /// plan's order. Continue with the cursor of the outcome; null begins.
    /// </summary>
    public async Task<BatchOutcome> EraseAsync(
        ErasureRef run,
        string dataset,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var plan = await store.PlanAsync(run, cancellationToken);
        var planned =
            plan.Datasets.FirstOrDefault(candidate => candidate.Name == dataset)
            ?? throw new ArgumentException($"The plan of run {run.Run} has no dataset '{dataset}'.", nameof(dataset));
        var key = await store.KeyAsync(plan, cancellationToken);
        var deadline = clock.GetTimestamp() + (long)(options.CallBudget.TotalSeconds * clock.TimestampFrequency);
        var position = EraseCursor.Parse(cursor);
        return planned.Kind == "blob"
            ? await EraseBlobsAsync(plan, planned, key, position, deadline, cancellationToken)
            : await EraseRowsAsync(plan, planned, key, position, deadline, cancellationToken);
    }

    /// <summary>Recounts everything by a code path and connection of its own, and stores the report.</summary>
    public Task<VerificationReport> VerifyAsync(ErasureRef run, CancellationToken cancellationToken) =>
        new Verifier(systems, store, clock).VerifyAsync(run, cancellationToken);

    /// <summary>
    /// Destroys keys, sealed files and plans of all runs of a case, once nothing is retained or held any more. Certificates stay.
    /// </summary>
    public Task ForgetAsync(string caseId, CancellationToken cancellationToken) =>
        store.ForgetAsync(caseId, cancellationToken);

    private async Task<BatchOutcome> EraseRowsAsync(
        ErasurePlan plan,
        PlannedErasure planned,
        byte[] key,
        EraseCursor position,
        long deadline,
        CancellationToken cancellationToken
    )
    {
        var attempt = gate.Begin(plan.Order.Ref);
        var own = systems.For(plan.Order.CustomerId);
        var source = own.Sql(planned.System);
        var scope = await own.PlanAsync(planned.System, cancellationToken);
        var target = scope.Dataset(planned.Name);
        await using var connection = await source.OpenWriteAsync(cancellationToken);
        var detaching = scope
            .Datasets.SelectMany(from =>
                from.Broken.Where(link =>
                        string.Equals(link.ReferencedTable, target.Table.Name, StringComparison.OrdinalIgnoreCase)
                    )
                    .Select(link => (From: from, Link: link))
            )
            .Where(pair => plan.Datasets.Any(dataset => dataset.Name == pair.From.Name))
            .ToList();
        while (position.Phase < detaching.Count)
        {
            var (from, link) = detaching[position.Phase];
            await using var detacher = new Detacher(new(from, scope), link, source.Dialect, connection);
            var (reached, state) = await BatchesAsync(
                plan,
                from.Name,
                key,
                position,
                deadline,
                async (batch, counts) =>
                    await CommitAsync(
                        attempt,
                        planned.System,
                        from.Name,
                        batch,
                        connection,
                        source.Dialect,
                        async transaction =>
                        {
                            await detacher.ApplyAsync(transaction, batch.Rows, cancellationToken);
                            return counts;
                        },
                        cancellationToken
                    ),
                cancellationToken
            );
            if (state != Progress.Done)
            {
                return Outcome(planned.Name, reached, state);
            }
            position = reached.NextPhase();
        }
        await using var batches = new SqlBatches(new(target, scope), scope, source.Dialect, connection, key);
        var (end, progress) = await BatchesAsync(
            plan,
            planned.Name,
            key,
            position,
            deadline,
            async (batch, counts) =>
                await CommitAsync(
                    attempt,
                    planned.System,
                    planned.Name,
                    batch,
                    connection,
                    source.Dialect,
                    transaction => batches.ApplyAsync(transaction, batch.Rows, counts, cancellationToken),
                    cancellationToken
                ),
            cancellationToken
        );
        if (progress == Progress.Done)
        {
            await source.ScrubAsync(target.Table, cancellationToken);
        }
        return Outcome(planned.Name, end, progress);
    }

    private async Task<BatchOutcome> EraseBlobsAsync(
        ErasurePlan plan,
        PlannedErasure planned,
        byte[] key,
        EraseCursor position,
        long deadline,
        CancellationToken cancellationToken
    )
    {
        var attempt = gate.Begin(plan.Order.Ref);
        var dataset = systems.Map.Blobs.Single(blobs => blobs.Name == planned.Name);
        var erasure = new BlobErasure(dataset, systems.Blobs(planned.System), systems.Map, plan.Order);
        var (end, progress) = await BatchesAsync(
            plan,
            planned.Name,
            key,
            position,
            deadline,
            (batch, counts) => DeleteBlobsAsync(attempt, planned, erasure, batch, counts, cancellationToken),
            cancellationToken
        );
        return Outcome(planned.Name, end, progress);
    }

    private static async Task<BatchCounts?> DeleteBlobsAsync(
        IErasureAttempt attempt,
        PlannedErasure planned,
        BlobErasure erasure,
        SealedBatch batch,
        BatchCounts counts,
        CancellationToken cancellationToken
    )
    {
        var pass = new BatchPass(planned.System, planned.Name, (int)batch.Number, BlobLimit, IsExclusive: false);
        var names = new Queue<string>(BlobErasure.Doomed(batch.Rows));
        var deleted = names.Count;
        while (names.Count > 0)
        {
            if (!await attempt.MayPassAsync(pass, cancellationToken))
            {
                return null;
            }
            // What the gate lets pass must end before its fence would fall of itself; when it fails, the fence is left to that.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(BlobLimit - BlobShare);
            await erasure.DeleteAsync(names, BlobShare, limit.Token);
            await attempt.PassedAsync(cancellationToken);
        }
        return counts with { Deleted = counts.Deleted + deleted };
    }

    private enum Progress
    {
        Done,
        OutOfTime,
        Stopped,
    }

    /// <summary>Runs sealed batches from a position on; a batch that answers null was stopped by the gate and changed nothing.</summary>
    private async Task<(EraseCursor Position, Progress Progress)> BatchesAsync(
        ErasurePlan plan,
        string dataset,
        byte[] key,
        EraseCursor position,
        long deadline,
        Func<SealedBatch, BatchCounts, Task<BatchCounts?>> run,
        CancellationToken cancellationToken
    )
    {
        var from = position;
        var batches = store.ReadAsync(plan, key, dataset, position.Batch, position.Offset, cancellationToken);
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            // At least one batch a call, however short the budget: a caller that comes back always gets on.
            if (position != from && clock.GetTimestamp() > deadline)
            {
                return (position, Progress.OutOfTime);
            }
            // A batch that changes nothing (retained, held) needs no leave: a gate closed by that very hold would stop the run.
            var counts = batch.Rows.Any(row => row.IsTouched)
                ? await run(batch, position.Counts)
                : SqlBatches.CountShared(batch.Rows, position.Counts);
            if (counts is null)
            {
                return (position, Progress.Stopped);
            }
            position = new(position.Phase, batch.Number + 1, batch.NextOffset, counts);
        }
        return (position, Progress.Done);
    }

    /// <summary>One transaction: the work, then the gate, then the commit.</summary>
    private static async Task<BatchCounts?> CommitAsync(
        IErasureAttempt attempt,
        string system,
        string dataset,
        SealedBatch batch,
        DbConnection connection,
        Sources.SqlDialect dialect,
        Func<DbTransaction, Task<BatchCounts>> work,
        CancellationToken cancellationToken
    )
    {
        await using var transaction = await dialect.BeginBatchAsync(connection, cancellationToken);
        var counts = await work(transaction);
        var asked = TimeProvider.System.GetTimestamp();
        var pass = new BatchPass(system, dataset, (int)batch.Number, CommitLimit, IsExclusive: true);
        if (!await attempt.MayPassAsync(pass, cancellationToken))
        {
            await transaction.RollbackAsync(cancellationToken);
            return null;
        }
        if (TimeProvider.System.GetElapsedTime(asked) > CommitLimit / 2)
        {
            throw new TimeoutException(
                $"The leave to commit batch {batch.Number} of {dataset} came too late to use it."
            );
        }
        // When this throws nobody knows what became of it: the fence is left standing until the database has given up for certain.
        await transaction.CommitAsync(cancellationToken);
        await attempt.PassedAsync(cancellationToken);
        return counts;
    }

    private static BatchOutcome Outcome(string dataset, EraseCursor position, Progress progress) =>
        new()
        {
            Dataset = dataset,
            Done = progress == Progress.Done,
            Stopped = progress == Progress.Stopped,
            Cursor = progress == Progress.Done ? null : position.ToString(),
            Deleted = position.Counts.Deleted,
            Anonymised = position.Counts.Anonymised,
            Unlinked = position.Counts.Unlinked,
            Reduced = position.Counts.Reduced,
            Remaining = position.Counts.Remaining,
        };
}
