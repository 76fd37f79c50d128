using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

/// <summary>What is left of a case after it has ended: mail, kept rows, its own personal data.</summary>
public sealed class AftercareTests
{
    private const string ReleaseDay = "2033-12-31T23:00:00Z";

    [Fact]
    public void Closure_SendsTheCertificateAndWaitsForTheRedaction()
    {
        const string id = "case-1.erasureDone-1.20270705T000300Z@portability";
        Given closed = Given.Past(Closed);
        Assert.Equal(new NextStep.SendMessage(id), closed.NextAt("2027-07-05T00:05:00Z"));
        Given sent = Given.Past([.. Closed, .. TermTests.Mail(id, MessageKind.ErasureDone)]);
        // A year after the service ended, in local time.
        Assert.Equal(new NextStep.Wait(Given.Instant("2028-03-31T22:00:00Z")), sent.NextAt("2027-07-05T00:05:00Z"));
        Assert.Equal(new NextStep.RedactPersonalData(), sent.NextAt("2028-03-31T22:00:00Z"));
    }

    [Fact]
    public void Redaction_ComesAYearAfterTheServiceAndOnce()
    {
        RecordPersonalDataRedacted redact = new(6);
        Given.Past(Closed).When(redact, "2028-03-31T21:59:59Z").ThenRefused("redaction-not-due");
        Given
            .Past(Closed)
            .When(redact, "2028-03-31T22:00:00Z")
            .Then(new PersonalDataRedacted(6))
            .After.When(redact, "2028-04-01")
            .ThenNothing();
        Given.Past([.. Closed, Hold("hold-1")]).When(redact, "2029-01-01").ThenRefused("redaction-not-due");
        Given.Past(InWindow).When(redact, "2029-01-01").ThenRefused("redaction-not-due");
    }

    [Fact]
    public void Redaction_OfAWithdrawnCase_ComesAYearAfterTheWithdrawal()
    {
        Given withdrawn = Given.Past([
            .. UnderNotice,
            new NoticeWithdrawn(Given.Instant("2027-03-01"), "email", Ref("w")).On("2027-03-01T10:00:00Z"),
        ]);
        Assert.Equal(new NextStep.Wait(Given.Instant("2028-03-01T10:00:00Z")), withdrawn.NextAt("2027-03-02"));
        Given redacted = Given.Past([.. withdrawn.Events, new PersonalDataRedacted(4).On("2028-03-01T10:00:00Z")]);
        Assert.Equal(new NextStep.Done(), redacted.NextAt("2028-03-02"));
    }

    [Fact]
    public void Redaction_OfWordsWrittenAfterTheFirst_FollowsAYearLater()
    {
        Given held = Given.Past([
            .. Redacted,
            Hold("hold-1", null, "invoices").On("2031-05-01T10:00:00Z", "officer-1"),
            new HoldExpired("hold-1").On("2031-06-01"),
        ]);
        Assert.Equal(new NextStep.Wait(Given.Instant("2032-05-01T10:00:00Z")), held.NextAt("2031-06-02"));
        Assert.Equal(new NextStep.RedactPersonalData(), held.NextAt("2032-05-01T10:00:00Z"));
        Given again = held.When(new RecordPersonalDataRedacted(2), "2032-05-01T10:00:00Z")
            .Then(new PersonalDataRedacted(2))
            .After;
        Assert.Equal(new NextStep.Wait(Given.Instant(ReleaseDay)), again.NextAt("2032-05-02"));
    }

