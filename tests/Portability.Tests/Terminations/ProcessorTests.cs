using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

/// <summary>Sub-processors erase on command, say so, are asked, and are believed only then.</summary>
public sealed class ProcessorTests
{
    private const string Mail = "mail-service";

    /// <summary>Own systems are proven; the mail service is still to erase.</summary>
    private static IReadOnlyList<TerminationEvent> OwnProven =>
        [.. Proven.Select(e => e is ErasureStarted started ? started with { Processors = [Mail] } : e)];

    private static IReadOnlyList<TerminationEvent> Commanded =>
        [
            .. OwnProven,
            new ProcessorCommanded(1, Mail, Given.Instant("2027-08-03T22:00:00Z")).On("2027-07-05T00:03:00Z"),
        ];

    private static IReadOnlyList<TerminationEvent> Acknowledged =>
        [.. Commanded, new ProcessorAcknowledged(1, Mail, 40, "job-7").On("2027-07-05T00:04:00Z")];

    private static IReadOnlyList<TerminationEvent> Asked =>
        [
            .. Acknowledged,
            new ProcessorAsked(1, Mail, Given.Instant("2027-08-03T22:00:00Z")).On("2027-07-05T00:05:00Z"),
        ];

    private static RecordProcessorAcknowledged Acknowledgement => new(1, Mail, 1, 40, "job-7");

    [Fact]
    public void Erasure_TakesTheMapsProcessorsIntoTheCase()
    {
        Given
            .Past(InWindow)
            .When(new StartErasure(false) { Processors = [Mail] }, ErasureOpens)
            .Then(new ErasureStarted(1, ErasureKind.Full, false, []) { Processors = [Mail] });
    }

    [Fact]
    public void Processor_IsCommandedOnlyAfterTheOwnSystemsWereScanned()
    {
        Given erasing = Given.Past([
            .. InWindow,
            new ErasureStarted(1, ErasureKind.Full, false, []) { Processors = [Mail] }.On(ErasureOpens),
        ]);
        Assert.IsType<NextStep.RunErasure>(erasing.NextAt(ErasureOpens));
        erasing.When(new RecordProcessorCommanded(Mail, 1), ErasureOpens).ThenRefused("own-systems-first");

        Given proven = Given.Past(OwnProven);
        Assert.Equal(new NextStep.CommandProcessor(Mail), proven.NextAt("2027-07-05T00:03:00Z"));
        proven
            .When(new RecordProcessorCommanded(Mail, 1), "2027-07-05T00:03:00Z")
            .Then(new ProcessorCommanded(1, Mail, Given.Instant("2027-08-04T00:03:00Z")))
            .After.When(new RecordProcessorCommanded(Mail, 1), "2027-07-05T00:03:00Z")
            .ThenNothing();
    }

    [Fact]
    public void Certificate_WaitsForEveryProcessorToBeProven()
    {
        RecordCertificate certificate = new(1, 1, Hash);
        Given.Past(OwnProven).When(certificate, "2027-07-06").ThenRefused("not-proven");
        Given.Past(Commanded).When(certificate, "2027-07-06").ThenRefused("not-proven");
        Given.Past(Acknowledged).When(certificate, "2027-07-06").ThenRefused("not-proven");
        Given proven = Given
            .Past(Asked)
            .When(new RecordProcessorAnswered(1, Mail, 1, 0), "2027-07-06")
            .Then(new ProcessorAnswered(1, Mail, 0))
            .After;
        Assert.Equal(1, Assert.IsType<NextStep.RunErasure>(proven.NextAt("2027-07-06")).Run);
        proven.When(certificate, "2027-07-06").Then(new CertificateIssued(1, 1, Hash));
    }

    [Fact]
    public void Answer_FasterThanTheRecordOfItsMessage_StandsForIt()
    {
        DateTimeOffset answerBy = Given.Instant("2027-08-04T00:03:00Z");
        Given acknowledged = Given
            .Past(OwnProven)
            .When(Acknowledgement, "2027-07-05T00:03:00Z")
            .Then(new ProcessorCommanded(1, Mail, answerBy), new ProcessorAcknowledged(1, Mail, 40, "job-7"))
            .After;
        acknowledged.When(new RecordProcessorCommanded(Mail, 1), "2027-07-05T00:03:00Z").ThenNothing();

        acknowledged
            .When(new RecordProcessorAnswered(1, Mail, 1, 0), "2027-07-05T00:03:00Z")
            .Then(new ProcessorAsked(1, Mail, answerBy), new ProcessorAnswered(1, Mail, 0))
            .After.When(new RecordProcessorAsked(Mail), "2027-07-05T00:03:00Z")
            .ThenNothing();
    }

