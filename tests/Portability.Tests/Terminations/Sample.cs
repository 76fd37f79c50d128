using System.Globalization;
using Portability.Terminations;

namespace Portability.Tests.Terminations;

/// <summary>
/// One customer's case, the vector of the rules: a term that ends on 2027-03-31 in Stockholm, notice received on
/// 2027-02-10, service until local midnight (2027-03-31T22:00Z), window until local 2027-06-30T00:00.
/// </summary>
internal static class Sample
{
    public const string Hash = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    public const string End = "2027-03-31T22:00:00Z";
    public const string WindowCloses = "2027-06-29T22:00:00Z";

    /// <summary>Five days of late registration after the window.</summary>
    public const string ErasureOpens = "2027-07-04T22:00:00Z";

    public static readonly Term UntilMarch = new(new DateOnly(2027, 3, 31), "Europe/Stockholm", 12);

    public static PersonalRef Ref(string id) => new(id, Hash);

    public static readonly PersonalRef Reason = Ref("reason");

    public static Notice Notice(string receivedAt, NoticeKind kind = NoticeKind.NonRenewal) =>
        new(kind, Given.Instant(receivedAt), "email", Ref("reference"));

    public static OpenTermination Open(Notice? notice, LateNotice? late = null, Term? term = null) =>
        new(
            "case-1",
            "contract-1",
            "customer-1",
            Ref("name"),
            Ref("contact"),
            "sv",
            term ?? UntilMarch,
            notice,
            late,
            new TerminationPolicy()
        )
        {
            Actor = "agent-1",
        };

    public static TerminationOpened Opened(Term? term = null) =>
        new(
            "case-1",
            "contract-1",
            "customer-1",
            Ref("name"),
            Ref("contact"),
            "sv",
            term ?? UntilMarch,
            (term ?? UntilMarch).EndsOn,
            new TerminationPolicy()
        );

    public static NoticeGiven NoticeGiven(
        string receivedAt,
        string lastDay,
        NoticeTiming timing = NoticeTiming.InTime,
        NoticeKind kind = NoticeKind.NonRenewal
    ) => new(kind, Given.Instant(receivedAt), "email", Ref("reference"), timing, Day(lastDay));

    public static DateOnly Day(string day) => DateOnly.Parse(day, CultureInfo.InvariantCulture);

    public static T On<T>(this T e, string at, string actor = "system")
        where T : TerminationEvent => e with { At = Given.Instant(at), Actor = actor };

    public static T By<T>(this T command, string actor)
        where T : TerminationCommand => command with { Actor = actor };

    // Histories, each going on from the one before.

    public static IReadOnlyList<TerminationEvent> UnderNotice =>
        [
            Opened().On("2027-02-10T09:00:00Z", "agent-1"),
            NoticeGiven("2027-02-10T08:00:00Z", "2027-03-31").On("2027-02-10T09:00:00Z", "agent-1"),
        ];

    /// <summary>A late notice that agent-1 wants accepted.</summary>
    public static IReadOnlyList<TerminationEvent> Late =>
        [
            Opened().On("2027-03-10T09:00:00Z", "agent-1"),
            NoticeGiven("2027-03-10T08:00:00Z", "2028-03-31", NoticeTiming.LateAwaitingApproval)
                .On("2027-03-10T09:00:00Z", "agent-1"),
            new ApprovalRequested("approval-1", ApprovalSubject.LateNotice, null, Reason).On(
                "2027-03-10T09:00:00Z",
                "agent-1"
            ),
        ];

    public static IReadOnlyList<TerminationEvent> TermOver => [.. UnderNotice, new TermEnded().On(End)];

    public static IReadOnlyList<TerminationEvent> InWindow => [.. TermOver, new AccessFrozen().On(End)];

    public static ExportRequested Requested(int export, string receivedAt, params IReadOnlyList<string> categories) =>
        new(export, Given.Instant(receivedAt), categories, []);

    public static IReadOnlyList<TerminationEvent> Exporting =>
        [.. InWindow, Requested(1, "2027-04-10T08:00:00Z").On("2027-04-10T08:00:00Z", "customer")];

    public static IReadOnlyList<TerminationEvent> Exported =>
        [.. Exporting, new ExportReady(1, Hash, 12, 345, 6789).On("2027-04-10T09:00:00Z")];

    public static IReadOnlyList<TerminationEvent> Failed =>
        [
            .. Exporting,
            new ExportFailed(1, "users.csv", "source-down").On("2027-04-10T09:00:00Z"),
            new AttentionRaised("item-1", "export:1", "source-down", 1, null).On("2027-04-10T09:00:00Z"),
        ];

    /// <summary>Early erasure asked for by the customer; it waits for a second person.</summary>
    public static IReadOnlyList<TerminationEvent> EarlyAsked =>
        [
            .. Exported,
            new TransferConfirmed(1, Hash, true).On("2027-04-11T09:00:00Z", "customer"),
            new ApprovalRequested("approval-1", ApprovalSubject.EarlyErasure, null, null).On(
                "2027-04-11T09:00:00Z",
                "customer"
            ),
        ];

    public static HoldPlaced Hold(string id, string? until = null, params IReadOnlyList<string> datasets) =>
        new(id, Reason, Ref("basis"), datasets, until is null ? null : Given.Instant(until));

    public static IReadOnlyList<TerminationEvent> Erasing =>
        [.. InWindow, new ErasureStarted(1, ErasureKind.Full, false, []).On(ErasureOpens)];

    public static ErasureVerified Verified(int run, params IReadOnlyList<(string, ErasureOutcome)> outcomes) =>
        new(run, [.. outcomes.Select(o => new DatasetOutcome(o.Item1, o.Item2))]);

    /// <summary>Invoices are kept until 2034, the rest is gone.</summary>
    public static IReadOnlyList<TerminationEvent> Proven =>
        [
            .. Erasing,
            new DatasetErased(1, "users", 40, 40, 0, 0).On("2027-07-05T00:00:00Z"),
            new DatasetRetained(1, "invoices", "bookkeeping", "BFL 7:2", 9, Day("2034-01-01")).On(
                "2027-07-05T00:01:00Z"
            ),
            Verified(1, ("users", ErasureOutcome.Verified), ("invoices", ErasureOutcome.Retained))
                .On("2027-07-05T00:02:00Z"),
        ];

    public static IReadOnlyList<TerminationEvent> Certified =>
        [.. Proven, new CertificateIssued(1, 1, Hash).On("2027-07-05T00:03:00Z")];

    public static IReadOnlyList<TerminationEvent> Closed =>
        [.. Certified, new AccountClosed().On("2027-07-05T00:04:00Z")];

    public static IReadOnlyList<TerminationEvent> Redacted =>
        [.. Closed, new PersonalDataRedacted(6).On("2028-03-31T22:00:00Z")];
}
