using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class OpeningTests
{
    [Fact]
    public void Notice_OnTheLastDayInTime_EndsTheTerm() =>
        // Still 1 March in Stockholm.
        Given
            .Nothing.When(Open(Notice("2027-03-01T22:59:59Z")), "2027-03-02T08:00:00Z")
            .Then(Opened(), NoticeGiven("2027-03-01T22:59:59Z", "2027-03-31"));

    [Fact]
    public void Notice_ADayLate_IsRefusedWithTheDatesThatHelp()
    {
        Refusal refusal = Given
            .Nothing.When(Open(Notice("2027-03-01T23:00:00Z")), "2027-03-02T08:00:00Z")
            .ThenRefused("late-notice");

        Assert.Equal(RefusalKind.BreaksRule, refusal.Kind);
        Assert.Equal("2027-03-01", refusal.Data["lastDayForNotice"]);
        Assert.Equal("2028-03-31", refusal.Data["nextTermEnd"]);
    }

    [Fact]
    public void Notice_ReceivedInTimeButRegisteredLate_IsInTime() =>
        Given
            .Nothing.When(Open(Notice("2027-02-20T12:00:00Z")), "2027-03-20T08:00:00Z")
            .Then(Opened(), NoticeGiven("2027-02-20T12:00:00Z", "2027-03-31"));

    [Fact]
    public void LateNotice_ForTheNextTerm_EndsThatTerm() =>
        Given
            .Nothing.When(
                Open(Notice("2027-03-10T08:00:00Z"), new LateNotice(LateNoticeMode.NextTerm, Reason)),
                "2027-03-10T09:00:00Z"
            )
            .Then(Opened(), NoticeGiven("2027-03-10T08:00:00Z", "2028-03-31", NoticeTiming.NextTerm));

    [Fact]
    public void LateNotice_ToBeAccepted_WaitsForASecondPerson()
    {
        Given.Outcome outcome = Given
            .Nothing.When(
                Open(Notice("2027-03-10T08:00:00Z"), new LateNotice(LateNoticeMode.Accept, Reason)),
                "2027-03-10T09:00:00Z"
            )
            .Then(
                Opened(),
                NoticeGiven("2027-03-10T08:00:00Z", "2028-03-31", NoticeTiming.LateAwaitingApproval),
                new ApprovalRequested("approval-1", ApprovalSubject.LateNotice, null, Reason)
            );
        Assert.Equal(Phase.PendingApproval, outcome.After.State.Phase);
    }

    [Theory]
    [InlineData("2027-03-10T08:00:00Z", 1, "2027-04-30")]
    [InlineData("2027-03-10T08:00:00Z", 3, "2027-06-30")]
    [InlineData("2027-03-31T08:00:00Z", 1, "2027-04-30")]
    public void LateNotice_ForShortRenewals_SkipsTermsItIsTooLateFor(string received, int months, string lastDay) =>
        Given
            .Nothing.When(
                Open(
                    Notice(received),
                    new LateNotice(LateNoticeMode.NextTerm, Reason),
                    UntilMarch with
                    {
                        RenewalMonths = months,
                    }
                ),
                received
            )
            .Then(
                Opened(UntilMarch with { RenewalMonths = months }),
                NoticeGiven(received, lastDay, NoticeTiming.NextTerm)
            );

    [Theory]
    [InlineData(NoticeKind.Switching, "2027-01-15T12:00:00Z", "2027-03-15")]
    [InlineData(NoticeKind.ErasureOnly, "2026-12-31T12:00:00Z", "2027-02-28")]
    // In time for the term's end, which comes first.
    [InlineData(NoticeKind.Switching, "2027-02-20T12:00:00Z", "2027-03-31")]
    // Too late for it: the renewed term ends two months after the notice.
    [InlineData(NoticeKind.Switching, "2027-03-10T12:00:00Z", "2027-05-10")]
    public void StatutoryNotice_AtAnyTime_EndsWithinTwoMonths(NoticeKind kind, string received, string lastDay) =>
        Given
            .Nothing.When(Open(Notice(received, kind)), received)
            .Then(Opened(), NoticeGiven(received, lastDay, kind: kind));

    [Fact]
    public void StatutoryNotice_RegisteredAfterItsTwoMonths_EndsToday() =>
        Given
            .Nothing.When(Open(Notice("2026-12-01T12:00:00Z", NoticeKind.Switching)), "2027-02-20T12:00:00Z")
            .Then(Opened(), NoticeGiven("2026-12-01T12:00:00Z", "2027-02-20", kind: NoticeKind.Switching));

    [Fact]
    public void NoticeForCause_Registered_EndsWithThatDay() =>
        Given
            .Nothing.When(Open(Notice("2027-02-20T08:00:00Z", NoticeKind.Cause)), "2027-02-20T23:30:00Z")
            .Then(Opened(), NoticeGiven("2027-02-20T08:00:00Z", "2027-02-21", kind: NoticeKind.Cause));

    [Fact]
    public void Expiry_OfATermThatEndedLongAgo_GivesTheWholeWindow()
    {
        Given.Outcome outcome = Given.Nothing.When(Open(notice: null), "2027-05-20T10:00:00Z").Then(Opened());

        Assert.Equal(Given.Instant(End), outcome.After.State.EffectiveEnd);
        // 90 whole days after the day of opening.
        Assert.Equal(Given.Instant("2027-08-18T22:00:00Z"), outcome.After.State.WindowCloses);
    }

    [Fact]
    public void Vector_OfTheRules_HoldsForEffectiveEndAndWindow()
    {
        Termination s = Given.Past(UnderNotice).State;

        Assert.Equal(Given.Instant(End), s.EffectiveEnd);
        Assert.Equal(Given.Instant(WindowCloses), s.WindowCloses);
        Assert.Equal(Given.Instant(WindowCloses), s.ErasureDue);
        Assert.Equal(Given.Instant(ErasureOpens), s.ErasureOpens);
    }

    [Theory]
    [InlineData("2027-02-10T09:05:00Z", null)]
    [InlineData("2027-02-10T09:05:01Z", "received-in-future")]
    [InlineData("0001-01-01T00:00:00Z", "implausible-date")]
    public void Notice_WithAnOddTimeOfReceipt_IsRefused(string received, string? code)
    {
        Given.Outcome outcome = Given.Nothing.When(Open(Notice(received)), "2027-02-10T09:00:00Z");
        if (code is null)
        {
            Assert.NotEmpty(outcome.Events);
        }
        else
        {
            Assert.StartsWith("notice.", outcome.ThenRefused(code).Field, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Notice_AfterTheTermsEnd_IsRefused() =>
        Given.Nothing.When(Open(Notice("2027-02-10T09:00:00Z")), End).ThenRefused("term-already-ended");

    public static TheoryData<string, string> BadTerms =>
        new()
        {
            { "unknown-time-zone", "term.timeZone" },
            { "bad-renewal", "term.renewalMonths" },
            { "bad-term-end", "term.endsOn" },
            { "unknown-locale", "contact.locale" },
        };

    [Theory]
    [MemberData(nameof(BadTerms))]
    public void Opening_WithABadMember_NamesIt(string code, string field)
    {
        OpenTermination good = Open(notice: null);
        OpenTermination bad = code switch
        {
            "unknown-time-zone" => good with { Term = UntilMarch with { TimeZone = "Stockholm" } },
            "bad-renewal" => good with { Term = UntilMarch with { RenewalMonths = 0 } },
            "bad-term-end" => good with { Term = UntilMarch with { EndsOn = new DateOnly(9999, 12, 31) } },
            _ => good with { Locale = "de" },
        };
        Assert.Equal(field, Given.Nothing.When(bad, "2027-02-10").ThenRefused(code).Field);
    }

    [Fact]
    public void Opening_Twice_IsRefused() =>
        Given
            .Past(UnderNotice)
            .When(Open(Notice("2027-02-10T08:00:00Z")), "2027-02-11T00:00:00Z")
            .ThenRefused("case-exists");

    [Fact]
    public void Anything_OnACaseThatIsNot_IsRefused() =>
        Assert.Equal(RefusalKind.Unknown, Given.Nothing.When(new EndTerm(), End).ThenRefused("unknown-case").Kind);

    [Fact]
    public void Policy_StampedAtOpening_StaysTheCases()
    {
        OpenTermination command = Open(Notice("2027-02-10T08:00:00Z")) with
        {
            Policy = new TerminationPolicy
            {
                WindowDays = 30,
                DeliveryGraceDays = 20,
                LateRegistrationDays = 0,
            },
        };
        Termination s = Given.Nothing.When(command, "2027-02-10T09:00:00Z").After.State;
        Assert.Equal(Given.Instant("2027-04-30T22:00:00Z"), s.WindowCloses);
        Assert.Equal(s.WindowCloses, s.ErasureOpens);
    }

    [Fact]
    public void Clock_RunningBackwards_NeverTakesEventTimeAlong()
    {
        Given.Outcome outcome = Given
            .Past(UnderNotice)
            .When(new ChangeContact(Ref("other"), "en").By("agent-2"), "2020-01-01T00:00:00Z");
        TerminationEvent e = Assert.Single(outcome.Events);
        Assert.Equal(Given.Instant("2027-02-10T09:00:00Z"), e.At);
        Assert.Equal("agent-2", e.Actor);
    }
}