    [Fact]
    public void Acknowledgement_OfWhatWasNotCommandedYet_ChangesNothing()
    {
        Given due = Given.Past(OwnProven);
        due.When(Acknowledgement with { Round = 2 }, "2027-07-05T00:03:00Z").ThenNothing();
        due.When(Acknowledgement with { Run = 2 }, "2027-07-05T00:03:00Z").ThenNothing();
        due.When(new RecordProcessorAnswered(1, Mail, 1, 0), "2027-07-05T00:03:00Z").ThenNothing();
        // The record of an earlier round comes late: the new one was not sent yet.
        Given again = Given.Past([
            .. Asked,
            new ProcessorAnswered(1, Mail, 3).On("2027-07-06"),
            new AttentionRaised("item-1", "processor-answer:mail-service", "still-holds", 1, null).On("2027-07-06"),
            new AttentionSettled("item-1", AttentionAction.Retry, Reason).On("2027-07-06", "officer-1"),
        ]);
        Assert.Equal(ProcessorStatus.Due, again.State.Processors[Mail].Status);
        again.When(new RecordProcessorCommanded(Mail, 1), "2027-07-06").ThenNothing();
    }

    [Fact]
    public void Silence_IsChasedWeekly_AndEscalatedOnItsDay_AndStillChased()
    {
        Given commanded = Given.Past(Commanded);
        NextStep.Wait wait = Assert.IsType<NextStep.Wait>(commanded.NextAt("2027-07-06"));
        Assert.Equal(Given.Instant("2027-07-12T00:03:00Z"), wait.Until);
        commanded.When(new RecordProcessorChased(Mail), "2027-07-12T00:02:59Z").ThenNothing();

        Assert.Equal(new NextStep.ChaseProcessor(Mail), commanded.NextAt("2027-07-12T00:03:00Z"));
        Given chased = commanded
            .When(new RecordProcessorChased(Mail), "2027-07-12T00:03:00Z")
            .Then(new ProcessorChased(1, Mail))
            .After;
        Assert.IsType<NextStep.Wait>(chased.NextAt("2027-07-12T00:03:00Z"));

        Assert.Equal(new NextStep.EscalateProcessor(Mail), chased.NextAt("2027-08-03T22:00:00Z"));
        Given escalated = chased
            .When(new EscalateProcessor(Mail), "2027-08-03T22:00:00Z")
            .Then(
                new AttentionRaised(
                    $"item-{chased.State.Version + 1}",
                    "processor-answer:mail-service",
                    "no-answer",
                    1,
                    null
                )
            )
            .After;
        escalated.When(new EscalateProcessor(Mail), "2027-08-04").ThenNothing();
        Assert.Equal(new NextStep.ChaseProcessor(Mail), escalated.NextAt("2027-08-04"));

        Given answered = escalated
            .When(Acknowledgement, "2027-08-05")
            .Then(new ProcessorAcknowledged(1, Mail, 40, "job-7"))
            .After;
        Assert.False(answered.State.NeedsAttention);
    }

    [Fact]
    public void Acknowledgement_Repeated_OrOfAnEarlierRound_ChangesNothing()
    {
        Given commanded = Given.Past(Commanded);
        commanded.When(Acknowledgement with { Round = 2 }, "2027-07-06").ThenNothing();
        commanded.When(Acknowledgement with { Run = 2 }, "2027-07-06").ThenNothing();
        commanded.When(Acknowledgement with { Processor = "other" }, "2027-07-06").ThenRefused("unknown-processor");
        Given.Past(Acknowledged).When(Acknowledgement, "2027-07-06").ThenNothing();
        commanded.When(new RecordProcessorAnswered(1, Mail, 1, 0), "2027-07-06").ThenNothing();
    }

    [Fact]
    public void Acknowledgement_IsCheckedByAskingWhatIsStillHeld()
    {
        Given acknowledged = Given.Past(Acknowledged);

        Assert.Equal(new NextStep.AskProcessor(Mail), acknowledged.NextAt("2027-07-05T00:05:00Z"));
        acknowledged
            .When(new RecordProcessorAsked(Mail), "2027-07-05T00:05:00Z")
            .Then(new ProcessorAsked(1, Mail, Given.Instant("2027-08-04T00:05:00Z")))
            .After.When(new RecordProcessorAsked(Mail), "2027-07-05T00:05:00Z")
            .ThenNothing();
        Given
            .Past(Asked)
            .When(new RecordProcessorChased(Mail), "2027-07-12T00:05:00Z")
            .Then(new ProcessorChased(1, Mail));
    }

