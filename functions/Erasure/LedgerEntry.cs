using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// What the ledger holds of one erasure run: enough to find the same customer's data again in a restored database, years after the
/// run's keys were destroyed. Ids, counts, names of datasets; no personal data.
/// </summary>
public sealed record LedgerEntry
{
    /// <summary>Names this shape, so that a reader years later knows what it reads.</summary>
    public string Format { get; init; } = "portability/ledger-entry/v1";

    /// <summary>Counted from 1 over all cases.</summary>
    public required long Number { get; init; }

    public required string CaseId { get; init; }

    public required int Run { get; init; }

    public required ErasureKind Kind { get; init; }

    /// <summary>The product's id of the customer, an organisation: what the data map's tenant column is compared to.</summary>
    public required string CustomerId { get; init; }

    /// <summary>The contract that ended: with the case it tells this tenancy from a later one of the same customer.</summary>
    public required string ContractId { get; init; }

    public required DateTimeOffset EffectiveEnd { get; init; }

    public required string TimeZone { get; init; }

    /// <summary>The instant that retention was measured against.</summary>
    public required DateTimeOffset AsOf { get; init; }

    public required DateTimeOffset SealedAt { get; init; }

    public required DateTimeOffset VerifiedAt { get; init; }

    /// <summary>False when the recount or the scan found something left: another run follows.</summary>
    public required bool Proven { get; init; }

    /// <summary>SHA-256 of the data map that the run went by.</summary>
    public required string MapSha256 { get; init; }

    /// <summary>Number of the certificate that was issued for the run, unless something was held or unproven.</summary>
    public required string Certificate { get; init; }

    /// <summary>In the order of the erasure.</summary>
    public required IReadOnlyList<LedgerDataset> Datasets { get; init; }

    /// <summary>The day the last backup that may hold the data expires; null when the map names none.</summary>
    public required DateOnly? BackupsExpireOn { get; init; }

    /// <summary>Id of the key that the marks were made with.</summary>
    public required string MarksKeyId { get; init; }

    /// <summary>The run this entry is of.</summary>
    internal ErasureRef Ref => new(CaseId, Run);
}

/// <summary>What a run did with one dataset.</summary>
public sealed record LedgerDataset
{
    public required string Dataset { get; init; }

    public required string System { get; init; }

    /// <summary>"sql" or "blob".</summary>
    public required string Kind { get; init; }

    /// <summary>The table's name, or the template of the blobs' prefix: datasets may be named otherwise later.</summary>
    public required string Place { get; init; }

    public required string Rule { get; init; }

    public required ErasureOutcome Outcome { get; init; }

    public required long Before { get; init; }

    public required long Deleted { get; init; }

    public required long Anonymised { get; init; }

    public required long Unlinked { get; init; }

    public required long Retained { get; init; }

    public required long Held { get; init; }

    public required long KeptParents { get; init; }

    public required long Tombstones { get; init; }

    /// <summary>Keyed hashes of row keys that are kept of it; none where keys are not numbers or GUIDs, and none of blobs.</summary>
    public required int Marks { get; init; }

    /// <summary>True when these are the hashes of all its rows, not of a sample.</summary>
    public required bool MarksAreAll { get; init; }
}

/// <summary>An entry as it is stored.</summary>
/// <param name="Entry">What it says.</param>
/// <param name="Hash">Ties it to all entries before it.</param>
/// <param name="Marks">The keyed hashes of its datasets, one after the other.</param>
public sealed record LedgerRecord(LedgerEntry Entry, string Hash, LedgerMarks Marks);

/// <summary>Where an entry stands, as the certificate names it.</summary>
public sealed record LedgerPlace(long Entry, string Hash);
