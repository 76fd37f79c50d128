using Azure.Data.Tables;
using Portability.Storage;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class IdempotencyTests(StoreFixture storage)
{
    private static readonly string Body = IdempotencyStore.BodyHash("{}"u8);

    private readonly StoppedClock clock = new();
    private readonly IdempotencyScope scope = new(
        "agent@example.org",
        "POST /api/v1/terminations",
        Guid.NewGuid().ToString()
    );

    private IdempotencyStore Keys => new(storage.Tables, clock);

    [Fact]
    public async Task Key_OfACompletedCall_GivesTheSameAnswerAgain()
    {
        Assert.False(Assert.IsType<IdempotencyOutcome.Begun>(await BeginAsync()).Again);
        await Keys.CompleteAsync(
            scope,
            Body,
            new IdempotentAnswer(201, new Dictionary<string, string> { ["caseId"] = "c-1" }),
            default
        );

        var completed = Assert.IsType<IdempotencyOutcome.Completed>(await BeginAsync());
        Assert.Equal((201, "c-1"), (completed.Answer.Status, completed.Answer.Ids["caseId"]));
        Assert.IsType<IdempotencyOutcome.OtherBody>(
            await Keys.BeginAsync(scope, IdempotencyStore.BodyHash("{ }"u8), default)
        );
    }

    [Fact]
    public async Task Key_OfAnotherCallerOrCall_IsAnotherKey()
    {
        await BeginAsync();
        foreach (
            IdempotencyScope other in (IdempotencyScope[])
                [scope with { Identity = "x" }, scope with { Route = "POST /y" }]
        )
        {
            Assert.IsType<IdempotencyOutcome.Begun>(await Keys.BeginAsync(other, Body, default));
        }
    }

    [Fact]
    public async Task Key_BegunByManyAtOnce_IsBegunByOne()
    {
        IdempotencyOutcome[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => BeginAsync()));
        Assert.Single(outcomes, outcome => outcome is IdempotencyOutcome.Begun);
        Assert.Equal(7, outcomes.Count(outcome => outcome is IdempotencyOutcome.InProgress));
    }

    [Fact]
    public async Task Key_OfAnAbandonedCall_BeginsAfresh()
    {
        await BeginAsync();
        await Keys.AbandonAsync(scope, default);
        Assert.False(Assert.IsType<IdempotencyOutcome.Begun>(await BeginAsync()).Again);
    }

    [Fact]
    public async Task Key_ReleasedAfterAnotherAttemptCompletedIt_KeepsTheAnswer()
    {
        await BeginAsync();
        await Keys.CompleteAsync(scope, Body, new IdempotentAnswer(200, new Dictionary<string, string>()), default);
        await Keys.ReleaseAsync(scope, Body, default);
        Assert.IsType<IdempotencyOutcome.Completed>(await BeginAsync());
    }

    [Fact]
    public async Task Key_WhoseCallDied_BeginsAgainAfterItsLease()
    {
        await BeginAsync();
        clock.Now += IdempotencyStore.Lease;
        Assert.True(Assert.IsType<IdempotencyOutcome.Begun>(await BeginAsync()).Again);
        Assert.IsType<IdempotencyOutcome.InProgress>(await BeginAsync());
    }

    [Fact]
    public async Task Purge_ForgetsOldKeysOnly()
    {
        clock.Now = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero);
        await BeginAsync();
        DateTimeOffset between = clock.Now.AddDays(1);
        clock.Now = clock.Now.AddDays(2);
        IdempotencyScope younger = scope with { Key = "younger" };
        await Keys.BeginAsync(younger, Body, default);

        Assert.Equal(1, await Keys.PurgeAsync(between, default));

        Assert.False(Assert.IsType<IdempotencyOutcome.Begun>(await BeginAsync()).Again);
        Assert.IsType<IdempotencyOutcome.InProgress>(await Keys.BeginAsync(younger, Body, default));
    }

    [Fact]
    public async Task Records_HoldNeitherCallerNorKey()
    {
        await BeginAsync();
        IEnumerable<string> texts = storage
            .Tables.GetTableClient(StorageSetup.Idempotency)
            .Query<TableEntity>()
            .SelectMany(row => row.Values());
        Assert.DoesNotContain(
            texts,
            text => text.Contains("example.org", StringComparison.Ordinal) || text == scope.Key
        );
    }

    private Task<IdempotencyOutcome> BeginAsync() => Keys.BeginAsync(scope, Body, default);

    private sealed class StoppedClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = Sample.Start;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
