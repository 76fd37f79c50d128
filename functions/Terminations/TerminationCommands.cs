namespace Portability.Terminations;

/// <summary>Something that a person or the workflow wants of a case. The union is closed; <c>now</c> travels beside it.</summary>
public abstract record TerminationCommand
{
    /// <summary>Who asks, taken from the token; <see cref="System"/> for the workflow.</summary>
    public string Actor { get; init; } = System;

    public const string System = "system";
}

/// <param name="Notice">Null for a contract that simply expires, which only the contract system reports.</param>
public sealed record OpenTermination(
    string CaseId,
    string ContractId,
    string CustomerId,
    PersonalRef CustomerName,
    PersonalRef Contact,
    string Locale,
    Term Term,
    Notice? Notice,
    LateNotice? LateNotice,
    TerminationPolicy Policy
) : TerminationCommand;

public sealed record WithdrawNotice(DateTimeOffset ReceivedAt, string Channel, PersonalRef Reference)
    : TerminationCommand;

public sealed record RequestReinstatement(PersonalRef Reason) : TerminationCommand;

public sealed record ChangeContact(PersonalRef Contact, string Locale) : TerminationCommand;

public sealed record IssueCustomerLink(string LinkId, DateTimeOffset ExpiresAt) : TerminationCommand;

public sealed record RevokeCustomerLink(string LinkId) : TerminationCommand;

/// <param name="ReceivedAt">When the customer asked; null means now.</param>
/// <param name="Categories">Empty means all.</param>
/// <param name="Formats">Empty means all.</param>
public sealed record RequestExport(
    DateTimeOffset? ReceivedAt,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Formats
) : TerminationCommand;

public sealed record CancelExport(int Export) : TerminationCommand;

public sealed record RecordLinksIssued(int Export, int Files, DateTimeOffset ExpiresAt) : TerminationCommand;

public sealed record ConfirmTransfer(int Export, string ManifestSha256, bool EraseEarly) : TerminationCommand;

public sealed record RevokeConfirmation : TerminationCommand;

/// <param name="Datasets">Empty means the whole case.</param>
public sealed record PlaceHold(
    PersonalRef Reason,
    PersonalRef LegalBasis,
    IReadOnlyList<string> Datasets,
    DateTimeOffset? Until
) : TerminationCommand;

public sealed record ReleaseHold(string HoldId, PersonalRef Reason) : TerminationCommand;

public sealed record DecideApproval(string ApprovalId, bool Approve, PersonalRef? Reason) : TerminationCommand;

/// <param name="ExtendsWindowTo">New last day of the window, in the contract's time zone; null leaves it.</param>
public sealed record AgreeAssistance(PersonalRef AgreementReference, DateOnly? ExtendsWindowTo) : TerminationCommand;

public sealed record SettleAttention(string ItemId, AttentionAction Action, PersonalRef Reason) : TerminationCommand;

// What the workflow reports or asks on the case's behalf.

public sealed record EndTerm : TerminationCommand;

public sealed record RecordAccessFrozen : TerminationCommand;

public sealed record RecordAccessRestored : TerminationCommand;

public sealed record ExpireHold(string HoldId) : TerminationCommand;

public sealed record IntendMessage(string MessageId) : TerminationCommand;

public sealed record RecordMessageSent(string MessageId) : TerminationCommand;

public sealed record RecordMessageBounced(string MessageId, string Code) : TerminationCommand;

public sealed record RecordDatasetExported(int Export, string Dataset, int Files, long Rows, long Bytes)
    : TerminationCommand;

public sealed record RecordExportReady(int Export, string ManifestSha256, int Files, long Rows, long Bytes)
    : TerminationCommand;

public sealed record RecordExportFailed(int Export, string? File, string Code) : TerminationCommand;

public sealed record RecordExportErased(int Export) : TerminationCommand;

/// <param name="OtherContractLives">Another contract of the same customer is still in its term or window.</param>
public sealed record StartErasure(bool OtherContractLives) : TerminationCommand
{
    /// <summary>The data map's sub-processors.</summary>
    public IReadOnlyList<string> Processors { get; init; } = [];
}

/// <summary>A restored backup has brought the customer's data back: erase it again.</summary>
public sealed record StartReplay : TerminationCommand;

public sealed record RecordDatasetErased(
    int Run,
    string Dataset,
    long Before,
    long Deleted,
    long Anonymised,
    long Unlinked
) : TerminationCommand;

public sealed record RecordDatasetRetained(
    int Run,
    string Dataset,
    string Class,
    string LegalBasis,
    long Rows,
    DateOnly ReleaseOn
) : TerminationCommand;

public sealed record RecordRetainedErased(int Run, string Dataset, long Rows, DateOnly ReleaseOn) : TerminationCommand;

public sealed record RecordResidue(int Run, string Dataset, long Rows) : TerminationCommand;

public sealed record RecordVerification(int Run, IReadOnlyList<DatasetOutcome> Outcomes) : TerminationCommand;

/// <param name="Round">The round that was commanded; where the case is further, the record is a repeat.</param>
public sealed record RecordProcessorCommanded(string Processor, int Round) : TerminationCommand;

public sealed record RecordProcessorChased(string Processor) : TerminationCommand;

public sealed record RecordProcessorAcknowledged(int Run, string Processor, int Round, long Erased, string Reference)
    : TerminationCommand;

public sealed record RecordProcessorAsked(string Processor) : TerminationCommand;

public sealed record RecordProcessorAnswered(int Run, string Processor, int Round, long Held) : TerminationCommand;

/// <summary>The time in which a sub-processor should have answered is over.</summary>
public sealed record EscalateProcessor(string Processor) : TerminationCommand;

public sealed record RecordCertificate(int Number, int Run, string Sha256) : TerminationCommand;

public sealed record RecordAccountClosed : TerminationCommand;

public sealed record RecordPersonalDataRedacted(int Values) : TerminationCommand;

/// <param name="Step">As <see cref="Steps"/> names it.</param>
/// <param name="Code">Stable reason, free of data values.</param>
public sealed record RaiseAttention(string Step, string Code) : TerminationCommand;
