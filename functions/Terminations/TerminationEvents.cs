namespace Portability.Terminations;

/// <summary>
/// Something that happened to a case: the truth, never changed. The union is closed; <see cref="EventCodec"/> gives
/// each member its stable stored name. No event holds personal data, only <see cref="PersonalRef"/>s to it.
/// </summary>
public abstract record TerminationEvent
{
    /// <summary>When, in UTC; never before the event that precedes it.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who: an identity of the token's issuer, <c>customer</c> with its link, or <c>system</c>.</summary>
    public string Actor { get; init; } = "";
}

/// <param name="LastDay">Last day of service as far as known: the term's end, until a notice says otherwise.</param>
public sealed record TerminationOpened(
    string CaseId,
    string ContractId,
    string CustomerId,
    PersonalRef CustomerName,
    PersonalRef Contact,
    string Locale,
    Term Term,
    DateOnly LastDay,
    TerminationPolicy Policy
) : TerminationEvent;

/// <param name="LastDay">Last day of service that follows from this notice.</param>
public sealed record NoticeGiven(
    NoticeKind Kind,
    DateTimeOffset ReceivedAt,
    string Channel,
    PersonalRef Reference,
    NoticeTiming Timing,
    DateOnly LastDay
) : TerminationEvent;

public sealed record LateNoticeAccepted(DateOnly LastDay) : TerminationEvent;

public sealed record NoticeWithdrawn(DateTimeOffset ReceivedAt, string Channel, PersonalRef Reference)
    : TerminationEvent;

public sealed record ContactChanged(PersonalRef Contact, string Locale) : TerminationEvent;

public sealed record CustomerLinkIssued(string LinkId, DateTimeOffset ExpiresAt) : TerminationEvent;

public sealed record CustomerLinkRevoked(string LinkId) : TerminationEvent;

public sealed record TermEnded : TerminationEvent;

/// <summary>Users are locked out and the data is read-only in every system of the data map.</summary>
public sealed record AccessFrozen : TerminationEvent;

public sealed record WindowMoved(DateTimeOffset WindowCloses) : TerminationEvent;

/// <param name="Categories">Empty means all.</param>
/// <param name="Formats">Empty means all.</param>
public sealed record ExportRequested(
    int Export,
    DateTimeOffset ReceivedAt,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Formats
) : TerminationEvent;

public sealed record DatasetExported(int Export, string Dataset, int Files, long Rows, long Bytes) : TerminationEvent;

public sealed record ExportReady(int Export, string ManifestSha256, int Files, long Rows, long Bytes)
    : TerminationEvent;

/// <param name="File">The file that failed for good, if one did.</param>
/// <param name="Code">Stable reason, free of data values.</param>
public sealed record ExportFailed(int Export, string? File, string Code) : TerminationEvent;

public sealed record ExportCancelled(int Export) : TerminationEvent;

public sealed record ExportErased(int Export) : TerminationEvent;

public sealed record LinksIssued(int Export, int Files, DateTimeOffset ExpiresAt) : TerminationEvent;

public sealed record TransferConfirmed(int Export, string ManifestSha256, bool EraseEarly) : TerminationEvent;

public sealed record ConfirmationRevoked : TerminationEvent;

public sealed record AssistanceAgreed(PersonalRef AgreementReference) : TerminationEvent;

/// <param name="Datasets">Empty means the whole case.</param>
public sealed record HoldPlaced(
    string HoldId,
    PersonalRef Reason,
    PersonalRef LegalBasis,
    IReadOnlyList<string> Datasets,
    DateTimeOffset? Until
) : TerminationEvent;

public sealed record HoldReleased(string HoldId) : TerminationEvent;

public sealed record HoldExpired(string HoldId) : TerminationEvent;

/// <param name="SubjectId">The hold, where the subject is one.</param>
public sealed record ApprovalRequested(
    string ApprovalId,
    ApprovalSubject Subject,
    string? SubjectId,
    PersonalRef? Reason
) : TerminationEvent;

public sealed record ApprovalGiven(string ApprovalId) : TerminationEvent;

public sealed record ApprovalRejected(string ApprovalId, PersonalRef? Reason) : TerminationEvent;

/// <param name="MessageId">The mail's Message-ID, the same for every attempt.</param>
public sealed record MessageIntended(
    string MessageId,
    MessageKind Kind,
    DateTimeOffset Deadline,
    string Locale,
    PersonalRef Recipient
) : TerminationEvent;

public sealed record MessageSent(string MessageId) : TerminationEvent;

public sealed record MessageBounced(string MessageId, string Code) : TerminationEvent;

/// <param name="Datasets">What the run takes; empty means everything.</param>
public sealed record ErasureStarted(int Run, ErasureKind Kind, bool Early, IReadOnlyList<string> Datasets)
    : TerminationEvent
{
    /// <summary>The data map's sub-processors, which are to erase too.</summary>
    public IReadOnlyList<string> Processors { get; init; } = [];
}

public sealed record DatasetErased(int Run, string Dataset, long Before, long Deleted, long Anonymised, long Unlinked)
    : TerminationEvent;

/// <param name="Class">The data map's retention class.</param>
/// <param name="ReleaseOn">The first day on which these rows may go, in the contract's time zone.</param>
public sealed record DatasetRetained(
    int Run,
    string Dataset,
    string Class,
    string LegalBasis,
    long Rows,
    DateOnly ReleaseOn
) : TerminationEvent;

public sealed record ResidueFound(int Run, string Dataset, long Rows) : TerminationEvent;

public sealed record ErasureVerified(int Run, IReadOnlyList<DatasetOutcome> Outcomes) : TerminationEvent;

/// <param name="AnswerBy">When its silence becomes a matter for a person.</param>
public sealed record ProcessorCommanded(int Run, string Processor, DateTimeOffset AnswerBy) : TerminationEvent;

/// <summary>It was silent, and its message was sent again under the same id.</summary>
public sealed record ProcessorChased(int Run, string Processor) : TerminationEvent;

/// <param name="Erased">How much it says it erased.</param>
/// <param name="Reference">Its own reference of the erasure.</param>
public sealed record ProcessorAcknowledged(int Run, string Processor, long Erased, string Reference) : TerminationEvent;

/// <summary>It was asked what it still holds.</summary>
public sealed record ProcessorAsked(int Run, string Processor, DateTimeOffset AnswerBy) : TerminationEvent;

/// <param name="Held">What it still holds of the customer; 0 proves its acknowledgement.</param>
public sealed record ProcessorAnswered(int Run, string Processor, long Held) : TerminationEvent;

public sealed record CertificateIssued(int Number, int Run, string Sha256) : TerminationEvent;

public sealed record RetainedDataErased(int Run, string Dataset, long Rows, DateOnly ReleaseOn) : TerminationEvent;

/// <param name="Step">The step that cannot go on, as <see cref="Steps"/> names it.</param>
/// <param name="RetryAt">When it is tried again by itself; null when only a person can help.</param>
public sealed record AttentionRaised(string ItemId, string Step, string Code, int Attempt, DateTimeOffset? RetryAt)
    : TerminationEvent;

public sealed record AttentionSettled(string ItemId, AttentionAction Action, PersonalRef? Reason) : TerminationEvent;

public sealed record PersonalDataRedacted(int Values) : TerminationEvent;

public sealed record Reinstated : TerminationEvent;

public sealed record AccountClosed : TerminationEvent;
