using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>One call that seals: what it found done, and what it has done since.</summary>
internal sealed class SealAttempt(
    ErasureOrder order,
    Sealing sealing,
    byte[] key,
    byte[] probeKey,
    ErasurePlan? previous,
    long begun,
    TimeSpan budget
)
{
    /// <summary>A call that had to spend its time on what every call begins with still gets on for this part of it.</summary>
    private const int LeastShare = 4;

    private readonly Dictionary<string, IReadOnlyList<SealedPart>> files = new(sealing.Files, StringComparer.Ordinal);
    private readonly List<PlannedErasure> datasets = [.. sealing.Datasets];
    private OpenDataset? open = sealing.Open;
    private long workBegun;

    public ErasureOrder Order => order;

    public ErasureRef Run => order.Ref;

    public ErasurePlan? Previous => previous;

    /// <summary>To be kept for the next call, or in the plan.</summary>
    public Sealing State => sealing with { Datasets = datasets, Files = files, Open = open };

    /// <summary>True once this call has got on.</summary>
    public bool HasWorked { get; private set; }

    public bool IsOutOfTime() =>
        TimeProvider.System.GetElapsedTime(begun) > budget
        && TimeProvider.System.GetElapsedTime(workBegun > 0 ? workBegun : begun) > budget / LeastShare;

    /// <summary>True when the dataset is sealed whole.</summary>
    public bool Has(string dataset) => datasets.Exists(planned => planned.Name == dataset);

    public bool HasFiles(string dataset) => files.ContainsKey(dataset);

    /// <summary>Begins a file of the dataset, after those it has.</summary>
    public SealedWriter Write(RunStore store, string dataset, int chunkRows)
    {
        workBegun = workBegun > 0 ? workBegun : TimeProvider.System.GetTimestamp();
        return store.Files.Write(
            Run,
            sealing.Seal,
            KeyOf(dataset),
            dataset,
            chunkRows,
            files.GetValueOrDefault(dataset, [])
        );
    }

    public void Add(string dataset, SealedPart part)
    {
        HasWorked = true;
        files[dataset] = [.. files.GetValueOrDefault(dataset, []), part];
    }

    public void Close(PlannedErasure planned)
    {
        open = null;
        datasets.Add(planned);
    }

    public void LeaveOpen(OpenDataset dataset) => open = dataset;

    public long ChunksOf(string dataset) => files[dataset].Sum(part => part.Chunks);

    /// <summary>Forgets what was written of something; its files stay until the run's do.</summary>
    public void Drop(string dataset) => files.Remove(dataset);

    /// <summary>The values of the row that was sealed last.</summary>
    public async Task<object?[]> LastAsync(RunStore store, OpenDataset left, CancellationToken cancellationToken) =>
        await LastAsync(store, left.Name, ChunksOf(left.Name) - 1, left.LastOffset, cancellationToken) is { } last
            ? last.Values
            : throw new InvalidDataException($"No row of '{left.Name}' was sealed where one must have been.");

    /// <summary>The last row of something, or null when there is none.</summary>
    public Task<SealedRow?> FindLastAsync(RunStore store, string dataset, CancellationToken cancellationToken) =>
        LastAsync(store, dataset, 0, 0, cancellationToken);

    private async Task<SealedRow?> LastAsync(
        RunStore store,
        string dataset,
        long chunk,
        long offset,
        CancellationToken cancellationToken
    )
    {
        SealedRow? last = null;
        await foreach (var read in store.Files.ReadAsync(Source(dataset), chunk, offset, cancellationToken))
        {
            last = read.Rows.Last();
        }
        return last;
    }

    public SealedSource Source(string dataset) =>
        new(Run, sealing.Seal, KeyOf(dataset), dataset, files.GetValueOrDefault(dataset, []));

    /// <summary>What the scan looks for has a key of its own, which goes first.</summary>
    private byte[] KeyOf(string dataset) => dataset.StartsWith(ProbeSet.Mark) ? probeKey : key;
}
