using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class AttentionTests
{
    private static AttentionRaised Item(string step, int attempt, string? retryAt) =>
        new("item-4", step, "code", attempt, retryAt is null ? null : Given.Instant(retryAt));

    [Fact]
    public void FailingStep_IsTriedAgainAfterGrowingDelays()
    {
        RaiseAttention raise = new(Steps.FreezeAccess, "code");
        Given first = Given
            .Past(TermOver)
            .When(raise, End)
            .Then(Item("freeze-access", 1, "2027-03-31T23:00:00Z"))
            .After;
        // A second report of the same attempt counts for nothing.
        first.When(raise, "2027-03-31T22:59:59Z").ThenNothing();
        Assert.Equal(new NextStep.Wait(Given.Instant("2027-03-31T23:00:00Z")), first.NextAt(End));
        Assert.Equal(new NextStep.FreezeAccess(), first.NextAt("2027-03-31T23:00:00Z"));
        Given second = first
            .When(raise, "2027-03-31T23:00:00Z")
            .Then(Item("freeze-access", 2, "2027-04-01T03:00:00Z"))
            .After;
        Given third = second
            .When(raise, "2027-04-01T03:00:00Z")
            .Then(Item("freeze-access", 3, "2027-04-02T03:00:00Z"))
            .After;
        Given fourth = third
            .When(raise, "2027-04-02T03:00:00Z")
            .Then(Item("freeze-access", 4, "2027-04-03T03:00:00Z"))
            .After;
        Assert.True(fourth.State.NeedsAttention);
        Given done = fourth.When(new RecordAccessFrozen(), "2027-04-03T03:00:00Z").Then(new AccessFrozen()).After;
        Assert.False(done.State.NeedsAttention);
    }

    [Fact]
    public void Retry_ByAnOfficer_TakesTheDelayAway()
    {
        Given settled = Given
            .Past([.. TermOver, Item("freeze-access", 3, "2027-04-02T03:00:00Z")])
            .When(new SettleAttention("item-4", AttentionAction.Retry, Reason).By("officer-1"), "2027-04-01T04:00:00Z")
            .Then(new AttentionSettled("item-4", AttentionAction.Retry, Reason))
            .After;
        Assert.Equal(new NextStep.FreezeAccess(), settled.NextAt("2027-04-01T04:00:00Z"));
        settled
            .When(new SettleAttention("item-4", AttentionAction.Retry, Reason), "2027-04-01T04:00:00Z")
            .ThenRefused("unknown-attention-item");
    }

    [Fact]
    public void Resolve_OfAStepDoneByHand_RecordsTheStep()
    {
        AttentionSettled settled = new("item-4", AttentionAction.Resolve, Reason);
        SettleAttention resolve = new("item-4", AttentionAction.Resolve, Reason) { Actor = "officer-1" };
        Given
            .Past([.. TermOver, Item("freeze-access", 1, null)])
            .When(resolve, "2027-04-01")
            .Then(settled, new AccessFrozen());
        Given
            .Past([.. Certified, Item("close-account", 1, null)])
            .When(resolve, "2027-08-01")
            .Then(settled, new AccountClosed());
    }

    [Fact]
    public void Resolve_OfAReinstatement_AlsoStopsItsExports() =>
        Given
            .Past([
                .. Exporting,
                new ApprovalRequested("approval-1", ApprovalSubject.Reinstatement, null, Reason),
                new ApprovalGiven("approval-1"),
                Item("restore-access", 1, null),
            ])
            .When(new SettleAttention("item-4", AttentionAction.Resolve, Reason), "2027-04-20")
            .Then(
                new AttentionSettled("item-4", AttentionAction.Resolve, Reason),
                new ExportCancelled(1),
                new Reinstated()
            );

    [Theory]
    [InlineData("close-account", "not-certified")]
    [InlineData("restore-access", "not-approved")]
    public void Resolve_OfAStepThatIsNotAllowedYet_IsRefused(string step, string code) =>
        Given
            .Past([.. InWindow, Item(step, 1, null)])
            .When(new SettleAttention("item-4", AttentionAction.Resolve, Reason), "2027-04-20")
            .ThenRefused(code);

    [Theory]
    [InlineData("freeze-access", AttentionAction.Abandon)]
    [InlineData("start-erasure", AttentionAction.Resolve)]
    [InlineData("erasure:1", AttentionAction.Abandon)]
    [InlineData("residue:1", AttentionAction.Resolve)]
    [InlineData("delivery:m", AttentionAction.Abandon)]
    public void Action_ThatWouldPassAStepOver_IsRefused(string step, AttentionAction action) =>
        Given
            .Past([.. InWindow, Item(step, 1, null)])
            .When(new SettleAttention("item-4", action, Reason), "2027-04-20")
            .ThenRefused("action-not-possible");

    [Fact]
    public void Message_GivenUp_IsNotTriedAgain()
    {
        Given stuck = Given.Past([
            .. InWindow,
            TermTests.WindowMailSent[0],
            Item("message:" + TermTests.WindowOpenedId, 4, "2027-04-05"),
        ]);
        Assert.Equal(new NextStep.Wait(Given.Instant("2027-04-05")), stuck.NextAt("2027-04-04"));
        Given abandoned = stuck
            .When(new SettleAttention("item-4", AttentionAction.Abandon, Reason), "2027-04-04")
            .Then(new AttentionSettled("item-4", AttentionAction.Abandon, Reason))
            .After;
        Assert.IsType<NextStep.Wait>(abandoned.NextAt("2027-04-06"));
    }

    [Fact]
    public void BouncedMessage_Retried_IsSentAgainUnderItsId()
    {
        Given retried = Given
            .Past([
                .. InWindow,
                .. TermTests.WindowMailSent,
                new MessageBounced(TermTests.WindowOpenedId, "550"),
                Item("delivery:" + TermTests.WindowOpenedId, 1, null),
            ])
            .When(new SettleAttention("item-4", AttentionAction.Retry, Reason), "2027-04-05")
            .After;
        Assert.Equal(new NextStep.SendMessage(TermTests.WindowOpenedId), retried.NextAt("2027-04-05"));
    }

    [Fact]
    public void RunningExport_GivenUp_IsCancelled() =>
        Given
            .Past([.. Exporting, Item("export:1", 4, "2027-04-12")])
            .When(new SettleAttention("item-4", AttentionAction.Abandon, Reason), "2027-04-11")
            .Then(new AttentionSettled("item-4", AttentionAction.Abandon, Reason), new ExportCancelled(1));

    [Fact]
    public void EndedCase_NeedsNobodyForStepsThatAreNoLongerTaken() =>
        Assert.False(
            Given
                .Past([
                    .. TermOver,
                    Item("freeze-access", 2, "2027-04-02"),
                    new ApprovalRequested("approval-1", ApprovalSubject.Reinstatement, null, Reason),
                    new ApprovalGiven("approval-1"),
                    new Reinstated(),
                ])
                .State.NeedsAttention
        );
}
