using System.Collections.Immutable;

namespace Portability.Terminations;

/// <summary>A case, folded from its events. Pure data and what follows from it; the rules are the decider's.</summary>
public sealed partial record Termination
{
    /// <summary>A case of which nothing is recorded yet.</summary>
    public static readonly Termination Unopened = new();

    private Termination() { }

    /// <summary>How many events are folded in.</summary>
    public long Version { get; private init; }

    /// <summary>Time of the latest event; nothing is recorded before it.</summary>
    public DateTimeOffset LastAt { get; private init; }

    public string CaseId { get; private init; } = "";
    public string ContractId { get; private init; } = "";
    public string CustomerId { get; private init; } = "";
    public PersonalRef CustomerName { get; private init; } = new("", "");
    public PersonalRef Contact { get; private init; } = new("", "");
    public string Locale { get; private init; } = "en";
    public Term Term { get; private init; } = new(default, "UTC", 12);
    public TerminationPolicy Policy { get; private init; } = new();
    public TermCalendar Calendar { get; private init; } = new("UTC");

    public DateTimeOffset OpenedAt { get; private init; }
    public NoticeGiven? Notice { get; private init; }

    /// <summary>Last day of service, in the contract's time zone.</summary>
    public DateOnly LastDay { get; private init; }

    /// <summary>When <see cref="LastDay"/> became known as it is: reminders due before that are overtaken.</summary>
    public DateTimeOffset LastDaySetAt { get; private init; }

    /// <summary>When the window's end became known as it is.</summary>
    public DateTimeOffset WindowSetAt { get; private init; }

    private DateTimeOffset? MovedWindowCloses { get; init; }

    public bool TermHasEnded { get; private init; }

    /// <summary>Since when nobody of the customer can change the data; null while the service works.</summary>
    public DateTimeOffset? AccessFrozenAt { get; private init; }
    public bool AccessIsFrozen => AccessFrozenAt is not null;
    public bool ReinstatementApproved { get; private init; }

    /// <summary>When the case ended as withdrawn, reinstated or closed.</summary>
    public DateTimeOffset? EndedAt { get; private init; }

    private Phase? EndedAs { get; init; }

    public bool IsRedacted { get; private init; }

    /// <summary>When a person first wrote something after the redaction (a hold's reason, say); null if nobody did.</summary>
    public DateTimeOffset? WrittenSinceRedaction { get; private init; }
    public bool LinksWereIssued { get; private init; }

    public ImmutableList<ExportRun> Exports { get; private init; } = [];
    public Confirmation? Confirmation { get; private init; }
    public ImmutableList<Hold> Holds { get; private init; } = [];
    public int HoldsPlaced { get; private init; }
    public ImmutableList<Approval> PendingApprovals { get; private init; } = [];
    public int ApprovalsRequested { get; private init; }
    public ImmutableSortedDictionary<string, Message> Messages { get; private init; } =
        ImmutableSortedDictionary.Create<string, Message>(StringComparer.Ordinal);

