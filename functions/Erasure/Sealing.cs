namespace Portability.Erasure;

/// <summary>How far a run is sealed that has no plan yet.</summary>
internal sealed record Sealing
{
    /// <summary>Its folder.</summary>
    public required string Seal { get; init; }

    /// <summary>Datasets that are sealed whole.</summary>
    public IReadOnlyList<PlannedErasure> Datasets { get; init; } = [];

    /// <summary>The files written so far, by dataset.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SealedPart>> Files { get; init; } =
        new Dictionary<string, IReadOnlyList<SealedPart>>(StringComparer.Ordinal);

    /// <summary>The dataset in whose middle the last call ended, or null.</summary>
    public OpenDataset? Open { get; init; }

    /// <summary>The stored version; null for one that is not stored yet.</summary>
    public string? Tag { get; init; }
}

/// <summary>A dataset that is sealed in part. The key to go on from is that of the last sealed row, and stands nowhere else.</summary>
/// <param name="Name">The dataset.</param>
/// <param name="Counts">What was sealed of it.</param>
/// <param name="LastOffset">Where the last chunk begins in the last file.</param>
internal sealed record OpenDataset(string Name, FateCounts Counts, long LastOffset);

/// <summary>Rows by fate, and retained ones by the Unix seconds of their release.</summary>
internal sealed class FateCounts
{
    /// <summary>At the number of each fate.</summary>
    public long[] Rows { get; init; } = new long[SealedChunk.Fates];

    public SortedDictionary<long, long> Retained { get; init; } = [];

    public long Of(RowFate fate) => Rows[(int)fate];

    public void Add(RowFate fate, long release)
    {
        Rows[(int)fate]++;
        if (fate == RowFate.Retain)
        {
            Retained[release] = Retained.GetValueOrDefault(release) + 1;
        }
    }
}
