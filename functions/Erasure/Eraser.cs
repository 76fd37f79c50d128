using Azure.Storage.Blobs;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>
/// Erases one customer from every system of the data map: seal, erase dataset by dataset in the plan's order, verify, certify. Every
/// method may be repeated at any time, also after the process was killed, and ends in the same state and the same counts.
/// </summary>
public sealed class Eraser
{
    private readonly MappedSystems systems;
    private readonly RunStore store;
    private readonly RunKeys keys;
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
        this.keys = keys;
        this.gate = gate;
        this.clock = clock;
        this.options = options ?? new();
    }

    /// <summary>
    /// Checks everything, works out the fate of every row and blob of the customer, and stores plan and sealed keys once. A repeated call
    /// gives the stored plan. Throws <see cref="ErasureRefusedException"/> with all blockers; nothing has been deleted then.
    /// </summary>
    public async Task<ErasurePlan> SealAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await ContinueSealAsync(order, cancellationToken) is { } plan)
            {
                return plan;
            }
        }
    }

    /// <summary>The same within one call's time: null means that it got on and is to be called again.</summary>
    public Task<ErasurePlan?> ContinueSealAsync(ErasureOrder order, CancellationToken cancellationToken) =>
        new Sealer(systems.For(order.CustomerId), store, clock, options).ContinueAsync(order, cancellationToken);

    /// <summary>
    /// Checks what <see cref="ContinueSealAsync"/> checks before it writes anything down; for whoever has something else to delete
    /// first. Throws <see cref="ErasureRefusedException"/>.
    /// </summary>
    public Task CheckAsync(ErasureOrder order, CancellationToken cancellationToken) =>
        new Sealer(systems.For(order.CustomerId), store, clock, options).CheckAsync(order, cancellationToken);

    /// <summary>Works out what a first run would do, and what would refuse it. Changes and stores nothing.</summary>
    public Task<ErasurePreview> PreviewAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        var own = systems.For(order.CustomerId);
        var sealer = new Sealer(own, store, clock, options);
        return new ErasurePreviewer(own, sealer, clock).PreviewAsync(order, cancellationToken);
    }

    /// <summary>
    /// Remembers that somebody was shown a preview: a run of another kind is refused from now on. Gives what is different from the
    /// one shown before it. A preview that could not be worked out whole takes no other's place.
    /// </summary>
    public async Task<IReadOnlyList<string>> ShownAsync(
        string caseId,
        ErasurePreview preview,
        string by,
        CancellationToken cancellationToken
    )
    {
        if (preview.Kind is not { } kind)
        {
            return [];
        }
        var earlier = await store.FindPreviewedAsync(caseId, cancellationToken);
        await store.KeepPreviewedAsync(caseId, new(clock.GetUtcNow(), by, kind), cancellationToken);
        return earlier is null
            ? []
            :
            [
                .. kind.DifferencesFrom(earlier.Kind)
                    .Select(difference =>
                        FormattableString.Invariant(
                            $"since the preview of {earlier.At:yyyy-MM-dd HH:mm} UTC: {difference}"
                        )
                    ),
            ];
    }

    /// <summary>
    /// Looks for what is there again of a customer that the ledger knows as erased, and for rows that it does not know. Changes and
    /// stores nothing.
    /// </summary>
    /// <exception cref="RunKeyMissingException">The settings no longer hold the key of the ledger's hashes.</exception>
    public Task<ReturnReport> FindReturnsAsync(
        ErasureOrder order,
        IReadOnlyList<LedgerRecord> records,
        CancellationToken cancellationToken
    )
    {
        var own = systems.For(order.CustomerId);
        var sealer = new Sealer(own, store, clock, options);
        var known = new KnownRows(records, keys, order.CustomerId);
        return new ReturnFinder(own, sealer, known).FindAsync(order, records, cancellationToken);
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
        var loop = new BatchLoop(store, plan, key, options, TimeProvider.System.GetTimestamp());
        var position = EraseCursor.Parse(cursor);
        var attempt = gate.Begin(run);
        var (reached, progress) =
            planned.Kind == "blob"
                ? await EraseBlobsAsync(plan, planned, loop, position, attempt, cancellationToken)
                : await new RowErasure(systems.For(plan.Order.CustomerId), plan, key, loop).RunAsync(
                    planned,
                    position,
                    attempt,
                    cancellationToken
                );
        return Outcome(planned.Name, reached, progress);
    }

    /// <summary>Recounts everything by a code path and connection of its own, and stores the report.</summary>
    public async Task<VerificationReport> VerifyAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await ContinueVerifyAsync(run, cancellationToken) is { } report)
            {
                return report;
            }
        }
    }

    /// <summary>The same within one call's time: null means that it got on and is to be called again.</summary>
    public Task<VerificationReport?> ContinueVerifyAsync(ErasureRef run, CancellationToken cancellationToken) =>
        new Verifier(systems, store, clock, options).ContinueAsync(run, cancellationToken);

    /// <summary>
    /// Destroys keys, sealed files and plans of all runs of a case, once nothing is retained or held any more. Certificates stay.
    /// </summary>
    public Task ForgetAsync(string caseId, CancellationToken cancellationToken) =>
        store.ForgetAsync(caseId, cancellationToken);

    private Task<(EraseCursor Position, BatchProgress Progress)> EraseBlobsAsync(
        ErasurePlan plan,
        PlannedErasure planned,
        BatchLoop loop,
        EraseCursor position,
        IErasureAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var dataset = systems.Map.Blobs.Single(blobs => blobs.Name == planned.Name);
        var erasure = new BlobErasure(dataset, systems.Blobs(planned.System), systems.Map, plan.Order);
        return loop.RunAsync(
            planned.Name,
            position,
            most: 0,
            async (batch, counts) =>
                await erasure.DeleteAsync(batch, attempt, cancellationToken) is { } deleted
                    ? counts with
                    {
                        Deleted = counts.Deleted + deleted,
                    }
                    : null,
            cancellationToken
        );
    }

    private static BatchOutcome Outcome(string dataset, EraseCursor position, BatchProgress progress) =>
        new()
        {
            Dataset = dataset,
            Done = progress == BatchProgress.Done,
            Stopped = progress == BatchProgress.Stopped,
            Cursor = progress == BatchProgress.Done ? null : position.ToString(),
            Deleted = position.Counts.Deleted,
            Anonymised = position.Counts.Anonymised,
            Unlinked = position.Counts.Unlinked,
            Reduced = position.Counts.Reduced,
            Remaining = position.Counts.Remaining,
        };
}