    /// <summary>Who issued each customer link, revoked ones too: they cannot approve what was asked by it.</summary>
    public ImmutableSortedDictionary<string, string> LinkIssuers { get; private init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
    public ImmutableSortedDictionary<string, DateTimeOffset> CustomerLinks { get; private init; } =
        ImmutableSortedDictionary.Create<string, DateTimeOffset>(StringComparer.Ordinal);
    public ImmutableList<ErasureRun> Erasures { get; private init; } = [];

    /// <summary>The latest word of a scan on each dataset.</summary>
    public ImmutableSortedDictionary<string, ErasureOutcome> Outcomes { get; private init; } =
        ImmutableSortedDictionary.Create<string, ErasureOutcome>(StringComparer.Ordinal);
    public ImmutableList<RetainedRows> Retained { get; private init; } = [];
    public ImmutableList<Attention> Attention { get; private init; } = [];
    public ImmutableList<Certificate> Certificates { get; private init; } = [];

    public bool IsOpened => Version > 0;
    public bool HasEnded => EndedAs is not null;

    public Phase Phase =>
        EndedAs
        ?? (
            ErasureHasStarted ? Phase.Erasing
            : TermHasEnded ? Phase.ExportWindow
            : PendingApprovals.Exists(a => a.Subject == ApprovalSubject.LateNotice) ? Phase.PendingApproval
            : Phase.UnderNotice
        );

    public bool IsOnHold => !Holds.IsEmpty;
    public bool NeedsAttention => !Attention.IsEmpty;
    public bool IsRetaining => !Retained.IsEmpty;

    /// <summary>The first instant after the service: local midnight after <see cref="LastDay"/>.</summary>
    public DateTimeOffset EffectiveEnd => Calendar.EndOfDay(LastDay);

    /// <summary>The instant from which no further export can be asked for.</summary>
    public DateTimeOffset WindowCloses => MovedWindowCloses ?? Calendar.StartOfDay(InitialWindowCloseDay);

    // A case opened after the effective end gets whole days from the day after its opening: never fewer than promised.
    private DateOnly InitialWindowCloseDay =>
        (LastDay >= Calendar.DateOf(OpenedAt) ? LastDay.AddDays(1) : Calendar.DateOf(OpenedAt).AddDays(1)).AddDays(
            Policy.WindowDays
        );

    /// <summary>The later of the window's close and the delivery grace after the last ready export.</summary>
    public DateTimeOffset ErasureDue =>
        Exports
            .Where(e => e.ReadyAt is not null)
            .Select(e => Calendar.AddDays(e.ReadyAt!.Value, Policy.DeliveryGraceDays))
            .Append(WindowCloses)
            .Max();

    /// <summary>
    /// When erasure may begin without an early confirmation: never before <see cref="ErasureDue"/>, and not before
    /// requests that came in time can no longer be waiting for their registration.
    /// </summary>
    public DateTimeOffset ErasureOpens
    {
        get
        {
            DateTimeOffset registered = Calendar.AddDays(WindowCloses, Policy.LateRegistrationDays);
            return registered > ErasureDue ? registered : ErasureDue;
        }
    }

    /// <summary>Every dataset that a scan spoke of is verified empty, or retained with its basis.</summary>
    public bool EverythingIsProven => Outcomes.Values.All(o => o is ErasureOutcome.Verified or ErasureOutcome.Retained);

    public bool ErasureHasStarted => !Erasures.IsEmpty;

    public ExportRun? RunningExport => Exports.Find(e => e.Status == ExportStatus.Running);

    /// <summary>An export that was asked for in time and has not been delivered, cancelled or given up.</summary>
    public bool ExportIsOwed =>
        RunningExport is not null
        || Exports.Exists(e => e.Status == ExportStatus.Failed && AttentionTo(Steps.Export(e.Number)) is not null);

    /// <summary>The confirmation stands, asks for early erasure, was approved, and names a complete export.</summary>
    public bool EarlyErasureIsApproved => Confirmation is { EraseEarly: true, EarlyApproved: true };

    public ExportRun? Export(int number) => Exports.Find(e => e.Number == number);

    public Attention? AttentionTo(string step) => Attention.Find(a => a.Step == step);

    public bool IsHeld(string dataset) =>
        Holds.Exists(h => h.Datasets.Count == 0 || h.Datasets.Contains(dataset, StringComparer.Ordinal));

    public bool CaseIsHeld => Holds.Exists(h => h.Datasets.Count == 0);

    /// <summary>
    /// All categories and formats, made after the term's end and after access was frozen, so that nothing was written
    /// since: what an early erasure rests on.
    /// </summary>
    public bool IsComplete(ExportRun export) =>
        export.Categories.Count == 0
        && export.Formats.All(format => format == "zip")
        && export.Status == ExportStatus.Ready
        && TermHasEnded
        && export.RequestedAt >= EffectiveEnd
        && export.RequestedAt >= AccessFrozenAt;
}

public enum ExportStatus
{
    Running,
    Ready,
    Failed,
    Cancelled,
}

/// <param name="FilesErased">The export's files are gone from storage.</param>
public sealed record ExportRun(
    int Number,
    DateTimeOffset ReceivedAt,
    DateTimeOffset RequestedAt,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Formats,
    ExportStatus Status,
    ImmutableList<DatasetExported> Datasets,
    string? ManifestSha256,
    DateTimeOffset? ReadyAt,
    long Rows,
    long Bytes,
    int Files,
    bool FilesErased,
    ExportFailed? Failure
);

public sealed record Confirmation(
    int Export,
    string ManifestSha256,
    bool EraseEarly,
    bool EarlyApproved,
    DateTimeOffset At
);

public sealed record Hold(
    string Id,
    IReadOnlyList<string> Datasets,
    DateTimeOffset? Until,
    DateTimeOffset PlacedAt,
    PersonalRef Reason,
    PersonalRef LegalBasis
);

public sealed record Approval(
    string Id,
    ApprovalSubject Subject,
    string? SubjectId,
    string RequestedBy,
    DateTimeOffset RequestedAt,
    PersonalRef? Reason
);

public enum MessageStatus
{
    Intended,
    Sent,
    Bounced,

    /// <summary>An officer gave it up, or recorded another delivery.</summary>
    Settled,
}

public sealed record Message(string Id, MessageKind Kind, DateTimeOffset Deadline, string Locale, MessageStatus Status);

/// <param name="Datasets">What the run takes; empty means everything.</param>
/// <param name="Ended">Certified, or verified with something held or unproven, so that a later run follows.</param>
public sealed record ErasureRun(
    int Number,
    ErasureKind Kind,
    bool Early,
    IReadOnlyList<string> Datasets,
    DateTimeOffset StartedAt,
    ImmutableList<DatasetErased> Erased,
    IReadOnlyList<DatasetOutcome>? Outcomes,
    int? Certificate,
    bool Ended
);

public sealed record RetainedRows(string Dataset, string Class, string LegalBasis, long Rows, DateOnly ReleaseOn);

public sealed record Attention(
    string ItemId,
    string Step,
    string Code,
    int Attempt,
    DateTimeOffset RaisedAt,
    DateTimeOffset? RetryAt
);

public sealed record Certificate(int Number, int Run, string Sha256, DateTimeOffset IssuedAt);