    [Fact]
    public void FalseAcknowledgement_NeedsAPerson_WhoHasItCommandedAnew()
    {
        Given found = Given
            .Past(Asked)
            .When(new RecordProcessorAnswered(1, Mail, 1, 3), "2027-07-06")
            .Then(
                new ProcessorAnswered(1, Mail, 3),
                new AttentionRaised("item-12", "processor-answer:mail-service", "still-holds", 1, null)
            )
            .After;
        Assert.Equal(ProcessorStatus.Unproven, found.State.Processors[Mail].Status);
        Assert.Null(Assert.IsType<NextStep.Wait>(found.NextAt("2027-12-01")).Until);
        found.When(new RecordCertificate(1, 1, Hash), "2027-07-06").ThenRefused("not-proven");

        Given retried = found
            .When(new SettleAttention("item-12", AttentionAction.Retry, Reason).By("officer-1"), "2027-07-07")
            .After;
        Assert.Equal(new NextStep.CommandProcessor(Mail), retried.NextAt("2027-07-07"));
        Given again = retried.When(new RecordProcessorCommanded(Mail, 2), "2027-07-07").After;
        Assert.Equal(2, again.State.Processors[Mail].Round);
        again.When(Acknowledgement, "2027-07-07").ThenNothing();
        again
            .When(Acknowledgement with { Round = 2 }, "2027-07-07")
            .Then(new ProcessorAcknowledged(1, Mail, 40, "job-7"));
    }

    [Fact]
    public void SilentProcessor_Retried_IsWrittenToAtOnceAndHasItsTimeAgain()
    {
        Given retried = Given
            .Past([.. Commanded, new AttentionRaised("item-1", "processor-answer:mail-service", "no-answer", 1, null)])
            .When(new SettleAttention("item-1", AttentionAction.Retry, Reason).By("officer-1"), "2027-09-01")
            .After;

        Assert.Equal(new NextStep.ChaseProcessor(Mail), retried.NextAt("2027-09-01"));
        Given chased = retried.When(new RecordProcessorChased(Mail), "2027-09-01").After;
        Assert.Equal(Given.Instant("2027-09-08"), Assert.IsType<NextStep.Wait>(chased.NextAt("2027-09-01")).Until);
        Assert.Equal(new NextStep.EscalateProcessor(Mail), chased.NextAt("2027-10-01"));
    }

    [Fact]
    public void Officer_WhoHasTheWordByAnotherWay_StandsInTheStreamForIt()
    {
        SettleAttention resolve = new SettleAttention("item-1", AttentionAction.Resolve, Reason).By("officer-1");
        Given silent = Given.Past([
            .. Commanded,
            new AttentionRaised("item-1", "processor-answer:mail-service", "no-answer", 1, null),
        ]);
        silent
            .When(resolve, "2027-09-01")
            .Then(
                new AttentionSettled("item-1", AttentionAction.Resolve, Reason),
                new ProcessorAcknowledged(1, Mail, 0, "item-1"),
                new ProcessorAnswered(1, Mail, 0)
            );
        silent.When(resolve with { Action = AttentionAction.Abandon }, "2027-09-01").ThenRefused("action-not-possible");
    }

    [Fact]
    public void Hold_OnTheCase_StopsCommandsAndChases()
    {
        Given held = Given.Past([.. OwnProven, Hold("hold-1").On("2027-07-05T00:02:30Z", "officer-1")]);
        Assert.Null(Assert.IsType<NextStep.Wait>(held.NextAt("2027-07-06")).Until);
        Given waiting = Given.Past([.. Commanded, Hold("hold-1").On("2027-07-06", "officer-1")]);
        Assert.IsType<NextStep.Wait>(waiting.NextAt("2027-07-20"));
    }

    [Fact]
    public void Sending_ThatFails_IsTriedAgainLater()
    {
        Given failed = Given
            .Past(OwnProven)
            .When(new RaiseAttention(Steps.Processor(Mail), "service-bus"), "2027-07-06T00:00:00Z")
            .After;

        Assert.Equal(
            Given.Instant("2027-07-06T01:00:00Z"),
            Assert.IsType<NextStep.Wait>(failed.NextAt("2027-07-06")).Until
        );
        Assert.Equal(new NextStep.CommandProcessor(Mail), failed.NextAt("2027-07-06T01:00:00Z"));
        Assert.False(
            failed.When(new RecordProcessorCommanded(Mail, 1), "2027-07-06T01:00:00Z").After.State.NeedsAttention
        );
    }

    [Fact]
    public void LaterRun_DoesNotCommandThemAgain()
    {
        Given proven = Given.Past([.. Asked, new ProcessorAnswered(1, Mail, 0).On("2027-07-06")]);
        Given next = Given.Past([
            .. proven.Events,
            new ErasureStarted(2, ErasureKind.Full, false, ["users"]) { Processors = [Mail, "new-one"] }.On(
                "2027-08-01"
            ),
            Verified(2, ("users", ErasureOutcome.Verified)).On("2027-08-01"),
        ]);

        Assert.Equal(ProcessorStatus.Proven, next.State.Processors[Mail].Status);
        Assert.Equal(new NextStep.CommandProcessor("new-one"), next.NextAt("2027-08-01"));
    }
}
