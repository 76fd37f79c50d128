using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class ErasureTests
{
    private static readonly StartErasure Start = new(OtherContractLives: false);

    [Fact]
    public void Start_OnceEveryRequestCanHaveBeenRegistered_TakesEverything()
    {
        Given.Past(InWindow).When(Start, "2027-07-04T21:59:59Z").ThenRefused("erasure-not-due");
        Given
            .Past(InWindow)
            .When(Start, ErasureOpens)
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []))
            .After.When(Start, ErasureOpens)
            .ThenNothing();
    }

    [Fact]
    public void Start_WithoutFrozenAccess_IsRefused() =>
        Given.Past(TermOver).When(Start, "2028-01-01").ThenRefused("erasure-not-due");

    [Fact]
    public void Start_WhileAnExportRuns_IsRefused() =>
        Given.Past(Exporting).When(Start, "2028-01-01").ThenRefused("erasure-not-due");

    [Fact]
    public void Start_WhileAnotherContractLives_WaitsAndTriesAgain()
    {
        Given first = Given
            .Past(InWindow)
            .When(Start with { OtherContractLives = true }, ErasureOpens)
            .Then(Raised("item-5", 1, "2027-07-04T23:00:00Z"))
            .After;
        first.When(Start, "2027-07-04T22:59:59Z").ThenRefused("erasure-not-due");
        first.When(Start with { OtherContractLives = true }, "2027-07-04T23:00:00Z").ThenNothing();
        // Looked at daily, said once.
        Assert.Equal(
            Given.Instant("2027-07-06T23:00:00Z"),
            Assert.IsType<NextStep.StartErasure>(first.NextAt("2027-07-05T23:00:00Z")).LookAgainAt
        );
        first.When(Start, "2027-07-05T03:00:00Z").Then(new ErasureStarted(1, ErasureKind.Full, false, []));

        static AttentionRaised Raised(string item, int attempt, string retryAt) =>
            new(item, "start-erasure", "other-contract-lives", attempt, Given.Instant(retryAt));
    }

    [Fact]
    public void Start_WhileAMessageBounced_WaitsForAnotherDelivery()
    {
        Given bounced = Given.Past([
            .. InWindow,
            .. TermTests.WindowMailSent,
            new MessageBounced(TermTests.WindowOpenedId, "550"),
            new AttentionRaised("item-9", "delivery:" + TermTests.WindowOpenedId, "550", 1, null),
        ]);
        bounced.When(Start, "2028-01-01").ThenRefused("erasure-not-due");
        bounced
            .When(new SettleAttention("item-9", AttentionAction.Resolve, Reason), "2028-01-01")
            .After.When(Start, "2028-01-01")
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []));
    }

    [Fact]
    public void Start_WhileAMessageCannotBeSent_WaitsForAnotherDelivery()
    {
        Given unreachable = Given.Past([
            .. InWindow,
            TermTests.WindowMailSent[0],
            new AttentionRaised(
                "item-9",
                "message:" + TermTests.WindowOpenedId,
                "smtp-down",
                7,
                Given.Instant("2027-07-06")
            ),
        ]);
        unreachable.When(Start, "2027-07-05").ThenRefused("erasure-not-due");
        unreachable
            .When(new RecordMessageSent(TermTests.WindowOpenedId), "2027-07-06")
            .After.When(Start, "2027-07-06")
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []));
    }

    [Fact]
    public void Dataset_Erased_IsRecordedOnce()
    {
        RecordDatasetErased report = new(1, "users", 42, 40, 1, 1);
        Given
            .Past(Erasing)
            .When(report, "2027-07-05")
            .Then(new DatasetErased(1, "users", 42, 40, 1, 1))
            .After.When(report, "2027-07-05")
            .ThenNothing();
        Given.Past(InWindow).When(report, "2027-07-05").ThenRefused("unknown-erasure-run");
        Given.Past(Certified).When(report with { Dataset = "late" }, "2027-07-05").ThenNothing();
    }

    [Fact]
    public void Dataset_Retained_IsRecordedOnceWithItsReleaseDate()
    {
        RecordDatasetRetained report = new(1, "invoices", "bookkeeping", "BFL 7:2", 9, Day("2034-01-01"));
        Given
            .Past(Erasing)
            .When(report, "2027-07-05")
            .Then(new DatasetRetained(1, "invoices", "bookkeeping", "BFL 7:2", 9, Day("2034-01-01")))
            .After.When(report, "2027-07-05")
            .ThenNothing();
        Given.Past(InWindow).When(report, "2027-07-05").ThenRefused("unknown-erasure-run");
        Given
            .Past(Erasing)
            .When(report with { ReleaseOn = DateOnly.MaxValue }, "2027-07-05")
            .ThenRefused("implausible-date");
    }

    [Fact]
    public void Verification_WithEverythingProven_AllowsTheCertificateAndClosure()
    {
        Given proven = Given.Past(Proven);
        proven.When(new RecordAccountClosed(), "2027-07-05").ThenRefused("not-certified");
        Given certified = proven
            .When(new RecordCertificate(1, 1, Hash), "2027-07-05")
            .Then(new CertificateIssued(1, 1, Hash))
            .After;
        certified.When(new RecordCertificate(1, 1, Hash), "2027-07-05").ThenNothing();
        Given closed = certified.When(new RecordAccountClosed(), "2027-07-05").Then(new AccountClosed()).After;
        closed.When(new RecordAccountClosed(), "2027-07-05").ThenNothing();
        Assert.Equal(Phase.Closed, closed.State.Phase);
        Assert.True(closed.State.IsRetaining);
    }

    [Fact]
    public void Certificate_BeforeVerification_IsRefused()
    {
        RecordCertificate certify = new(1, 1, Hash);
        Given.Past(Erasing).When(certify, "2027-07-05").ThenRefused("not-proven");
        Given.Past(InWindow).When(certify, "2027-07-05").ThenRefused("unknown-erasure-run");
    }

    [Fact]
    public void Verification_ThatPassesADatasetOver_IsRefused()
    {
        Given.Past(Erasing).When(new RecordVerification(1, []), "2027-07-05").ThenRefused("outcomes-incomplete");
        Refusal refusal = Given
            .Past([.. Erasing, new DatasetErased(1, "users", 1, 1, 0, 0), new DatasetErased(1, "courses", 1, 1, 0, 0)])
            .When(new RecordVerification(1, [new DatasetOutcome("users", ErasureOutcome.Verified)]), "2027-07-05")
            .ThenRefused("outcomes-incomplete");
        Assert.Contains("courses", refusal.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Verification_Twice_ChangesNothing() =>
        Given
            .Past(Proven)
            .When(new RecordVerification(1, [new DatasetOutcome("users", ErasureOutcome.Unproven)]), "2027-07-05")
            .ThenNothing();

    [Fact]
    public void Unproven_Dataset_NeedsAPersonAndGetsNoCertificate()
    {
        Given found = Given
            .Past(Erasing)
            .When(new RecordResidue(1, "users", 3), "2027-07-05")
            .Then(new ResidueFound(1, "users", 3))
            .After;
        found.When(new RecordResidue(1, "users", 3), "2027-07-05").ThenNothing();
        Given unproven = found
            .When(new RecordVerification(1, [new DatasetOutcome("users", ErasureOutcome.Unproven)]), "2027-07-05")
            .Then(
                Verified(1, ("users", ErasureOutcome.Unproven)),
                new AttentionRaised("item-7", "residue:1", "unproven", 1, null)
            )
            .After;
        unproven.When(new RecordCertificate(1, 1, Hash), "2027-07-05").ThenNothing();
        Assert.Empty(unproven.State.Certificates);
        Assert.Equal(new NextStep.Wait(null), unproven.NextAt("2027-08-01"));
        unproven
            .When(new SettleAttention("item-7", AttentionAction.Abandon, Reason), "2027-08-01")
            .ThenRefused("action-not-possible");
        unproven
            .When(new SettleAttention("item-7", AttentionAction.Retry, Reason), "2027-08-01")
            .After.When(Start, "2027-08-01")
            .Then(new ErasureStarted(2, ErasureKind.Full, false, ["users"]));
    }

    [Fact]
    public void HeldDataset_IsTakenByALaterRunAndOnlyThenCertified()
    {
        Given held = Given.Past([
            .. Erasing,
            Hold("hold-1", null, "users"),
            Hold("hold-2", null, "courses"),
            Verified(
                1,
                ("users", ErasureOutcome.Held),
                ("courses", ErasureOutcome.Held),
                ("logs", ErasureOutcome.Verified)
            ),
        ]);
        Assert.Equal(new NextStep.Wait(null), held.NextAt("2027-08-01"));
        Given second = Given
            .Past([.. held.Events, new HoldReleased("hold-1")])
            .When(Start, "2027-08-01")
            .Then(new ErasureStarted(2, ErasureKind.Full, false, ["users"]))
            .After.When(new RecordVerification(2, [new DatasetOutcome("users", ErasureOutcome.Verified)]), "2027-08-01")
            .After;
        // One dataset is still held: what this run proved does not make the case done.
        second.When(new RecordCertificate(1, 2, Hash), "2027-08-01").ThenNothing();
        Assert.Empty(second.State.Certificates);
        Given third = Given
            .Past([.. second.Events, new HoldReleased("hold-2")])
            .When(Start, "2027-09-01")
            .Then(new ErasureStarted(3, ErasureKind.Full, false, ["courses"]))
            .After.When(
                new RecordVerification(3, [new DatasetOutcome("courses", ErasureOutcome.Verified)]),
                "2027-09-01"
            )
            .After;
        third.When(new RecordCertificate(1, 3, Hash), "2027-09-01").Then(new CertificateIssued(1, 3, Hash));
    }

    [Fact]
    public void Reports_OfAnUnknownRun_AreRefused()
    {
        Given erasing = Given.Past(Erasing);
        erasing.When(new RecordResidue(2, "users", 1), "2027-07-05").ThenRefused("unknown-erasure-run");
        erasing.When(new RecordVerification(2, []), "2027-07-05").ThenRefused("unknown-erasure-run");
        erasing
            .When(new RecordRetainedErased(2, "invoices", 1, Day("2034-01-01")), "2027-07-05")
            .ThenRefused("unknown-erasure-run");
    }
}
