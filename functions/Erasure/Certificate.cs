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
