using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>What the case knows and the eraser does not; goes into the certificate as given. Ids only, no names or addresses.</summary>
public sealed record CertificateFacts
{
    public required string ContractId { get; init; }

    /// <summary>Who asked for the termination and who approved what, as references of the audit stream.</summary>
    public IReadOnlyList<string> Actors { get; init; } = [];

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When the erasure was verified; backup expiry is counted from it.</summary>
    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Number of the last complete export, or null when none was made.</summary>
    public int? Export { get; init; }

    /// <summary>SHA-256 of that export's manifest, or null.</summary>
    public string? ManifestSha256 { get; init; }

    /// <summary>Rows or files exported, by dataset.</summary>
    public IReadOnlyDictionary<string, long> Exported { get; init; } = new Dictionary<string, long>();

    /// <summary>Version of the case's event stream that the certificate vouches for.</summary>
    public required long StreamVersion { get; init; }

    /// <summary>Hash of that event.</summary>
    public required string StreamHash { get; init; }

    /// <summary>Number of the certificate that this one takes the place of, or null for the first of a case.</summary>
    public string? Supersedes { get; init; }

    /// <summary>Where the ledger has the run; null only for certificates of before there was one.</summary>
    public LedgerPlace? Ledger { get; init; }

    /// <summary>Acknowledgements of sub-processors.</summary>
    public IReadOnlyList<ProcessorAcknowledgement> Processors { get; init; } = [];
}

/// <summary>A sub-processor's answer to the erasure command.</summary>
public sealed record ProcessorAcknowledgement(string Processor, string Reference, DateTimeOffset AcknowledgedAt);

/// <summary>An issued certificate.</summary>
/// <param name="Number">Unique over all cases.</param>
/// <param name="Sha256">Hash of the stored bytes, lower-case hex.</param>
/// <param name="Path">Blob path within the container <c>certificates</c>.</param>
public sealed record CertificateSummary(string Number, string Sha256, string Path);

/// <summary>What a certificate may claim.</summary>
public enum CertificateStatus
{
    /// <summary>Nothing of the customer is left but the tombstone, what the map anonymises, and, of rows that others' rows refer to, keys and required columns.</summary>
    Complete,

    /// <summary>All gone but what the law keeps; a later certificate follows.</summary>
    Retaining,

    /// <summary>Something is left alone because of a hold.</summary>
    Held,

    /// <summary>Something is left or unanswered that should not be: the erasure is not done.</summary>
    Unproven,
}

/// <summary>The stored certificate.</summary>
public sealed record ErasureCertificate
{
    /// <summary>Names this shape, so that a reader years later knows what it reads.</summary>
    public string Format { get; init; } = "portability/erasure-certificate/v1";
    public required string Number { get; init; }
    public required string CaseId { get; init; }
    public required int Run { get; init; }
    public required ErasureKind Kind { get; init; }
    public required string CustomerId { get; init; }
    public required string ContractId { get; init; }
    public required CertificateStatus Status { get; init; }
    public required DateTimeOffset EffectiveEnd { get; init; }
    public required DateTimeOffset StartedAt { get; init; }
    public required DateTimeOffset SealedAt { get; init; }
    public required DateTimeOffset VerifiedAt { get; init; }
    public required DateTimeOffset CompletedAt { get; init; }
    public required string TimeZone { get; init; }
    public required IReadOnlyList<string> Actors { get; init; }
    public required IReadOnlyList<CertifiedDataset> Datasets { get; init; }
    public required IReadOnlyList<CertifiedProcessor> Processors { get; init; }
    public required IReadOnlyList<CertifiedBackup> Backups { get; init; }
    public required CertifiedExport? Export { get; init; }
    public required CertifiedChain EventChain { get; init; }

    /// <summary>The run's entry in the ledger of erasures, which the signature thereby covers.</summary>
    public LedgerPlace? Ledger { get; init; }

    /// <summary>Number of the certificate that this one takes the place of; null for the first of a case.</summary>
    public required string? Supersedes { get; init; }
    public required CertifiedSignature Signature { get; init; }
}

/// <summary>
/// One dataset's line: before = deleted + anonymised + unlinked + retained + held + kept parents + tombstones + gone otherwise.
/// </summary>
public sealed record CertifiedDataset
{
    public required string Dataset { get; init; }
    public required string System { get; init; }
    public required string Rule { get; init; }
    public required ErasureOutcome Outcome { get; init; }
    public required long Before { get; init; }

    /// <summary>Rows in the last export, or null when it was not exported.</summary>
    public required long? Exported { get; init; }

    /// <summary>
    /// Rows that came (or, below zero, went) between the last export and the erasure; null when it was not exported, and in later
    /// certificates of a case.
    /// </summary>
    public required long? SinceExport { get; init; }
    public required long Deleted { get; init; }
    public required long Anonymised { get; init; }
    public required long Unlinked { get; init; }
    public required long Retained { get; init; }
    public required long Held { get; init; }
    public required long After { get; init; }

    /// <summary>Rows that the law keeps: basis and release.</summary>
    public required IReadOnlyList<RetainedRows> Exceptions { get; init; }

    /// <summary>Rows reduced to keys and required columns because rows that stay need them.</summary>
    public required CertifiedParents? KeptParents { get; init; }
    public required long Tombstones { get; init; }

    /// <summary>Rows to be reduced, overwritten or unlinked that somebody else had removed by then.</summary>
    public required long GoneOtherwise { get; init; }
    public required IReadOnlyList<string> Findings { get; init; }
}

/// <summary>Kept parents and who needs them.</summary>
public sealed record CertifiedParents(long Rows, IReadOnlyList<string> NeededBy);

/// <summary>A sub-processor and its acknowledgement, null while it has not answered.</summary>
public sealed record CertifiedProcessor(string Processor, ProcessorAcknowledgement? Acknowledgement);

/// <summary>A backup class and the day its last copy expires.</summary>
public sealed record CertifiedBackup(string Class, IReadOnlyList<string> Systems, DateOnly ExpiresOn);

/// <summary>The last complete export and the hash of its manifest.</summary>
public sealed record CertifiedExport(int Number, string? ManifestSha256);

/// <summary>How the certificate is signed, and by which key. The signature itself is beside it: it covers these words too.</summary>
public sealed record CertifiedSignature(string Algorithm, string KeyId);

/// <summary>The event of the case's stream that the certificate vouches for.</summary>
public sealed record CertifiedChain(long Version, string Hash);
