using System.Globalization;

namespace Portability.Terminations;

// From the notice to the end of the term, and back.
public static partial class TerminationDecider
{
    private static readonly IReadOnlyList<string> Locales = ["en", "sv", "nb"];

    private static Decision Open(Termination s, OpenTermination c, DateTimeOffset now)
    {
        if (s.IsOpened)
        {
            return WrongState("case-exists", "This case is open already.", "Read the case.");
        }
        if (!TermCalendar.IsKnownZone(c.Term.TimeZone))
        {
            return BreaksRule(
                "unknown-time-zone",
                "term.timeZone",
                "Not an IANA time zone.",
                "Use e.g. Europe/Stockholm."
            );
        }
        if (c.Term.RenewalMonths is < 1 or > 120)
        {
            return BreaksRule("bad-renewal", "term.renewalMonths", "A term is 1 to 120 months.", "State its length.");
        }
        if (c.Term.EndsOn.Year is < 2000 or > 2200)
        {
            return BreaksRule("bad-term-end", "term.endsOn", "The term's end is not plausible.", "State its last day.");
        }
        if (!Locales.Contains(c.Locale, StringComparer.Ordinal))
        {
            return BreaksRule("unknown-locale", "contact.locale", "Messages exist in en, sv and nb.", "Choose one.");
        }

        if (c.Notice is { } stated && !TermCalendar.IsPlausible(stated.ReceivedAt))
        {
            return ImplausibleReceipt("notice.receivedAt");
        }

        var calendar = new TermCalendar(c.Term.TimeZone);
        TerminationOpened opened = new(
            c.CaseId,
            c.ContractId,
            c.CustomerId,
            c.CustomerName,
            c.Contact,
            c.Locale,
            c.Term,
            c.Term.EndsOn,
            c.Policy
        );
        return c.Notice is { } notice ? OpenWithNotice(opened, notice, c.LateNotice, calendar, now) : Accept(opened);
    }

    private static Decision OpenWithNotice(
        TerminationOpened opened,
        Notice notice,
        LateNotice? late,
        TermCalendar calendar,
        DateTimeOffset now
    )
    {
        Term term = opened.Term;
        TerminationPolicy policy = opened.Policy;
        if (notice.ReceivedAt > now.AddMinutes(policy.ReceiptToleranceMinutes))
        {
            return BreaksRule(
                "received-in-future",
                "notice.receivedAt",
                "The notice was received in the future.",
                "State when it was received."
            );
        }
        if (calendar.EndOfDay(term.EndsOn) <= now)
        {
            return BreaksRule(
                "term-already-ended",
                "term.endsOn",
                "The term has ended; only an expiry may be opened after its end.",
                "State the current term's last day, or have the contract system report the expiry."
            );
        }

        DateOnly received = calendar.DateOf(notice.ReceivedAt);
        DateOnly lastDayForNotice = term.EndsOn.AddDays(-policy.NoticeDays);
        bool inTime = received <= lastDayForNotice;
        DateOnly today = calendar.DateOf(now);
        switch (notice.Kind)
        {
            case NoticeKind.Switching or NoticeKind.ErasureOnly:
                // In time for the term's end, that end stands if it comes first; too late for it, the term renews and
                // the statutory notice ends the renewed one. Never a day that has gone by: the service went on.
                DateOnly statutory = Max(received.AddMonths(policy.StatutoryNoticeMonths), today);
                return Given(NoticeTiming.InTime, inTime && term.EndsOn < statutory ? term.EndsOn : statutory);
            case NoticeKind.Cause:
                return Given(NoticeTiming.InTime, today < term.EndsOn ? today : term.EndsOn);
            case NoticeKind.NonRenewal when inTime:
                return Given(NoticeTiming.InTime, term.EndsOn);
        }

        DateOnly nextTermEnd = TermCalendar.NextTermEnd(
            term.EndsOn,
            term.RenewalMonths,
            received.AddDays(policy.NoticeDays)
        );
        return late?.Mode switch
        {
            LateNoticeMode.NextTerm => Given(NoticeTiming.NextTerm, nextTermEnd),
            LateNoticeMode.Accept => Accept(
                opened,
                NoticeOf(NoticeTiming.LateAwaitingApproval, nextTermEnd),
                new ApprovalRequested("approval-1", ApprovalSubject.LateNotice, SubjectId: null, late.Reason)
            ),
            _ => Refuse(
                RefusalKind.BreaksRule,
                "late-notice",
                $"The notice came after {Iso(lastDayForNotice)}, the last day in time for a term that ends on {Iso(term.EndsOn)}.",
                $"Register it for the next term's end, {Iso(nextTermEnd)} (lateNotice.mode nextTerm), or ask for it to be accepted late (mode accept, with a reason, approved by a second person).",
                "notice.receivedAt",
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["lastDayForNotice"] = Iso(lastDayForNotice),
                    ["nextTermEnd"] = Iso(nextTermEnd),
                }
            ),
        };

        NoticeGiven NoticeOf(NoticeTiming timing, DateOnly lastDay) =>
            new(notice.Kind, notice.ReceivedAt, notice.Channel, notice.Reference, timing, lastDay);

