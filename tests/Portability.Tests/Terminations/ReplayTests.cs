using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

/// <summary>A restored backup has brought the customer of an erased case back.</summary>
public sealed class ReplayTests
{
    private const string Later = "2029-05-01T10:00:00Z";

    private static readonly ErasureStarted Again = new(2, ErasureKind.Replay, false, []);

    [Fact]
    public void Replay_OfAClosedCase_IsAnotherRunWithACertificateOfItsOwn()
    {
        Given run = Given.Past(Redacted).When(new StartReplay(), Later).Then(Again).After;

        Assert.Equal(Phase.Closed, run.State.Phase);
        Assert.Equal(2, Assert.IsType<NextStep.RunErasure>(run.NextAt(Later)).Run);
        run.When(new StartReplay(), Later).ThenNothing();
        Given certified = run.When(
                new RecordVerification(
                    2,
                    [new("users", ErasureOutcome.Verified), new("invoices", ErasureOutcome.Retained)]
                ),
                Later
            )
            .After.When(new RecordCertificate(2, 2, Hash), Later)
            .Then(new CertificateIssued(2, 2, Hash))
            .After;
        Assert.Equal([1, 2], certified.State.Certificates.Select(c => c.Number));
        // What the law keeps has its timer as before.
        var release = Assert.IsType<NextStep.StartErasure>(certified.NextAt("2033-12-31T23:00:00Z"));
        Assert.Equal((ErasureKind.Release, "invoices"), (release.Kind, Assert.Single(release.Datasets)));
    }

    [Fact]
    public void Replay_ThatFindsResidue_WaitsForAPerson()
    {
        Given run = Given.Past([.. Redacted, Again.On(Later)]);

        Given unproven = run.When(
            new RecordVerification(
                2,
                [new("users", ErasureOutcome.Unproven), new("invoices", ErasureOutcome.Retained)]
            ),
            Later
        ).After;

        Assert.NotNull(unproven.State.AttentionTo(Steps.Residue(2)));
        Assert.Single(unproven.State.Certificates);
    }

    [Fact]
    public void Replay_OfWhatWasNotErasedOrIsHeldOrUnderWay_IsRefused()
    {
        Given.Past(InWindow).When(new StartReplay(), Later).ThenRefused("not-erased");
        Given.Past(Erasing).When(new StartReplay(), Later).ThenRefused("erasure-runs");
        Given.Past([.. Redacted, Hold("hold-1")]).When(new StartReplay(), Later).ThenRefused("held");
        Given.Past([.. Redacted, Hold("hold-1", null, "users")]).When(new StartReplay(), Later).Then(Again);
    }
}
