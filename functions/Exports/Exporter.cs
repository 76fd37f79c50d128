using System.Collections.Concurrent;
using System.Text.Json;
using Portability.DataMap;
using Portability.Exports.Drill;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>
/// Plans, writes, completes, shows and erases exports. Every call may be repeated, and may run in several processes at once:
/// what stands in the store decides.
/// </summary>
public sealed class Exporter : IAsyncDisposable
{
    // A plan never changes once it is stored; it is read for each of its files.
    private const int PlansInMemory = 16;

    private readonly ExportStore _store;
    private readonly ExportProgress _progress;
    private readonly ExportSources _sources;
    private readonly ExportLimits _limits;
    private readonly FileWriting _writing;
    private readonly ExportCompletion _completion;
    private readonly ExportBundle _bundle;
    private readonly RestoreDrill _drill;
    private readonly ExportSnapshots _snapshots;
    private readonly TimeProvider _clock;
    private readonly ConcurrentDictionary<ExportRef, ExportPlan> _plans = new();

    public Exporter(
        MappedSystems systems,
        ExportStore store,
        ExportProgress progress,
        TimeProvider clock,
        ExportLimits? limits = null
    )
    {
        limits ??= new ExportLimits();
        var sources = new ExportSources(systems);
        _store = store;
        _progress = progress;
        _clock = clock;
        _sources = sources;
        _limits = limits;
        _snapshots = new ExportSnapshots(clock, limits.SessionIdle);
        _drill = new RestoreDrill(sources, store, progress, limits, clock);
        _completion = new ExportCompletion(store, systems.Map, _drill, clock);
        _bundle = new ExportBundle(store, _completion, clock);
        _writing = new FileWriting(
            new FileContents(sources, clock, _snapshots),
            _bundle,
            store,
            progress,
            limits,
            clock
        );
    }

    /// <summary>Makes and stores the plan, or returns the one stored before.</summary>
    /// <exception cref="ArgumentException">A format or category that does not exist.</exception>
    /// <exception cref="DataMapException">The data map does not fit the database; nothing was stored.</exception>
    public async Task<ExportPlan> PlanAsync(ExportOrder order, CancellationToken cancellationToken)
    {
        var name = ExportPaths.Plan(order.Reference);
        var stored = await _store.ReadAsync(name, cancellationToken);
        if (stored is null)
        {
            var plan = await new ExportPlanner(_sources.For(order.CustomerId), _limits).PlanAsync(
                order,
                cancellationToken
            );
            stored = await _store.StoreOnceAsync(
                name,
                ExportPaths.ContentType(ExportFormats.Json),
                JsonSerializer.SerializeToUtf8Bytes(plan, ExportPaths.PlanOptions),
                _clock.GetUtcNow(),
                cancellationToken
            );
        }

        return Parse(stored);
    }

    /// <summary>What an export would hold, and what would keep it from being made. Writes and stores nothing.</summary>
    public Task<ExportPreview> PreviewAsync(ExportOrder order, CancellationToken cancellationToken) =>
        new ExportPreviewer(_sources, new FileContents(_sources, _clock), _limits, _clock).PreviewAsync(
            order,
            cancellationToken
        );

    /// <summary>The stored plan. Throws <see cref="ExportGoneException"/>.</summary>
    public async Task<ExportPlan> ReadPlanAsync(ExportRef export, CancellationToken cancellationToken)
    {
        var bytes =
            await _store.ReadAsync(ExportPaths.Plan(export), cancellationToken)
            ?? throw new ExportGoneException(export);
        return Parse(bytes);
    }

    /// <summary>
    /// Writes one file of the plan, or adopts the finished one; returns within about 4 minutes. A failure is thrown after it was
    /// noted in the file's progress; calling again is safe.
    /// </summary>
    /// <exception cref="ExportGoneException">The export was erased, before or meanwhile; nothing of the file is left.</exception>
    /// <exception cref="UnwritableValueException">A value that the format cannot hold: repeating will not help.</exception>
    public async Task<FileOutcome> WriteFileAsync(
        ExportRef export,
        int fileIndex,
        string? cursor,
        CancellationToken cancellationToken
    )
    {
        var plan = await CachedPlanAsync(export, cancellationToken);
        var file =
            plan.Files.ElementAtOrDefault(fileIndex)
            ?? throw new ArgumentOutOfRangeException(nameof(fileIndex), fileIndex, "The plan has no such file.");
        return await _writing.WriteAsync(plan, file, cursor, cancellationToken);
    }

