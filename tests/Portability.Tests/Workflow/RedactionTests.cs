using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Erasure;
using Portability.Tests.Storage;
using Portability.Workflow;

namespace Portability.Tests.Workflow;

[Collection(StoreCollection.Name)]
public sealed class RedactionTests : IDisposable
{
    private static readonly DateTimeOffset Opened = new(2030, 1, 7, 9, 0, 0, TimeSpan.Zero);
    private readonly string folder = Directory.CreateTempSubdirectory("redaction-").FullName;
    private readonly StoreFixture storage;
    private readonly Interruption interruption = new();
    private readonly Moment clock = new(Opened);
    private readonly TerminationCases cases;
    private readonly Redactions redactions;

    public RedactionTests(StoreFixture storage)
    {
        this.storage = storage;
        cases = new(storage.Store, clock);
        TerminationStore slow = storage.StoreOn(storage.TablesBy(interruption));
        var systems = new MappedSystems(
            MapFile.Load(
                folder,
                $$"""{ {{MapFile.Systems}} "datasets": [{ "table": "orgs", "category": "data", "erase": "delete" }] }"""
            ),
            new ConfigurationBuilder().Build()
        );
        var eraser = new Eraser(systems, storage.Blobs, ErasureBench.Keys, new TestGate(), clock);
        redactions = new(new(slow, clock), slow, eraser, clock);
    }

    private async Task<string> WithdrawnAsync()
    {
        PersonalRow[] rows =
        [
            Text("Leaver"),
            PersonalRow.Of(new ContactDetails("Kim", "k@x")),
            Text("4711"),
            Text("w"),
        ];
        string contract = $"contract-{Guid.NewGuid():N}";
        string caseId = Openings.CaseIdFor(contract, "opening");
        await DoAsync(
            caseId,
            new OpenTermination(
                caseId,
                contract,
                "customer",
                rows[0].Ref,
                rows[1].Ref,
                "en",
                new Term(new DateOnly(2030, 6, 30), "Europe/Stockholm", 12),
                new Notice(NoticeKind.NonRenewal, Opened, "email", rows[2].Ref),
                LateNotice: null,
                new TerminationPolicy()
            ),
            rows[..3]
        );
        await DoAsync(caseId, new WithdrawNotice(Opened, "email", rows[3].Ref), rows[3]);
        clock.Now = Opened.AddMonths(14);
        return caseId;
    }

    private static PersonalRow Text(string value) => PersonalRow.Of(value);

    private async Task DoAsync(string caseId, TerminationCommand command, params PersonalRow[] personal)
    {
        CommandOutcome outcome = await cases.ExecuteAsync(
            caseId,
            command with
            {
                Actor = "agent-1",
            },
            Guid.NewGuid().ToString(),
            personal,
            expectedVersion: null,
            default
        );
        Assert.True(outcome is CommandOutcome.Accepted, outcome.ToString());
    }

    [Fact]
    public async Task Redaction_WhileTheContactChanges_TakesTheNewContactToo()
    {
        string id = await WithdrawnAsync();
        PersonalRow contact = PersonalRow.Of(new ContactDetails("Eve", "eve@x"));
        interruption.Before = () => DoAsync(id, new ChangeContact(contact.Ref, "sv"), contact);

        await redactions.RedactAsync(id, default);

        Termination state = (await cases.LoadAsync(id, default)).State;
        Assert.True(interruption.Done);
        Assert.True(state.IsRedacted);
        Assert.Equal(contact.Ref, state.Contact);
        Assert.IsType<PersonalValue<ContactDetails>.Redacted>(
            await storage.Store.ReadPersonalAsync<ContactDetails>(id, contact.Ref, default)
        );
        Assert.Null((await storage.Store.ReadFenceAsync(id, default))!.Fence);
    }

    [Fact]
    public async Task Redaction_UnderAHold_ChangesNothing()
    {
        string id = await WithdrawnAsync();
        PersonalRow why = Text("dispute");
        await DoAsync(id, new PlaceHold(why.Ref, why.Ref, [], Until: null), why);

        await redactions.RedactAsync(id, default);

        Termination state = (await cases.LoadAsync(id, default)).State;
        Assert.False(state.IsRedacted);
        Assert.IsType<PersonalValue<string>.Present>(
            await storage.Store.ReadPersonalAsync<string>(id, state.CustomerName, default)
        );
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private sealed class Moment(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Does something once, just before the append that records the redaction is sent.</summary>
    private sealed class Interruption : HttpPipelinePolicy
    {
        public Func<Task>? Before { get; set; }

        public bool Done { get; private set; }

        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (
                message.Request.Method == RequestMethod.Delete
                && Interlocked.Exchange(ref deletions, 1) == 0
                && Before is { } act
            )
            {
                // The side rows have been listed; a new one comes now.
                await act();
                Done = true;
            }
            await ProcessNextAsync(message, pipeline);
        }

        private int deletions;

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            throw new NotSupportedException("The stores are asynchronous throughout.");
    }
}