    [Fact]
    public void RetainedRows_OnTheirDay_AreReleasedAndCertified()
    {
        Given kept = Given.Past(Redacted);
        Assert.Equal(new NextStep.Wait(Given.Instant(ReleaseDay)), kept.NextAt("2028-05-01"));
        kept.When(new StartErasure(false), "2033-12-31T22:59:59Z").ThenRefused("erasure-not-due");
        Given run = kept.When(new StartErasure(OtherContractLives: true), ReleaseDay)
            .Then(new ErasureStarted(2, ErasureKind.Release, false, ["invoices"]))
            .After;
        RecordVerification scanned = new(2, [new DatasetOutcome("invoices", ErasureOutcome.Verified)]);
        run.When(scanned, ReleaseDay).ThenRefused("release-not-recorded");
        RecordRetainedErased gone = new(2, "invoices", 9, Day("2034-01-01"));
        Given released = run.When(gone, ReleaseDay)
            .Then(new RetainedDataErased(2, "invoices", 9, Day("2034-01-01")))
            .After;
        released.When(gone, ReleaseDay).ThenNothing();
        Given done = released
            .When(scanned, ReleaseDay)
            .After.When(new RecordCertificate(2, 2, Hash), ReleaseDay)
            .Then(new CertificateIssued(2, 2, Hash))
            .After;
        Assert.False(done.State.IsRetaining);
        // Ten years after the last certificate the case itself goes.
        Assert.Equal(new NextStep.Wait(Given.Instant("2043-12-31T23:00:00Z")), done.NextAt(ReleaseDay));
        Assert.Equal(new NextStep.RemoveCase(), done.NextAt("2043-12-31T23:00:00Z"));
    }

    [Fact]
    public void Case_OverItsTime_StaysWhileAnythingIsHeldOrRetained()
    {
        const string later = "2050-01-01";
        Given kept = Given.Past(Redacted);
        Assert.Equal(["invoices"], Assert.IsType<NextStep.StartErasure>(kept.NextAt(later)).Datasets);
        Given held = Given.Past([.. Redacted, Hold("hold-1", null, "invoices").On("2031-05-01", "officer-1")]);
        Assert.Equal(new NextStep.Wait(null), held.NextAt(later));
    }

    [Fact]
    public void RetainedRows_BeforeTheirDay_StayEvenInARun() =>
        Given
            .Past([.. Redacted, new ErasureStarted(2, ErasureKind.Release, false, ["invoices"]).On("2033-01-01")])
            .When(new RecordRetainedErased(2, "invoices", 9, Day("2034-01-01")), "2033-01-01")
            .ThenRefused("retention-runs");

    [Fact]
    public void Release_ThatLeavesResidue_NeedsAPersonAndThenAnotherRun()
    {
        Given unproven = Given.Past([
            .. Redacted,
            new ErasureStarted(2, ErasureKind.Release, false, ["invoices"]).On(ReleaseDay),
            new RetainedDataErased(2, "invoices", 9, Day("2034-01-01")),
            Verified(2, ("invoices", ErasureOutcome.Unproven)),
            new AttentionRaised("item-1", "residue:2", "unproven", 1, null),
        ]);
        Assert.Equal(new NextStep.Wait(null), unproven.NextAt("2034-01-02"));
        unproven
            .When(new SettleAttention("item-1", AttentionAction.Retry, Reason), "2034-01-02")
            .After.When(new StartErasure(false), "2034-01-02")
            .Then(new ErasureStarted(3, ErasureKind.Release, false, ["invoices"]));
    }

    [Fact]
    public void Files_ThatCouldNotBeErased_KeepTheCaseFromBeingDone()
    {
        Given withdrawn = Given.Past([
            .. UnderNotice,
            Requested(1, "2027-02-20").On("2027-02-20"),
            new ExportCancelled(1),
            new NoticeWithdrawn(Given.Instant("2027-03-01"), "email", Ref("w")).On("2027-03-01"),
            new PersonalDataRedacted(4).On("2028-03-01"),
            new AttentionRaised("item-1", "erase-export:1", "storage-down", 9, Given.Instant("2028-03-02")).On(
                "2028-03-01"
            ),
        ]);
        Assert.Equal(new NextStep.Wait(Given.Instant("2028-03-02")), withdrawn.NextAt("2028-03-01"));
        Assert.Equal(new NextStep.EraseExport(1), withdrawn.NextAt("2028-03-02"));
    }
}
