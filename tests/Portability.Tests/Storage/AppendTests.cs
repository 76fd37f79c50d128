using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class AppendTests(StoreFixture storage)
{
    private TerminationStore Store => storage.Store;

    [Fact]
    public async Task Append_ToANewCase_LoadsBackAsItWas()
    {
        string id = StoreFixture.NewId();
        PersonalRow name = PersonalRow.Of("Åsa Öberg");
        TerminationEvent[] events =
        [
            new AssistanceAgreed(name.Ref) { At = Sample.Start, Actor = "agent-1" },
            new HoldPlaced("h1", name.Ref, name.Ref, ["users", "orders"], Sample.Start.AddDays(9).AddTicks(1))
            {
                At = Sample.Start.AddTicks(7),
                Actor = "officer-1",
            },
        ];

        var outcome = Assert.IsType<AppendOutcome.Appended>(
            await Store.AppendAsync(
                CaseStream.Unopened(id),
                NewEvent.Of(id, "open", events),
                [name],
                Sample.Summary(),
                default
            )
        );
        CaseStream loaded = (await Store.LoadAsync(id, default))!;

        Assert.Equal(2, loaded.Version);
        Assert.Equal(outcome.Stream.Events.Select(e => e.Hash), loaded.Events.Select(e => e.Hash));
        Assert.Equal(outcome.Stream.ETag, loaded.ETag);
        Assert.Equal(Sample.Summary(), loaded.Summary);
        Assert.Equal(["assistance-agreed.v1", "hold-placed.v1"], loaded.Events.Select(e => e.Name));
        Assert.Equal(events[1].At, loaded.Events[1].At);
        Assert.Equal(["users", "orders"], Assert.IsType<HoldPlaced>(loaded.Events[1].Event).Datasets);
        Assert.Equal(EventChain.Origin, loaded.Events[0].PreviousHash);
        Assert.Equal(loaded.Events[0].Hash, loaded.Events[1].PreviousHash);
    }

    [Theory]
    [InlineData("case-unknown")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("x' or PartitionKey ne '")]
    public async Task Load_OfNoCase_IsNull(string id) => Assert.Null(await Store.LoadAsync(id, default));

    [Fact]
    public async Task Append_OnAStaleStream_IsAConflictAndStoresNothing()
    {
        string id = StoreFixture.NewId();
        CaseStream first = await Store.AppendAsync(id, "a", Sample.Export(1));
        await Store.AppendAsync(id, "b", Sample.Export(2));

        AppendOutcome outcome = await Store.AppendAsync(first, Sample.One(id, "c", 3), [], Sample.Summary(), default);

        Assert.IsType<AppendOutcome.Conflict>(outcome);
        Assert.Equal(2, (await Store.LoadAsync(id, default))!.Version);
        Assert.IsType<AppendOutcome.Conflict>(
            await Store.AppendAsync(CaseStream.Unopened(id), Sample.One(id, "d", 4), [], Sample.Summary(), default)
        );
    }

    [Fact]
    public async Task Append_OfACauseCommittedBefore_IsRecognisedWhereverItIsRepeated()
    {
        string id = StoreFixture.NewId();
        CaseStream first = await Store.AppendAsync(id, "a", Sample.Export(1));
        CaseStream second = await Store.AppendAsync(id, "b", Sample.Export(2));

        foreach (CaseStream at in (CaseStream[])[CaseStream.Unopened(id), first, second])
        {
            AppendOutcome outcome = await Store.AppendAsync(at, Sample.One(id, "b", 99), [], Sample.Summary(), default);
            Assert.Equal(2, Assert.IsType<AppendOutcome.AlreadyCommitted>(outcome).Stream.Version);
        }
    }

    [Fact]
    public async Task Append_ByManyWriters_StoresEveryEventOnceWithoutAGap()
    {
        const int writers = 8;
        const int each = 6;
        string id = StoreFixture.NewId();

        await Task.WhenAll(
            Enumerable
                .Range(0, writers)
                .Select(async writer =>
                {
                    for (int i = 0; i < each; i++)
                    {
                        // One time for all: whoever comes first must not make the others' time run backwards.
                        TerminationEvent e = Sample.Export((writer * 100) + i) with
                        {
                            At = Sample.Start,
                        };
                        await Store.AppendAsync(id, $"w{writer}-{i}", e);
                    }
                })
        );

        CaseStream stream = (await Store.LoadAsync(id, default))!;
        Assert.Equal(Enumerable.Range(1, writers * each), stream.Events.Select(e => (int)e.Sequence));
        Assert.Equal(
            Enumerable.Range(0, writers).SelectMany(w => Enumerable.Range(0, each).Select(i => (w * 100) + i)).Order(),
            stream.Events.Select(e => ((ExportCancelled)e.Event).Export).Order()
        );
        Assert.True((await Store.VerifyAsync(id, default))!.IsIntact);
        IndexedCase listed = await ListedAsync(id);
        Assert.Equal(writers * each, listed.Version);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 500)]
    [InlineData(2, 503)]
    public async Task Append_WhoseAnswerIsLost_RecognisesItsOwnCommitOnTheRetry(int losses, int status)
    {
        string id = StoreFixture.NewId();
        CaseStream at = await Store.AppendAsync(id, "a", Sample.Export(1));
        var policy = new LostAnswers(losses, status);

        AppendOutcome outcome = await storage
            .StoreOn(storage.TablesBy(policy))
            .AppendAsync(at, Sample.One(id, "b", 2), [], Sample.Summary(), default);

        Assert.Equal(losses, policy.Lost);
        Assert.Equal(2, Assert.IsType<AppendOutcome.AlreadyCommitted>(outcome).Stream.Version);
        Assert.Equal(2, (await Store.LoadAsync(id, default))!.Version);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    public async Task Append_WhoseAnswerIsLostForGood_RecognisesItsOwnCommitByItself(int status)
    {
        string id = StoreFixture.NewId();
        var policy = new LostAnswers(losses: 1, status);

        AppendOutcome outcome = await storage
            .StoreOn(storage.TablesBy(policy, retries: 0))
            .AppendAsync(CaseStream.Unopened(id), Sample.One(id, "open", 1), [], Sample.Summary(), default);

        Assert.Equal(1, policy.Lost);
        Assert.Equal(1, Assert.IsType<AppendOutcome.AlreadyCommitted>(outcome).Stream.Version);
    }

    [Fact]
    public async Task Append_OfMoreThanATransactionHolds_IsRefusedAsAWhole()
    {
        string id = StoreFixture.NewId();
        IReadOnlyList<NewEvent> events = NewEvent.Of(id, "many", Enumerable.Range(1, 50).Select(Sample.Export));

        var refused = await Assert.ThrowsAsync<ArgumentException>(() =>
            Store.AppendAsync(CaseStream.Unopened(id), events, [], Sample.Summary(), default)
        );
        Assert.Contains("101 operations", refused.Message, StringComparison.Ordinal);
        Assert.Null(await Store.LoadAsync(id, default));

        Assert.IsType<AppendOutcome.Appended>(
            await Store.AppendAsync(CaseStream.Unopened(id), [.. events.Take(49)], [], Sample.Summary(), default)
        );
        Assert.Equal(49, (await Store.LoadAsync(id, default))!.Version);
    }

    [Fact]
    public async Task Append_OfLongBodies_KeepsThemInBlobsAndInTheChain()
    {
        string id = StoreFixture.NewId();
        string[] datasets = [.. Enumerable.Range(0, 40).Select(i => $"{i}-" + new string('é', 1_000))];
        TerminationEvent[] events =
        [
            .. Enumerable
                .Range(1, 20)
                .Select(run => new ErasureStarted(run, ErasureKind.Full, Early: false, datasets)
                {
                    At = Sample.Start,
                    Actor = "system",
                }),
            // Each fits a row, together they do not fit a transaction.
            .. Enumerable
                .Range(21, 28)
                .Select(run => new ErasureStarted(run, ErasureKind.Full, Early: false, datasets[..28])
                {
                    At = Sample.Start,
                    Actor = "system",
                }),
        ];

        Assert.IsType<AppendOutcome.Appended>(
            await Store.AppendAsync(
                CaseStream.Unopened(id),
                NewEvent.Of(id, "big", events),
                [],
                Sample.Summary(),
                default
            )
        );

        CaseStream loaded = (await Store.LoadAsync(id, default))!;
        Assert.Equal(datasets, ((ErasureStarted)loaded.Events[19].Event).Datasets);
        Assert.Equal(datasets[..28], ((ErasureStarted)loaded.Events[47].Event).Datasets);
        EventRow row = await storage.Streams.GetEntityAsync<EventRow>(id, EventRow.KeyOf(1));
        Assert.Null(row.Body);
        await storage.Blobs.GetBlobContainerClient(StorageSetup.EventBodies).DeleteBlobAsync(row.BodyBlob);
        var broken = await Assert.ThrowsAsync<CorruptStreamException>(() => Store.LoadAsync(id, default));
        Assert.Equal(1, broken.Sequence);
    }

    private async Task<IndexedCase> ListedAsync(string id)
    {
        await foreach (IndexedCase listed in storage.Index.AllAsync(CaseFilter.All, default))
        {
            if (listed.CaseId == id)
            {
                return listed;
            }
        }
        throw new InvalidOperationException($"{id} is not listed.");
    }
}
