using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>What a run will do, sealed before its first deletion. Stored once; every later step reads this one.</summary>
public sealed record ErasurePlan
{
    public required ErasureOrder Order { get; init; }

    public required DateTimeOffset SealedAt { get; init; }

    /// <summary>Folder of the sealed keys that this plan goes with; an attempt that lost the race leaves none.</summary>
    public required string Seal { get; init; }

    /// <summary>In the order of erasure: tables children first, then blobs.</summary>
    public required IReadOnlyList<PlannedErasure> Datasets { get; init; }

    /// <summary>The files of sealed rows, by dataset; beside the datasets, what the scan looks for.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<SealedPart>> Files { get; init; } =
        new Dictionary<string, IReadOnlyList<SealedPart>>(StringComparer.Ordinal);

    /// <summary>Sub-processors that must be commanded and must acknowledge.</summary>
    public required IReadOnlyList<string> Processors { get; init; }
}

/// <summary>What a run will do with one dataset.</summary>
public sealed record PlannedErasure
{
    /// <summary>The dataset's name.</summary>
    public required string Name { get; init; }

    public required string System { get; init; }

    /// <summary>"sql" or "blob".</summary>
    public required string Kind { get; init; }

    /// <summary>The map's rule: delete, retain, anonymise, unlink, tombstone.</summary>
    public required string Rule { get; init; }

    /// <summary>Rows or blobs of the customer when sealed.</summary>
    public required long Before { get; init; }

    public required long ToDelete { get; init; }

    public long ToAnonymise { get; init; }

    public long ToUnlink { get; init; }

    /// <summary>Batches that the sealed keys are cut into.</summary>
    public long Batches { get; init; }

    /// <summary>Rows left alone because of a hold.</summary>
    public long Held { get; init; }

    /// <summary>Rows reduced to keys and required columns because rows that stay refer to them.</summary>
    public long KeptParents { get; init; }

    /// <summary>Datasets whose staying rows need those parents.</summary>
    public IReadOnlyList<string> NeededBy { get; init; } = [];

    /// <summary>Rows of the closed account that stay as its tombstone.</summary>
    public long Tombstones { get; init; }

    /// <summary>Rows the law keeps, by release day.</summary>
    public IReadOnlyList<RetainedRows> Retained { get; init; } = [];

    /// <summary>Bytes, for blobs.</summary>
    public long Bytes { get; init; }
}

/// <summary>Rows kept by law until a day.</summary>
/// <param name="Class">The retention class.</param>
/// <param name="LegalBasis">The law.</param>
/// <param name="ReleasesAt">The instant from which they may go: local midnight in the contract's time zone.</param>
/// <param name="Rows">How many.</param>
public sealed record RetainedRows(string Class, string LegalBasis, DateTimeOffset ReleasesAt, long Rows);

/// <summary>How far a dataset's erasure has come. Counts are cumulative and the same whether or not a call was repeated.</summary>
public sealed record BatchOutcome
{
    public required string Dataset { get; init; }

    /// <summary>True when every batch has been committed.</summary>
    public required bool Done { get; init; }

    /// <summary>True when the gate let a batch not pass: that batch and the rest are untouched; call again with the cursor later.</summary>
    public bool Stopped { get; init; }

    /// <summary>Given back to continue; null when done.</summary>
    public string? Cursor { get; init; }

    /// <summary>Sealed rows that are gone.</summary>
    public long Deleted { get; init; }

    public long Anonymised { get; init; }

    public long Unlinked { get; init; }

    /// <summary>Kept parents and tombstones reduced to keys and required columns.</summary>
    public long Reduced { get; init; }

    /// <summary>Sealed rows that would not go because rows written since refer to them; verification shows them as unproven.</summary>
    public long Remaining { get; init; }
}

/// <summary>The recount of a run by its own code path and connection.</summary>
public sealed record VerificationReport
{
    public required ErasureRef Run { get; init; }

    public required DateTimeOffset CheckedAt { get; init; }

    public required IReadOnlyList<DatasetVerification> Datasets { get; init; }

    /// <summary>True when no dataset is unproven.</summary>
    public bool IsProven => Datasets.All(dataset => dataset.Outcome != ErasureOutcome.Unproven);
}

/// <summary>The recount of one dataset.</summary>
public sealed record DatasetVerification
{
    public required string Dataset { get; init; }

    public required ErasureOutcome Outcome { get; init; }

    public required long Before { get; init; }

    /// <summary>Sealed for deletion and found absent.</summary>
    public required long Deleted { get; init; }

    /// <summary>Rows or blobs of the customer that are there now, for whatever reason.</summary>
    public required long After { get; init; }

    public long Anonymised { get; init; }

    public long Unlinked { get; init; }

    public long Retained { get; init; }

    public long Held { get; init; }

    public long KeptParents { get; init; }

    public long Tombstones { get; init; }

    /// <summary>What was found that should not be there, without personal data.</summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}
