namespace Portability.Terminations;

/// <summary>Where a case stands. Flags (on hold, attention, retaining) stand beside it.</summary>
public enum Phase
{
    /// <summary>A late notice waits for a second person.</summary>
    PendingApproval,
    UnderNotice,
    ExportWindow,
    Erasing,
    Closed,
    Withdrawn,
    Reinstated,
}

/// <summary>Why the contract ends.</summary>
public enum NoticeKind
{
    NonRenewal,

    /// <summary>Statutory: at most two months' notice.</summary>
    Switching,

    /// <summary>Statutory: at most two months' notice.</summary>
    ErasureOnly,

    /// <summary>Ends with the day on which it is registered.</summary>
    Cause,
}

/// <summary>How a notice stands to the last day for notice.</summary>
public enum NoticeTiming
{
    InTime,

    /// <summary>Too late for this term, registered for the next term's end.</summary>
    NextTerm,

    /// <summary>Too late; counts for the next term's end unless a second person accepts it for this one.</summary>
    LateAwaitingApproval,
}

/// <summary>What an agent asked for when registering a late notice.</summary>
public enum LateNoticeMode
{
    NextTerm,
    Accept,
}

public enum ApprovalSubject
{
    LateNotice,
    Reinstatement,
    EarlyErasure,
    HoldRelease,
}

public enum MessageKind
{
    NoticeReceived,
    TermEnding,
    WindowOpened,
    WindowClosing,
    NoLinkOpened,
    ExportReady,
    ErasureDone,
}

public enum ErasureKind
{
    /// <summary>The customer's data, all of it or what an earlier run had to leave.</summary>
    Full,

    /// <summary>Rows kept by law whose time has run out.</summary>
    Release,

    /// <summary>What a restored backup had brought back.</summary>
    Replay,
}

/// <summary>What a scan after erasure may say of a dataset; only the first two allow a certificate.</summary>
public enum ErasureOutcome
{
    Verified,
    Retained,
    Held,
    Unproven,
}

public enum AttentionAction
{
    Retry,
    Resolve,
    Abandon,
}

/// <summary>
/// Points from an event to a side row that holds personal data or free text. When row and salt are gone the chain
/// still verifies, and the value reads as redacted.
/// </summary>
/// <param name="Id">Random, 32 hex digits.</param>
/// <param name="Hash">SHA-256 over salt and value, lower-case hex.</param>
public sealed record PersonalRef(string Id, string Hash);

/// <summary>The contract's current term.</summary>
/// <param name="EndsOn">Its last day, in the contract's time zone.</param>
/// <param name="TimeZone">IANA name.</param>
/// <param name="RenewalMonths">Length of a renewed term.</param>
public sealed record Term(DateOnly EndsOn, string TimeZone, int RenewalMonths);

/// <summary>How a notice came. A closed list, because the chain holds it for ever: anything more is told by the reference beside it.</summary>
public enum NoticeChannel
{
    Email,
    Letter,
    Portal,
    Form,
    Other,
}

/// <summary>What the customer wrote, as the caller states it.</summary>
/// <param name="Kind">Why the contract ends.</param>
/// <param name="ReceivedAt">Decides whether it was in time; UTC.</param>
/// <param name="Channel">How it came: a name of <see cref="NoticeChannel"/>, in lower case.</param>
/// <param name="Reference">Where the evidence is kept.</param>
public sealed record Notice(NoticeKind Kind, DateTimeOffset ReceivedAt, string Channel, PersonalRef Reference);

/// <summary>What to do with a late notice.</summary>
public sealed record LateNotice(LateNoticeMode Mode, PersonalRef Reason);

/// <summary>The scan's word on one dataset.</summary>
public sealed record DatasetOutcome(string Dataset, ErasureOutcome Outcome);
