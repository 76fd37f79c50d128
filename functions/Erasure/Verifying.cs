namespace Portability.Erasure;

/// <summary>What earlier calls have recounted and searched of a run that has no report yet.</summary>
internal sealed record Verifying
{
    /// <summary>Datasets recounted.</summary>
    public IReadOnlyList<DatasetVerification> Datasets { get; init; } = [];

    /// <summary>Systems that were searched whole.</summary>
    public IReadOnlyList<string> Scanned { get; init; } = [];

    /// <summary>True when all were.</summary>
    public bool IsScanned { get; init; }

    /// <summary>By dataset: where something of its is left, and how often. Never the values.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Findings { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, long>>(StringComparer.Ordinal);

    /// <summary>Sealed files with the place where the search goes on, and what it has found of the portion.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SealedPart>> Files { get; init; } =
        new Dictionary<string, IReadOnlyList<SealedPart>>(StringComparer.Ordinal);
}
