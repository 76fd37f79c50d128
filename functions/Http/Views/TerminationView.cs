using Portability.Exports;
using Portability.Terminations;

namespace Portability.Http.Views;

/// <summary>A case as callers see it. Personal values read null once they are redacted.</summary>
public sealed record TerminationView
{
    public required string Id { get; init; }
    public required long Version { get; init; }
    public required string ContractId { get; init; }
    public required string CustomerId { get; init; }
    public required string? CustomerName { get; init; }
    public required ContactView? Contact { get; init; }
    public required Phase Phase { get; init; }
    public required bool OnHold { get; init; }
    public required bool Attention { get; init; }
    public required bool Retaining { get; init; }
    public required Term Term { get; init; }
    public required NoticeView? Notice { get; init; }
    public required DatesView Dates { get; init; }
    public required IReadOnlyList<ExportView> Exports { get; init; }
    public required ConfirmationView? Confirmation { get; init; }
    public required IReadOnlyList<HoldView> Holds { get; init; }
    public required IReadOnlyList<RetainedRows> Retained { get; init; }
    public required IReadOnlyList<ApprovalView> PendingApprovals { get; init; }
    public required IReadOnlyList<AttentionView> AttentionItems { get; init; }
    public required IReadOnlyList<ErasureView> Erasures { get; init; }

    /// <summary>How far each sub-processor is; for staff.</summary>
    public required IReadOnlyList<ProcessorView> Processors { get; init; }
    public required IReadOnlyList<CertificateView> Certificates { get; init; }
    public required IReadOnlyList<CustomerLinkView> CustomerLinks { get; init; }
    public required NextView Next { get; init; }
}

public sealed record ContactView(string Name, string Email, string Locale);

public sealed record NoticeView(
    NoticeKind Kind,
    DateTimeOffset ReceivedAt,
    string Channel,
    string? Reference,
    NoticeTiming Timing
);

/// <param name="LastDay">Last day of service, in the contract's time zone.</param>
/// <param name="EffectiveEnd">The instant at which it is over.</param>
/// <param name="WindowCloses">The instant from which no export can be asked for.</param>
/// <param name="ErasureDue">Links live until here.</param>
/// <param name="ErasureOpens">Erasure starts then at the earliest, unless an early erasure is approved.</param>
/// <param name="EndedAt">When the case ended; null while it lives.</param>
public sealed record DatesView(
    DateTimeOffset OpenedAt,
    DateOnly LastDay,
    DateTimeOffset EffectiveEnd,
    DateTimeOffset WindowCloses,
    DateTimeOffset ErasureDue,
    DateTimeOffset ErasureOpens,
    DateTimeOffset? EndedAt
);