        Decision Given(NoticeTiming timing, DateOnly lastDay) => Accept(opened, NoticeOf(timing, lastDay));
    }

    private static Decision Withdraw(Termination s, WithdrawNotice c, DateTimeOffset now)
    {
        if (s.Phase == Phase.Withdrawn)
        {
            return AlreadyDone;
        }
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.TermHasEnded || now >= s.EffectiveEnd)
        {
            return WrongState(
                "term-ended",
                "The term has ended; a notice can be withdrawn until then.",
                "Ask for reinstatement, as long as erasure has not started."
            );
        }
        if (IsInFuture(s, c.ReceivedAt, now))
        {
            return ReceivedInFuture();
        }
        return Accept([.. CancelledExports(s), new NoticeWithdrawn(c.ReceivedAt, c.Channel, c.Reference)]);
    }

    private static Decision End(Termination s, DateTimeOffset now)
    {
        if (s.TermHasEnded || s.HasEnded)
        {
            return AlreadyDone;
        }
        return now >= s.EffectiveEnd
            ? Accept(new TermEnded())
            : WrongState("term-runs", "The term has not ended.", "Wait for its end.");
    }

    private static Decision Frozen(Termination s)
    {
        if (s.AccessIsFrozen || s.HasEnded)
        {
            return AlreadyDone;
        }
        return s.TermHasEnded
            ? Accept(new AccessFrozen())
            : WrongState("term-runs", "Access stays until the term ends.", "Wait for its end.");
    }

    private static Decision AskReinstatement(Termination s, RequestReinstatement c)
    {
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.ErasureHasStarted)
        {
            return ErasureStarted();
        }
        if (!s.TermHasEnded)
        {
            return WrongState("term-runs", "The term has not ended.", "Have the notice withdrawn instead.");
        }
        if (s.ReinstatementApproved || IsPending(s, ApprovalSubject.Reinstatement))
        {
            return AlreadyPending();
        }
        return Accept(
            new ApprovalRequested(NewApprovalId(s), ApprovalSubject.Reinstatement, SubjectId: null, c.Reason)
        );
    }

    private static Decision Restored(Termination s)
    {
        if (s.Phase == Phase.Reinstated)
        {
            return AlreadyDone;
        }
        if (!s.ReinstatementApproved || s.ErasureHasStarted || s.HasEnded)
        {
            return WrongState("not-approved", "Reinstatement is not approved.", "Have a second person approve it.");
        }
        return Accept([.. CancelledExports(s), new Reinstated()]);
    }

    private static IEnumerable<TerminationEvent> CancelledExports(Termination s) =>
        s
            .Exports.Where(e => e.Status is ExportStatus.Running or ExportStatus.Failed)
            .Select(e => new ExportCancelled(e.Number));

    private static Decision Change(Termination s, ChangeContact c)
    {
        if (s.IsRedacted)
        {
            return AlreadyEnded(s);
        }
        return Locales.Contains(c.Locale, StringComparer.Ordinal)
            ? Accept(new ContactChanged(c.Contact, c.Locale))
            : BreaksRule("unknown-locale", "locale", "Messages exist in en, sv and nb.", "Choose one.");
    }

    private static Decision IssueLink(Termination s, IssueCustomerLink c, DateTimeOffset now)
    {
        if (s.CustomerLinks.ContainsKey(c.LinkId))
        {
            return AlreadyDone;
        }
        if (s.IsRedacted)
        {
            return AlreadyEnded(s);
        }
        // Holds may draw a case out beyond that time; its customer still needs a way in.
        DateTimeOffset drawnOut = s.Calendar.AddDays(now, s.Policy.WindowDays);
        DateTimeOffset latest = UsualLinkExpiry(s) > drawnOut ? UsualLinkExpiry(s) : drawnOut;
        return c.ExpiresAt <= now
                ? BreaksRule("expired", "expiresAt", "The link would have expired already.", "State a later time.")
            : c.ExpiresAt > latest
                ? BreaksRule(
                    "too-long",
                    "expiresAt",
                    string.Create(
                        System.Globalization.CultureInfo.InvariantCulture,
                        $"A link lives no longer than the case keeps the customer's contact: {latest:yyyy-MM-dd} at the latest."
                    ),
                    "State an earlier time, or none."
                )
            : Accept(new CustomerLinkIssued(c.LinkId, c.ExpiresAt));
    }

    /// <summary>
    /// When a customer's link expires where nobody says: a year after erasure, for as long as the case keeps the contact, the certificate
    /// can be fetched.
    /// </summary>
    public static DateTimeOffset UsualLinkExpiry(Termination s) =>
        s.Calendar.AddMonths(s.ErasureOpens, s.Policy.PersonalDataMonths);

    private static Decision RevokeLink(Termination s, RevokeCustomerLink c) =>
        s.CustomerLinks.ContainsKey(c.LinkId)
            ? Accept(new CustomerLinkRevoked(c.LinkId))
            : UnknownPart("customer-link", c.LinkId);

    private static Decision Agree(Termination s, AgreeAssistance c, DateTimeOffset now)
    {
        if (s.HasEnded)
        {
            return AlreadyEnded(s);
        }
        if (s.ErasureHasStarted)
        {
            return ErasureStarted();
        }
        if (c.ExtendsWindowTo is not { } day)
        {
            return Accept(new AssistanceAgreed(c.AgreementReference));
        }
        if (!TermCalendar.IsPlausible(day))
        {
            return BreaksRule(
                "implausible-date",
                "extendsWindowTo",
                "The window's new end is not plausible.",
                "State its last day."
            );
        }
        DateTimeOffset closes = s.Calendar.EndOfDay(day);
        if (closes <= s.WindowCloses || closes <= now)
        {
            return BreaksRule(
                "window-not-extended",
                "extendsWindowTo",
                "The window can only be made longer.",
                "State a day after the present end of the window."
            );
        }
        return Accept(new AssistanceAgreed(c.AgreementReference), new WindowMoved(closes));
    }

    private static DateOnly Max(DateOnly a, DateOnly b) => a > b ? a : b;

    private static DateOnly Min(DateOnly a, DateOnly b) => a < b ? a : b;

    private static string Iso(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
