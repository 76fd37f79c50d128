using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class ConfirmationTests
{
    private static readonly ConfirmTransfer Plain = new(1, Hash, EraseEarly: false);
    private static readonly ConfirmTransfer Early = new(1, Hash, EraseEarly: true);
    private static readonly DecideApproval Approve = new("approval-1", true, null) { Actor = "officer-1" };

    [Fact]
    public void Confirmation_WithTheManifestsHash_IsRecordedOnce()
    {
        Given
            .Past(Exported)
            .When(Plain with { ManifestSha256 = Hash.ToUpperInvariant() }, "2027-04-11")
            .Then(new TransferConfirmed(1, Hash, false))
            .After.When(Plain, "2027-04-12")
            .ThenNothing();
    }

    [Theory]
    [InlineData("bbbb")]
    [InlineData("")]
    public void Confirmation_WithAnotherHash_IsRefused(string hash) =>
        Assert.Equal(
            "manifestSha256",
            Given
                .Past(Exported)
                .When(Plain with { ManifestSha256 = hash }, "2027-04-11")
                .ThenRefused("wrong-manifest-hash")
                .Field
        );

    [Fact]
    public void Confirmation_AtTheWrongTime_IsRefused()
    {
        Given.Past(InWindow).When(Plain, "2027-04-11").ThenRefused("unknown-export");
        Given.Past(Exporting).When(Plain, "2027-04-11").ThenRefused("export-not-ready");
        Given.Past(Erasing).When(Plain, "2027-08-11").ThenRefused("erasure-started");
        Given.Past(Closed).When(Plain, "2027-08-11").ThenRefused("case-ended");
    }

    [Fact]
    public void PlainConfirmation_NeverBringsErasureForward() =>
        Given
            .Past(Exported)
            .When(Plain, "2027-04-11")
            .After.When(new StartErasure(false), "2027-07-04T21:59:59Z")
            .ThenRefused("erasure-not-due");

    [Fact]
    public void EarlyErasure_AskedThroughALink_IsNotApprovedByWhoeverIssuedTheLink()
    {
        Given asked = Given
            .Past(Exported)
            .When(
                new IssueCustomerLink("l1", DateTimeOffset.Parse("2027-06-01T00:00Z")).By("agent-7"),
                "2027-04-10T09:00:00Z"
            )
            .After.When(Early.By("customer:l1"), "2027-04-11T09:00:00Z")
            .After;

        asked.When(Approve.By("agent-7"), "2027-04-12").ThenRefused("own-request");
        asked.When(Approve.By("agent-8"), "2027-04-12").Then(new ApprovalGiven("approval-1"));
    }

    [Fact]
    public void EarlyErasure_ApprovedByAnotherPerson_StartsAtOnce()
    {
        Given asked = Given
            .Past(Exported)
            .When(Early.By("customer"), "2027-04-11T09:00:00Z")
            .Then(
                new TransferConfirmed(1, Hash, true),
                new ApprovalRequested("approval-1", ApprovalSubject.EarlyErasure, null, null)
            )
            .After;
        asked.When(Approve.By("customer"), "2027-04-11").ThenRefused("own-request");
        asked.When(new StartErasure(false), "2027-04-12").ThenRefused("erasure-not-due");
        asked
            .When(Approve, "2027-04-12")
            .Then(new ApprovalGiven("approval-1"))
            .After.When(new StartErasure(false), "2027-04-12")
            .Then(new ErasureStarted(1, ErasureKind.Full, Early: true, []));
    }

    [Fact]
    public void EarlyErasure_WithoutACompleteExportMadeAfterTheTerm_IsRefused()
    {
        Given partial = Given.Past([
            .. InWindow,
            Requested(1, "2027-04-10", "users").On("2027-04-10"),
            new ExportReady(1, Hash, 1, 1, 1).On("2027-04-11"),
        ]);
        partial.When(Early, "2027-04-12").ThenRefused("early-erasure-not-possible");

        Given before = Given.Past([
            .. UnderNotice,
            Requested(1, "2027-03-30").On("2027-03-30"),
            new TermEnded().On(End),
            new AccessFrozen().On(End),
            new ExportReady(1, Hash, 1, 1, 1).On("2027-04-01"),
        ]);
        before.When(Early, "2027-04-12").ThenRefused("early-erasure-not-possible");
        before.When(Plain, "2027-04-12").Then(new TransferConfirmed(1, Hash, false));
    }

    [Fact]
    public void EarlyErasure_WhileAccessIsNotFrozen_DoesNotStart()
    {
        IEnumerable<TerminationEvent> open = EarlyAsked.Where(e => e is not AccessFrozen);
        Given
            .Past([.. open, new ApprovalGiven("approval-1").On("2027-04-12", "officer-1")])
            .When(new StartErasure(false), "2027-04-12")
            .ThenRefused("erasure-not-due");
    }

    [Fact]
    public void EarlyErasure_Rejected_EndsTheConfirmationToo()
    {
        Given rejected = Given
            .Past(EarlyAsked)
            .When(Approve with { Approve = false, Reason = Reason }, "2027-04-12")
            .Then(new ApprovalRejected("approval-1", Reason), new ConfirmationRevoked())
            .After;
        rejected
            .When(Early, "2027-04-13")
            .Then(
                new TransferConfirmed(1, Hash, true),
                new ApprovalRequested("approval-2", ApprovalSubject.EarlyErasure, null, null)
            );
    }

    [Fact]
    public void EarlyErasure_AskedOnAnotherExport_NeedsItsOwnApproval()
    {
        Given second = Given
            .Past([
                .. Exported,
                Requested(2, "2027-04-11").On("2027-04-11"),
                new ExportReady(2, Hash, 12, 345, 6789).On("2027-04-11"),
                new TransferConfirmed(1, Hash, true).On("2027-04-12", "customer"),
                new ApprovalRequested("approval-1", ApprovalSubject.EarlyErasure, null, null).On(
                    "2027-04-12",
                    "customer"
                ),
            ])
            .When(Early with { Export = 2 }, "2027-04-13")
            .Then(
                new ConfirmationRevoked(),
                new TransferConfirmed(2, Hash, true),
                new ApprovalRequested("approval-2", ApprovalSubject.EarlyErasure, null, null)
            )
            .After;
        second.When(Approve, "2027-04-13").ThenRefused("unknown-pending-approval");
    }

    [Fact]
    public void EarlyErasure_ConfirmedAgainWithoutIt_IsTakenBack()
    {
        Given plain = Given
            .Past([.. EarlyAsked, new ApprovalGiven("approval-1").On("2027-04-12", "officer-1")])
            .When(Plain, "2027-04-12")
            .Then(new ConfirmationRevoked(), new TransferConfirmed(1, Hash, false))
            .After;
        plain.When(new StartErasure(false), "2027-04-12").ThenRefused("erasure-not-due");
    }

    [Fact]
    public void Revocation_TakesTheConfirmationBack()
    {
        Given revoked = Given
            .Past([.. EarlyAsked, new ApprovalGiven("approval-1").On("2027-04-12", "officer-1")])
            .When(new RevokeConfirmation(), "2027-04-12")
            .Then(new ConfirmationRevoked())
            .After;
        revoked.When(new StartErasure(false), "2027-04-12").ThenRefused("erasure-not-due");
        revoked.When(new RevokeConfirmation(), "2027-04-12").ThenNothing();
        Given.Past(Erasing).When(new RevokeConfirmation(), "2027-08-12").ThenRefused("erasure-started");
        Given.Past(Closed).When(new RevokeConfirmation(), "2027-08-12").ThenRefused("case-ended");
    }
}
