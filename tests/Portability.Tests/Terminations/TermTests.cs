using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class TermTests
{
    private static readonly WithdrawNotice Withdraw = new(Given.Instant("2027-03-20T08:00:00Z"), "letter", Ref("w"));

    [Fact]
    public void LateNotice_Accepted_EndsThisTerm()
    {
        Given.Outcome outcome = Given
            .Past(Late)
            .When(new DecideApproval("approval-1", true, null).By("officer-1"), "2027-03-12")
            .Then(new ApprovalGiven("approval-1"), new LateNoticeAccepted(Day("2027-03-31")));
        Assert.Equal(Phase.UnderNotice, outcome.After.State.Phase);
        Assert.Equal(Given.Instant(WindowCloses), outcome.After.State.WindowCloses);
    }

    [Fact]
    public void LateNotice_AcceptedAfterTheTermsEnd_EndsThatDay() =>
        Given
            .Past(Late)
            .When(new DecideApproval("approval-1", true, null).By("officer-1"), "2027-05-02T12:00:00Z")
            .Then(new ApprovalGiven("approval-1"), new LateNoticeAccepted(Day("2027-05-02")));

    [Fact]
    public void LateNotice_Rejected_CountsForTheNextTerm()
    {
        Given.Outcome outcome = Given
            .Past(Late)
            .When(new DecideApproval("approval-1", false, Reason).By("officer-1"), "2027-03-12")
            .Then(new ApprovalRejected("approval-1", Reason));
        Assert.Equal(Day("2028-03-31"), outcome.After.State.LastDay);
        Assert.Equal(Phase.UnderNotice, outcome.After.State.Phase);
    }

    [Fact]
    public void LateNotice_DecidedByWhoAsked_IsForbidden() =>
        Assert.Equal(
            RefusalKind.Forbidden,
            Given
                .Past(Late)
                .When(new DecideApproval("approval-1", true, null).By("agent-1"), "2027-03-12")
                .ThenRefused("own-request")
                .Kind
        );

    [Fact]
    public void LateNotice_StillUndecidedAtTheNextTermsEnd_CannotMoveTheEndAnyMore()
    {
        Given
            .Past([.. Late, new TermEnded().On("2028-03-31T22:00:00Z")])
            .When(new DecideApproval("approval-1", true, null).By("officer-1"), "2028-05-01")
            .ThenRefused("unknown-pending-approval");
        // Also in the moment before the end is recorded.
        Given
            .Past(Late)
            .When(new DecideApproval("approval-1", true, null).By("officer-1"), "2028-05-01")
            .Then(new ApprovalGiven("approval-1"), new LateNoticeAccepted(Day("2028-03-31")));
    }

    [Fact]
    public void Withdrawal_BeforeTheTermEnds_ClosesTheCase()
    {
        Given.Outcome outcome = Given
            .Past(UnderNotice)
            .When(Withdraw.By("agent-1"), "2027-03-31T21:59:59Z")
            .Then(new NoticeWithdrawn(Withdraw.ReceivedAt, "letter", Ref("w")));
        Assert.Equal(Phase.Withdrawn, outcome.After.State.Phase);
        outcome.After.When(Withdraw, "2027-04-02").ThenNothing();
    }

    [Fact]
    public void Withdrawal_WithAnExportRunning_StopsItAndErasesItsFiles()
    {
        Given.Outcome outcome = Given
            .Past([.. UnderNotice, Requested(1, "2027-03-01").On("2027-03-01")])
            .When(Withdraw, "2027-03-20T09:00:00Z")
            .Then(new ExportCancelled(1), new NoticeWithdrawn(Withdraw.ReceivedAt, "letter", Ref("w")));
        Assert.Equal(new NextStep.EraseExport(1), outcome.After.NextAt("2027-03-20T09:00:00Z"));
    }

    [Fact]
    public void Withdrawal_OfALateNotice_DropsTheApproval()
    {
        Given after = Given.Past(Late).When(Withdraw, "2027-03-20T09:00:00Z").After;
        after.When(new DecideApproval("approval-1", true, null), "2027-03-21").ThenRefused("unknown-pending-approval");
    }

    [Fact]
    public void Withdrawal_AtTheTermsEnd_IsRefused()
    {
        Given.Past(UnderNotice).When(Withdraw, End).ThenRefused("term-ended");
        Given.Past(InWindow).When(Withdraw, "2027-04-02").ThenRefused("term-ended");
        Given.Past(Closed).When(Withdraw, "2027-08-02").ThenRefused("case-ended");
    }

    [Fact]
    public void Withdrawal_ReceivedInTheFuture_IsRefused() =>
        Given.Past(UnderNotice).When(Withdraw, "2027-03-19").ThenRefused("received-in-future");

    [Fact]
    public void Term_AtItsEnd_Ends()
    {
        Given.Past(UnderNotice).When(new EndTerm(), "2027-03-31T21:59:59.9999999Z").ThenRefused("term-runs");
        Given.Past(UnderNotice).When(new EndTerm(), End).Then(new TermEnded());
        Given.Past(TermOver).When(new EndTerm(), End).ThenNothing();
        Assert.Equal(new NextStep.EndTerm(), Given.Past([.. UnderNotice, .. MailsSentBeforeEnd]).NextAt(End));
    }

    [Fact]
    public void Access_BeforeTheTermsEnd_IsNeverFrozen()
    {
        Given.Past(UnderNotice).When(new RecordAccessFrozen(), "2027-03-30").ThenRefused("term-runs");
        Given.Past(TermOver).When(new RecordAccessFrozen(), End).Then(new AccessFrozen());
        Given.Past(InWindow).When(new RecordAccessFrozen(), End).ThenNothing();
    }

    [Fact]
    public void Reinstatement_Approved_RestoresAccessAndErasesTheFiles()
    {
        Given asked = Given
            .Past(Exporting)
            .When(new RequestReinstatement(Reason).By("agent-1"), "2027-04-12")
            .Then(new ApprovalRequested("approval-1", ApprovalSubject.Reinstatement, null, Reason))
            .After;
        asked.When(new RequestReinstatement(Reason), "2027-04-12").ThenRefused("approval-pending");
        asked.When(new DecideApproval("approval-1", true, null).By("agent-1"), "2027-04-12").ThenRefused("own-request");
        asked.When(new RecordAccessRestored(), "2027-04-12").ThenRefused("not-approved");

        Given approved = asked
            .When(new DecideApproval("approval-1", true, null).By("agent-2"), "2027-04-12")
            .Then(new ApprovalGiven("approval-1"))
            .After;
        Given ready = Given.Past([.. approved.Events, .. WindowMailSent]);
        Assert.Equal(new NextStep.RestoreAccess(), ready.NextAt("2027-04-12"));
        approved.When(new RequestExport(null, [], []), "2027-04-12").ThenRefused("being-reinstated");
        approved.When(new StartErasure(false), "2027-09-01").ThenRefused("erasure-not-due");

        Given restored = approved
            .When(new RecordAccessRestored(), "2027-04-12")
            .Then(new ExportCancelled(1), new Reinstated())
            .After;
        restored.When(new RecordAccessRestored(), "2027-04-12").ThenNothing();
        Assert.Equal(Phase.Reinstated, restored.State.Phase);
        Assert.Equal(new NextStep.EraseExport(1), restored.NextAt("2027-04-12"));
    }

    [Fact]
    public void Reinstatement_OutsideItsTime_IsRefused()
    {
        RequestReinstatement ask = new(Reason);
        Given.Past(UnderNotice).When(ask, "2027-03-01").ThenRefused("term-runs");
        Given.Past(Erasing).When(ask, "2027-08-01").ThenRefused("erasure-started");
        Given.Past(Closed).When(ask, "2027-08-01").ThenRefused("case-ended");
    }

    [Fact]
    public void Reinstatement_NotDecidedWhenErasureStarts_IsDropped()
    {
        Given started = Given
            .Past(InWindow)
            .When(new RequestReinstatement(Reason), "2027-04-12")
            .After.When(new StartErasure(false), ErasureOpens)
            .After;
        started
            .When(new DecideApproval("approval-1", true, null).By("agent-2"), "2027-07-10")
            .ThenRefused("unknown-pending-approval");
    }

    [Fact]
    public void Assistance_WithALaterEnd_MovesTheWindow()
    {
        AgreeAssistance agree = new(Ref("agreement"), Day("2027-09-30"));
        Given moved = Given
            .Past(InWindow)
            .When(agree, "2027-04-12")
            .Then(new AssistanceAgreed(Ref("agreement")), new WindowMoved(Given.Instant("2027-09-30T22:00:00Z")))
            .After;
        Assert.Equal(Given.Instant("2027-09-30T22:00:00Z"), moved.State.ErasureDue);
        moved.When(agree, "2027-04-13").ThenRefused("window-not-extended");
        Given
            .Past(InWindow)
            .When(agree with { ExtendsWindowTo = null }, "2027-04-12")
            .Then(new AssistanceAgreed(Ref("agreement")));
    }

    [Theory]
    [InlineData("2027-06-29", "window-not-extended")]
    [InlineData("9999-12-31", "implausible-date")]
    public void Assistance_ThatDoesNotExtend_IsRefused(string day, string code) =>
        Assert.Equal(
            "extendsWindowTo",
            Given
                .Past(InWindow)
                .When(new AgreeAssistance(Ref("agreement"), Day(day)), "2027-04-12")
                .ThenRefused(code)
                .Field
        );

    [Fact]
    public void Assistance_OnceErasureStarted_IsRefused()
    {
        AgreeAssistance agree = new(Ref("agreement"), Day("2027-12-31"));
        Given.Past(Erasing).When(agree, "2027-08-01").ThenRefused("erasure-started");
        Given.Past(Closed).When(agree, "2027-08-01").ThenRefused("case-ended");
    }

    [Fact]
    public void Contact_Changed_GetsTheNextMessages()
    {
        ChangeContact change = new(Ref("new"), "nb");
        Given changed = Given
            .Past(InWindow)
            .When(change, "2027-04-01")
            .Then(new ContactChanged(Ref("new"), "nb"))
            .After;
        MessageIntended mail = Assert.IsType<MessageIntended>(
            Assert.Single(changed.When(new IntendMessage(WindowOpenedId), "2027-04-01").Events)
        );
        Assert.Equal(("nb", Ref("new")), (mail.Locale, mail.Recipient));
        Given.Past(InWindow).When(change with { Locale = "fi" }, "2027-04-01").ThenRefused("unknown-locale");
        Given.Past(Redacted).When(change, "2028-05-01").ThenRefused("case-ended");
    }

    [Fact]
    public void CustomerLink_IssuedAndRevoked_IsKnownToTheCase()
    {
        IssueCustomerLink issue = new("link-1", Given.Instant("2027-06-30"));
        Given issued = Given
            .Past(InWindow)
            .When(issue, "2027-04-01")
            .Then(new CustomerLinkIssued("link-1", issue.ExpiresAt))
            .After;
        issued.When(issue, "2027-04-01").ThenNothing();
        Assert.Contains("link-1", issued.State.CustomerLinks.Keys);
        Given revoked = issued
            .When(new RevokeCustomerLink("link-1"), "2027-04-02")
            .Then(new CustomerLinkRevoked("link-1"))
            .After;
        Assert.Empty(revoked.State.CustomerLinks);
        revoked.When(new RevokeCustomerLink("link-1"), "2027-04-02").ThenRefused("unknown-customer-link");
        Given.Past(InWindow).When(issue, "2027-06-30").ThenRefused("expired");
        Given.Past(Redacted).When(issue, "2028-05-01").ThenRefused("case-ended");
    }

    [Fact]
    public void CustomerLink_OutlivingTheContact_IsRefusedAndRedactionEndsAll()
    {
        IssueCustomerLink tooLong = new("link-1", Given.Instant("2028-09-30"));
        Given.Past(InWindow).When(tooLong, "2027-04-01").ThenRefused("too-long");
        Given
            .Past(InWindow)
            .When(tooLong with { ExpiresAt = Given.Instant("2028-07-04") }, "2027-04-01")
            .Then(new CustomerLinkIssued("link-1", Given.Instant("2028-07-04")));

        Termination redacted = Given
            .Past([.. Closed, new CustomerLinkIssued("link-2", Given.Instant("2028-07-04")).On("2027-07-06")])
            .State;
        Assert.Single(redacted.CustomerLinks);
        Assert.Empty(
            Termination.Evolve(redacted, new PersonalDataRedacted(6).On("2028-03-31T22:00:00Z")).CustomerLinks
        );
    }

    public const string WindowOpenedId = "case-1.windowOpened.20270331T220000Z@portability";

    internal static IReadOnlyList<TerminationEvent> WindowMailSent => Mail(WindowOpenedId, MessageKind.WindowOpened);

    internal static IReadOnlyList<TerminationEvent> MailsSentBeforeEnd =>
        [
            .. Mail("case-1.noticeReceived.20270331T220000Z@portability", MessageKind.NoticeReceived),
            .. Mail("case-1.termEnding-30.20270331T220000Z@portability", MessageKind.TermEnding),
            .. Mail("case-1.termEnding-7.20270331T220000Z@portability", MessageKind.TermEnding),
        ];

    internal static IReadOnlyList<TerminationEvent> Mail(string id, MessageKind kind) =>
        [new MessageIntended(id, kind, Given.Instant(End), "sv", Ref("contact")), new MessageSent(id)];
}
