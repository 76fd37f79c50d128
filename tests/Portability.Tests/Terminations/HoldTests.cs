using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class HoldTests
{
    private static readonly PlaceHold OnCase = new(Reason, Ref("basis"), [], null);
    private static readonly PlaceHold OnUsers = OnCase with { Datasets = ["users"] };

    [Fact]
    public void Hold_OnTheCase_StopsErasureFromStarting()
    {
        Given held = Given.Past(InWindow).When(OnCase.By("officer-1"), "2027-05-01").Then(Hold("hold-1")).After;
        Assert.True(held.State.IsOnHold);
        held.When(new StartErasure(false), "2028-01-01").ThenRefused("erasure-not-due");
    }

    [Fact]
    public void Hold_OnADataset_LetsTheRestGo()
    {
        Given held = Given
            .Past(InWindow)
            .When(OnUsers, "2027-05-01")
            .After.When(new StartErasure(false), ErasureOpens)
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []))
            .After;
        held.When(new RecordDatasetErased(1, "users", 1, 1, 0, 0), ErasureOpens).ThenRefused("held");
        held.When(new RecordDatasetErased(1, "courses", 1, 1, 0, 0), ErasureOpens)
            .Then(new DatasetErased(1, "courses", 1, 1, 0, 0));
    }

    [Fact]
    public void Hold_PlacedWhileErasureRuns_StopsTheRunUntilItsEnd()
    {
        Given held = Given.Past(Erasing).When(OnCase with { Until = Given.Instant("2027-09-01") }, ErasureOpens).After;
        Assert.Equal(new NextStep.Wait(Given.Instant("2027-09-01")), held.NextAt("2027-07-06"));
        held.When(new RecordDatasetErased(1, "users", 1, 1, 0, 0), "2027-07-06").ThenRefused("held");
        Assert.Equal(new NextStep.ExpireHold("hold-1"), held.NextAt("2027-09-01"));
        Given over = held.When(new ExpireHold("hold-1"), "2027-09-01").Then(new HoldExpired("hold-1")).After;
        Assert.IsType<NextStep.RunErasure>(over.NextAt("2027-09-01"));
    }

    [Fact]
    public void Hold_WithAnEnd_ExpiresThenAndNotBefore()
    {
        Given held = Given
            .Past(InWindow)
            .When(OnCase with { Until = Given.Instant("2027-06-01") }, "2027-05-01")
            .Then(Hold("hold-1", "2027-06-01"))
            .After;
        held.When(new ExpireHold("hold-1"), "2027-05-31T23:59:59Z").ThenRefused("hold-stands");
        held.When(new ExpireHold("hold-1"), "2027-06-01")
            .Then(new HoldExpired("hold-1"))
            .After.When(new ExpireHold("hold-1"), "2027-06-01")
            .ThenNothing();
        Given
            .Past(InWindow)
            .When(OnCase with { Until = Given.Instant("2027-05-01") }, "2027-05-01")
            .ThenRefused("hold-already-over");
    }

    [Fact]
    public void Hold_WithoutEnd_NeverExpires() =>
        Given
            .Past([.. InWindow, Hold("hold-1")])
            .When(new ExpireHold("hold-1"), "2099-01-01")
            .ThenRefused("hold-stands");

    [Fact]
    public void Release_NeedsASecondPerson()
    {
        ReleaseHold ask = new("hold-1", Reason) { Actor = "officer-1" };
        Given asked = Given
            .Past([.. InWindow, Hold("hold-1")])
            .When(ask, "2027-05-01")
            .Then(new ApprovalRequested("approval-1", ApprovalSubject.HoldRelease, "hold-1", Reason))
            .After;
        DecideApproval approve = new("approval-1", true, null);
        asked.When(ask, "2027-05-01").ThenRefused("approval-pending");
        asked.When(approve.By("officer-1"), "2027-05-01").ThenRefused("own-request");
        asked
            .When(approve with { Approve = false, Actor = "officer-2", Reason = Reason }, "2027-05-01")
            .Then(new ApprovalRejected("approval-1", Reason));
        Given released = asked
            .When(approve.By("officer-2"), "2027-05-02")
            .Then(new ApprovalGiven("approval-1"), new HoldReleased("hold-1"))
            .After;
        Assert.False(released.State.IsOnHold);
        released.When(ask, "2027-05-02").ThenRefused("unknown-hold");
    }

    [Fact]
    public void Release_AskedOfAHoldThatExpires_IsDropped()
    {
        Given expired = Given
            .Past([.. InWindow, Hold("hold-1", "2027-06-01")])
            .When(new ReleaseHold("hold-1", Reason), "2027-05-01")
            .After.When(new ExpireHold("hold-1"), "2027-06-01")
            .After;
        Assert.Empty(expired.State.PendingApprovals);
    }

    [Fact]
    public void Holds_OfWhichOneEnds_StillHold()
    {
        Given two = Given.Past([
            .. InWindow,
            Hold("hold-1"),
            Hold("hold-2", null, "users"),
            new HoldReleased("hold-1"),
        ]);
        Assert.True(two.State.IsHeld("users"));
        Assert.False(two.State.IsHeld("courses"));
        Assert.False(two.State.CaseIsHeld);
        two.When(OnCase, "2027-05-01").Then(Hold("hold-3"));
    }

    [Fact]
    public void Hold_AfterClosure_KeepsRetainedRowsBeyondTheirDay()
    {
        Given held = Given.Past(Redacted).When(OnCase with { Datasets = ["invoices"] }, "2033-12-01").After;
        Assert.Equal(new NextStep.Wait(null), held.NextAt("2034-01-01"));
        held.When(new StartErasure(false), "2034-01-01").ThenRefused("erasure-not-due");
    }

    [Fact]
    public void Hold_DuringARelease_KeepsItsRows()
    {
        Given released = Given.Past([
            .. Redacted,
            new ErasureStarted(2, ErasureKind.Release, false, ["invoices"]).On("2033-12-31T23:00:00Z"),
            Hold("hold-1", null, "invoices"),
        ]);
        RecordRetainedErased gone = new(2, "invoices", 9, Day("2034-01-01"));
        released.When(gone, "2034-01-02").ThenRefused("held");
        Given left = released
            .When(new RecordVerification(2, [new DatasetOutcome("invoices", ErasureOutcome.Held)]), "2034-01-02")
            .Then(Verified(2, ("invoices", ErasureOutcome.Held)))
            .After;
        left.When(new RecordCertificate(2, 2, Hash), "2034-01-02").ThenNothing();
        Assert.Empty(left.State.Certificates.Skip(1));
        Assert.Equal(new NextStep.Wait(null), left.NextAt("2034-01-02"));
        // Once released, a new run takes them, and the hold's own reason goes a year after it was written.
        Given free = Given.Past([.. left.Events, new HoldReleased("hold-1").On("2034-06-01")]);
        Assert.Equivalent(
            new NextStep.StartErasure(ErasureKind.Release, ["invoices"]),
            free.NextAt("2034-06-01"),
            strict: true
        );
    }

    [Fact]
    public void Hold_WhereNothingIsLeftToHold_IsRefused()
    {
        Given
            .Past([.. Redacted, new RetainedDataErased(1, "invoices", 9, Day("2034-01-01")).On("2034-01-01")])
            .When(OnCase, "2034-02-01")
            .ThenRefused("case-ended");
        // The case itself still knows people, for a year.
        Given
            .Past([
                .. UnderNotice,
                new NoticeWithdrawn(Given.Instant("2027-03-01"), "email", Ref("w")).On("2027-03-01"),
            ])
            .When(OnCase, "2027-04-01")
            .Then(Hold("hold-1"));
    }
}