/// <summary>An export in short.</summary>
public sealed record ExportView
{
    public required int Number { get; init; }
    public required ExportStatus Status { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public required DateTimeOffset? ReadyAt { get; init; }
    public required IReadOnlyList<string> Categories { get; init; }
    public required IReadOnlyList<string> Formats { get; init; }
    public required string? ManifestSha256 { get; init; }
    public required int FileCount { get; init; }
    public required long Rows { get; init; }
    public required long Bytes { get; init; }

    /// <summary>Datasets of which every file stands.</summary>
    public required int DatasetsDone { get; init; }
    public required bool FilesErased { get; init; }

    /// <summary>Why it failed; null unless it did.</summary>
    public required ExportFailureView? Failure { get; init; }
}

public sealed record ExportFailureView(string? File, string Code);

/// <summary>An export with the progress of each dataset and file.</summary>
public sealed record ExportDetailView
{
    public required int Number { get; init; }
    public required ExportStatus Status { get; init; }
    public required DateTimeOffset ReceivedAt { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }
    public required DateTimeOffset? ReadyAt { get; init; }
    public required IReadOnlyList<string> Categories { get; init; }
    public required IReadOnlyList<string> Formats { get; init; }
    public required string? ManifestSha256 { get; init; }
    public required bool FilesErased { get; init; }
    public required ExportFailureView? Failure { get; init; }
    public required IReadOnlyList<DatasetProgressView> Datasets { get; init; }
    public required IReadOnlyList<FileProgressView> Files { get; init; }
}

public sealed record DatasetProgressView(string Name, int Files, int FilesDone, long Rows, long Bytes, string? Error);

public sealed record FileProgressView(
    string File,
    string Dataset,
    FileState State,
    long Rows,
    long Bytes,
    string? Error,
    DateTimeOffset? UpdatedAt
);

public sealed record ConfirmationView(
    int Export,
    string ManifestSha256,
    bool EraseEarly,
    bool EarlyApproved,
    DateTimeOffset At
);

/// <param name="Datasets">Empty means the whole case.</param>
/// <param name="Reason">Null for customers, and once redacted.</param>
public sealed record HoldView(
    string Id,
    IReadOnlyList<string> Datasets,
    DateTimeOffset PlacedAt,
    DateTimeOffset? Until,
    string? Reason,
    string? LegalBasis
);

public sealed record ApprovalView(
    string Id,
    ApprovalSubject Subject,
    string? SubjectId,
    string? RequestedBy,
    DateTimeOffset RequestedAt,
    string? Reason
);

public sealed record AttentionView(
    string Id,
    string Step,
    string Code,
    int Attempt,
    DateTimeOffset RaisedAt,
    DateTimeOffset? RetryAt
);

/// <param name="SentAt">When it was last written to.</param>
/// <param name="AnswerBy">When its silence becomes an attention item.</param>
/// <param name="Chases">How often the present message was repeated.</param>
/// <param name="Erased">What it says it erased.</param>
/// <param name="Reference">Its own reference.</param>
/// <param name="Held">What it said it still held when asked; 0 proves the acknowledgement.</param>
public sealed record ProcessorView(
    string Name,
    int Run,
    ProcessorStatus Status,
    DateTimeOffset? SentAt,
    DateTimeOffset? AnswerBy,
    int Chases,
    DateTimeOffset? AcknowledgedAt,
    long? Erased,
    string? Reference,
    long? Held
);

public sealed record ErasureView(
    int Run,
    ErasureKind Kind,
    bool Early,
    DateTimeOffset StartedAt,
    IReadOnlyList<ErasedView> Datasets,
    IReadOnlyList<string> AwaitedProcessors,
    IReadOnlyList<DatasetOutcome>? Outcomes,
    int? Certificate
);

public sealed record ErasedView(string Dataset, long Before, long Deleted, long Anonymised, long Unlinked);

/// <param name="Supersedes">Number of the certificate that this one takes the place of; null for the first.</param>
public sealed record CertificateView(int Number, int Run, string Sha256, DateTimeOffset IssuedAt, int? Supersedes);

/// <param name="KeyId">The beginning of the SHA-256 of the key's DER form.</param>
/// <param name="Retired">True when another key signs by now.</param>
/// <param name="Pem">The public key.</param>
public sealed record CertificateKeyView(string KeyId, string Algorithm, bool Retired, string Pem);

public sealed record CustomerLinkView(string Id, DateTimeOffset ExpiresAt);

/// <param name="Step">What the case does next; <c>wait</c> and <c>done</c> are steps too.</param>
/// <param name="At">When; null when now, or when a person must act first.</param>
public sealed record NextView(string Step, DateTimeOffset? At);

/// <summary>A case in a list: without personal data.</summary>
public sealed record ListedCaseView(
    string Id,
    long Version,
    string ContractId,
    string CustomerId,
    Phase Phase,
    bool OnHold,
    bool Attention,
    bool Retaining,
    DateTimeOffset OpenedAt,
    DateTimeOffset LastAt,
    DateTimeOffset? DueAt
);

/// <param name="Cursor">Where the next page begins; null at the end.</param>
public sealed record PageView<T>(IReadOnlyList<T> Items, string? Cursor);

/// <param name="Data">The stored body; personal data stands beside it, never in it.</param>
/// <param name="Hash">Over the predecessor's hash and the stored bytes.</param>
public sealed record EventView(
    long Sequence,
    string Name,
    string Id,
    DateTimeOffset At,
    string Actor,
    System.Text.Json.JsonElement Data,
    string PreviousHash,
    string Hash
);