    /// <summary>
    /// Loads the export's SQL dumps into empty databases and checks them there; false when the call's time was up: call again.
    /// </summary>
    /// <exception cref="RestoreDrillException">A dump does not load as it should; it must be written again.</exception>
    public async Task<bool> DrillAsync(ExportRef export, CancellationToken cancellationToken) =>
        await _drill.RunAsync(await CachedPlanAsync(export, cancellationToken), _limits.CallBudget, cancellationToken);

    /// <summary>
    /// Puts all files into one ZIP, if the order asks for one; false when the call's time was up: call again. The files must stand, and the
    /// drill must have been made.
    /// </summary>
    /// <exception cref="ExportFileMissingException">A file is missing.</exception>
    public async Task<bool> PackAsync(ExportRef export, CancellationToken cancellationToken) =>
        await _bundle.RunAsync(await CachedPlanAsync(export, cancellationToken), _writing, cancellationToken);

    /// <summary>
    /// Writes README, manifest and checksums, after a restore drill and a ZIP if they are not there yet. Throws <see cref="ExportFileMissingException"/>.
    /// </summary>
    public async Task<ExportSummary> CompleteAsync(ExportRef export, CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(export, cancellationToken);
        await _snapshots.LetGoAsync(export);
        while (!await _drill.RunAsync(plan, _limits.CallBudget, cancellationToken)) { }
        while (!await _bundle.RunAsync(plan, _writing, cancellationToken)) { }
        return await _completion.CompleteAsync(plan, cancellationToken);
    }

    /// <summary>The manifest of a finished export; null when it is not finished or was erased.</summary>
    public async Task<ExportManifest?> ReadManifestAsync(ExportRef export, CancellationToken cancellationToken) =>
        await _store.ReadAsync(ExportPaths.Blob(export, ExportPaths.Manifest), cancellationToken) is { } bytes
            ? ExportManifest.Parse(bytes)
            : null;

    /// <summary>Every planned file and where it is, in plan order. Throws <see cref="ExportGoneException"/>.</summary>
    public async Task<IReadOnlyList<FileProgress>> ProgressAsync(
        ExportRef export,
        CancellationToken cancellationToken
    ) => await _progress.ReadAsync(await CachedPlanAsync(export, cancellationToken), cancellationToken);

    /// <summary>Deletes every blob and progress row of the export and looks that none is left.</summary>
    public async Task EraseAsync(ExportRef export, CancellationToken cancellationToken)
    {
        // The plan first: a file that is being written right now then finds itself erased (see FileWriting).
        _plans.TryRemove(export, out _);
        await _snapshots.LetGoAsync(export);
        await _store.DeleteAsync(ExportPaths.Plan(export), cancellationToken);
        await _store.EraseAsync(ExportPaths.Folder(export), cancellationToken);
        await _progress.EraseAsync(export, cancellationToken);
    }

    /// <summary>Lets go of half-written files.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writing.DisposeAsync();
        await _drill.DisposeAsync();
        await _snapshots.DisposeAsync();
    }

    private async Task<ExportPlan> CachedPlanAsync(ExportRef export, CancellationToken cancellationToken)
    {
        if (_plans.TryGetValue(export, out var known))
        {
            return known;
        }

        if (_plans.Count >= PlansInMemory)
        {
            _plans.Clear();
        }

        return _plans[export] = await ReadPlanAsync(export, cancellationToken);
    }

    private static ExportPlan Parse(byte[] bytes) =>
        JsonSerializer.Deserialize<ExportPlan>(bytes, ExportPaths.PlanOptions)
        ?? throw new InvalidDataException("The stored plan is empty.");
}
