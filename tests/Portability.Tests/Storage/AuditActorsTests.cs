using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

/// <summary>A chain whose hashes are right may still tell of what was never allowed.</summary>
[Collection(StoreCollection.Name)]
public sealed class AuditActorsTests(StoreFixture storage)
{
    private static readonly PersonalRow Reason = PersonalRow.Of("reason");

    private static TerminationEvent By(string actor, TerminationEvent e, int minute = 0) =>
        e with
        {
            Actor = actor,
            At = Sample.Start.AddMinutes(minute),
        };

    private static ApprovalRequested Asked => new("a-1", ApprovalSubject.HoldRelease, "h-1", Reason: null);

    private async Task<StreamAudit> AuditAsync(params TerminationEvent[] events)
    {
        string id = StoreFixture.NewId();
        for (int i = 0; i < events.Length; i++)
        {
            await storage.Store.AppendAsync(id, $"cause-{i}", events[i], personal: i == 0 ? [Reason] : []);
        }
        return (await storage.Store.VerifyAsync(id, default))!;
    }

    [Fact]
    public async Task Approval_ByAnotherPerson_IsIntactAndTheActorsAreCounted()
    {
        StreamAudit audit = await AuditAsync(
            By("agent-1", Asked),
            By("agent-2", new ApprovalGiven("a-1"), 1),
            By("agent-2", new HoldReleased("h-1"), 1)
        );

        Assert.Empty(audit.Problems);
        Assert.Equal([("agent-1", 1), ("agent-2", 2)], audit.Actors.Select(actor => (actor.Key, actor.Value)).Order());
    }

    [Fact]
    public async Task Approval_OfAnOwnRequest_IsNamed()
    {
        StreamAudit audit = await AuditAsync(By("agent-1", Asked), By("agent-1", new ApprovalGiven("a-1")));

        Assert.Equal("Event 2: 'agent-1' approves an own request", Assert.Single(audit.Problems));
    }

    [Fact]
    public async Task Approval_ByWhoeverIssuedTheLinkOfTheRequest_IsNamed()
    {
        StreamAudit audit = await AuditAsync(
            By("agent-1", new CustomerLinkIssued("l-1", Sample.Start.AddDays(1))),
            By("customer:l-1", Asked),
            By("agent-1", new ApprovalGiven("a-1"))
        );

        Assert.Equal("Event 3: 'agent-1' approves an own request", Assert.Single(audit.Problems));
    }

    [Fact]
    public async Task Approval_ThatNobodyAskedFor_IsNamed() =>
        Assert.Contains(
            "approves what nobody asked for",
            Assert.Single((await AuditAsync(By("agent-1", new ApprovalGiven("a-9")))).Problems),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("system")]
    [InlineData("customer:l-1")]
    public async Task Decision_OfStaffByAnybodyElse_IsNamed(string actor) =>
        Assert.Contains(
            "is a decision of staff",
            Assert.Single((await AuditAsync(By(actor, new HoldReleased("h-1")))).Problems),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Time_ThatRunsBackwards_IsNamed() =>
        Assert.Contains(
            "before that of the event before it",
            Assert.Single((await AuditAsync(By("a", Sample.Export(1), 5), By("a", Sample.Export(2), 4))).Problems),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Event_WithoutAnActor_IsNamed() =>
        Assert.Contains(
            "names no actor",
            Assert.Single((await AuditAsync(By("", Sample.Export(1)))).Problems),
            StringComparison.Ordinal
        );
}
