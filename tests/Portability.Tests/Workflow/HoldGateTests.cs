using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Storage;
using Portability.Workflow;

namespace Portability.Tests.Workflow;

[Collection(StoreCollection.Name)]
public sealed class HoldGateTests
{
    private readonly StoreFixture storage;
    private readonly TerminationCases cases;
    private readonly Openings openings;
    private readonly HoldGate gate;
    private readonly string customer = $"customer-{Guid.NewGuid():N}";

    public HoldGateTests(StoreFixture storage)
    {
        this.storage = storage;
        cases = new(storage.Store, TimeProvider.System);
        openings = new(cases, new(storage.Tables, storage.Store), storage.Index, TimeProvider.System);
        gate = new(storage.Store, new(storage.Tables), openings);
    }

    private static BatchPass Rows(int batch = 0) => new("lms", "posts", batch, TimeSpan.FromMinutes(1), true);

    private static BatchPass Blobs(int batch = 0) => new("media", "files", batch, TimeSpan.FromMinutes(1), false);

    private async Task<string> OpenAsync(string contract)
    {
        PersonalRow name = PersonalRow.Of("Leaver");
        PersonalRow contact = PersonalRow.Of(new ContactDetails("Kim", "kim@leaver.example"));
        PersonalRow reference = PersonalRow.Of("4711");
        contract = $"{contract}-{customer}";
        string caseId = Openings.CaseIdFor(contract, "opening");
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        CommandOutcome outcome = await openings.OpenAsync(
            new OpenTermination(
                caseId,
                contract,
                customer,
                name.Ref,
                contact.Ref,
                "en",
                new Term(DateOnly.FromDateTime(now.UtcDateTime.AddDays(90)), "Europe/Stockholm", 12),
                new Notice(NoticeKind.NonRenewal, now, "email", reference.Ref),
                LateNotice: null,
                new TerminationPolicy()
            )
            {
                Actor = "agent-1",
            },
            "opening",
            [name, contact, reference],
            default
        );
        Assert.IsType<CommandOutcome.Accepted>(outcome);
        return caseId;
    }

    private async Task HoldAsync(string caseId)
    {
        PersonalRow why = PersonalRow.Of("dispute");
        await cases.ExecuteAsync(
            caseId,
            new PlaceHold(why.Ref, why.Ref, [], Until: null) { Actor = "officer-1" },
            $"hold-{Guid.NewGuid():N}",
            [why],
            expectedVersion: null,
            default
        );
    }

    private async Task<Fence?> FenceAsync(string caseId) =>
        (await storage.Store.ReadFenceAsync(caseId, default))?.Fence;

    [Fact]
    public async Task Batch_AfterAnother_PassesEachBehindAFenceOfItsOwn()
    {
        string id = await OpenAsync("a");
        IErasureAttempt attempt = gate.Begin(new(id, 1));

        Assert.True(await attempt.MayPassAsync(Rows(0), default));
        Fence first = (await FenceAsync(id))!;
        await attempt.PassedAsync(default);
        Assert.Null(await FenceAsync(id));
        Assert.True(await attempt.MayPassAsync(Rows(1), default));

        Fence second = (await FenceAsync(id))!;
        Assert.Equal((0, 1), (first.Batch, second.Batch));
        Assert.NotEqual(first.Attempt, second.Attempt);
    }

    [Fact]
    public async Task Batch_OfAGivenUpAttempt_DoesNotTakeDownTheFenceOfTheNext()
    {
        string id = await OpenAsync("a");
        IErasureAttempt givenUp = gate.Begin(new(id, 1));
        IErasureAttempt next = gate.Begin(new(id, 1));
        Assert.True(await givenUp.MayPassAsync(Rows(), default));

        // It holds the database's write lock, so the other's batch has ended: nothing to wait for.
        Assert.True(await next.MayPassAsync(Rows(), default));
        await givenUp.PassedAsync(default);

        await HoldAsync(id);
        Task answered = gate.ClearAsync(id, default);
        await Task.Delay(150);
        Assert.False(answered.IsCompleted);
        await next.PassedAsync(default);
        await answered;
    }

    [Fact]
    public async Task Batch_WithoutALock_WaitsForTheFenceOfAnotherAttempt()
    {
        string id = await OpenAsync("a");
        IErasureAttempt first = gate.Begin(new(id, 1));
        Assert.True(await first.MayPassAsync(Blobs(), default));

        Task<bool> second = gate.Begin(new(id, 1)).MayPassAsync(Blobs(), default).AsTask();
        await Task.Delay(150);
        Assert.False(second.IsCompleted);
        await first.PassedAsync(default);

        Assert.True(await second);
    }

    [Fact]
    public async Task Hold_OnAnotherCaseOfTheCustomer_IsAnsweredAfterTheBatchAndStopsTheNext()
    {
        string erasing = await OpenAsync("a");
        string disputed = await OpenAsync("b");
        IErasureAttempt attempt = gate.Begin(new(erasing, 1));
        Assert.True(await attempt.MayPassAsync(Rows(0), default));
        await attempt.PassedAsync(default);
        Assert.True(await attempt.MayPassAsync(Rows(1), default));

        await HoldAsync(disputed);
        Task answered = gate.ClearAsync(disputed, default);
        await Task.Delay(150);
        Assert.False(answered.IsCompleted);
        await attempt.PassedAsync(default);
        await answered;

        Assert.False(await attempt.MayPassAsync(Rows(2), default));
        Assert.Null(await FenceAsync(erasing));
    }

    [Fact]
    public async Task Hold_OnAnotherCustomersCase_StopsNothing()
    {
        string erasing = await OpenAsync("a");
        string stranger = await new HoldGateTests(storage).OpenAsync("b");
        IErasureAttempt attempt = gate.Begin(new(erasing, 1));
        Assert.True(await attempt.MayPassAsync(Rows(0), default));

        await HoldAsync(stranger);
        await gate.ClearAsync(stranger, default);
        await attempt.PassedAsync(default);

        Assert.True(await attempt.MayPassAsync(Rows(1), default));
    }

    [Fact]
    public async Task Hold_OnTheCaseItself_StopsTheNextBatch()
    {
        string id = await OpenAsync("a");
        IErasureAttempt attempt = gate.Begin(new(id, 1));
        Assert.True(await attempt.MayPassAsync(Rows(0), default));
        await attempt.PassedAsync(default);

        await HoldAsync(id);
        await gate.ClearAsync(id, default);

        Assert.False(await attempt.MayPassAsync(Rows(1), default));
    }
}
