using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class CaseIndexTests(StoreFixture storage)
{
    private readonly string customer = $"customer-{Guid.NewGuid():N}";

    private CaseFilter Mine => new() { CustomerId = customer };

    [Fact]
    public async Task List_WithAFilter_GivesTheCasesThatFitAsTheyAreNow()
    {
        string open = await OpenAsync(Phase.UnderNotice);
        string window = await OpenAsync(Phase.UnderNotice, attention: true);
        await storage.Store.AppendAsync(
            window,
            "move",
            Sample.Export(2),
            Sample.Summary(Phase.ExportWindow, customer, attention: true)
        );

        Assert.Equal(Sorted(open, window), await IdsAsync(Mine));
        Assert.Equal([open], await IdsAsync(Mine with { Phase = Phase.UnderNotice }));
        Assert.Equal([window], await IdsAsync(Mine with { Phase = Phase.ExportWindow, NeedsAttention = true }));
        Assert.Equal([open], await IdsAsync(Mine with { NeedsAttention = false }));
        Assert.Empty(await IdsAsync(Mine with { Phase = Phase.Closed }));
    }

    [Fact]
    public async Task List_PageByPage_GivesEachCaseOnce()
    {
        List<string> all = [];
        for (int i = 0; i < 7; i++)
        {
            all.Add(await OpenAsync(Phase.UnderNotice));
        }

        List<string> seen = [];
        List<int> sizes = [];
        string? cursor = null;
        do
        {
            CasePage page = await storage.Index.ListAsync(Mine, cursor, 3, default);
            sizes.Add(page.Cases.Count);
            seen.AddRange(page.Cases.Select(listed => listed.CaseId));
            cursor = page.Cursor;
        } while (cursor is not null);

        Assert.Equal([3, 3, 1], sizes);
        Assert.Equal(Sorted([.. all]), seen);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("2f2f")]
    public async Task List_WithAForeignCursor_IsRefused(string cursor) =>
        await Assert.ThrowsAsync<FormatException>(() => storage.Index.ListAsync(CaseFilter.All, cursor, 10, default));

    [Theory]
    [InlineData(0)]
    [InlineData(201)]
    public async Task List_WithAnUnlawfulLimit_IsRefused(int limit) =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            storage.Index.ListAsync(CaseFilter.All, null, limit, default)
        );

    [Fact]
    public async Task List_AfterAnAppendThatNeverReachedTheIndex_IsRightAllTheSame()
    {
        string id = await OpenAsync(Phase.UnderNotice);
        string unseen = StoreFixture.NewId();
        TerminationStore dying = storage.StoreOn(storage.TablesBy(new NoIndexWrites(), retries: 0));

        await dying.AppendAsync(id, "move", Sample.Export(2), Sample.Summary(Phase.ExportWindow, customer));
        await dying.AppendAsync(unseen, "open", Sample.Export(1), Sample.Summary(Phase.UnderNotice, customer));

        Assert.Equal([unseen], await IdsAsync(Mine with { Phase = Phase.UnderNotice }));
        Assert.Equal([id], await IdsAsync(Mine with { Phase = Phase.ExportWindow }));
        CasePage first = await storage.Index.ListAsync(Mine, null, 1, default);
        CasePage second = await storage.Index.ListAsync(Mine, first.Cursor, 1, default);
        Assert.Equal(Sorted(id, unseen), first.Cases.Concat(second.Cases).Select(listed => listed.CaseId));
        Assert.Null(second.Cursor);
    }

    [Fact]
    public async Task Settle_OfAnOlderHead_NeverTurnsTheIndexBack()
    {
        string id = await OpenAsync(Phase.UnderNotice);
        HeadRow old = await storage.Streams.GetEntityAsync<HeadRow>(id, HeadRow.Key);
        string late = await storage.Index.MarkAsync(id, default);
        await storage.Store.AppendAsync(id, "move", Sample.Export(2), Sample.Summary(Phase.ExportWindow, customer));

        await storage.Index.SettleAsync(id, late, old, default);

        Assert.Equal([id], await IdsAsync(Mine with { Phase = Phase.ExportWindow }));
        Assert.Empty(Marks(id));
    }

    [Fact]
    public async Task Settle_OfAMarkThatIsGone_StillBringsTheIndexUpToDate()
    {
        string id = await OpenAsync(Phase.UnderNotice);
        HeadRow head = await storage.Streams.GetEntityAsync<HeadRow>(id, HeadRow.Key);
        head.Version += 1;
        head.Phase = nameof(Phase.Closed);

        await storage.Index.SettleAsync(id, "no-such-mark", head, default);

        Assert.Equal([id], await IdsAsync(Mine with { Phase = Phase.Closed }));
        Assert.Empty(Marks(id));
    }

    [Fact]
    public async Task Repair_LeavesAYoungMarkToItsAppend()
    {
        string id = await OpenAsync(Phase.UnderNotice);
        string mark = await storage.Index.MarkAsync(id, default);

        await storage.Index.RepairAsync(default);

        Assert.Equal([mark], Marks(id));
    }

    [Fact]
    public async Task Repair_OfMarksThatADeadHostLeft_BringsTheCopiesUpToDateAndForgetsCasesNeverOpened()
    {
        string id = await OpenAsync(Phase.UnderNotice);
        TerminationStore dying = storage.StoreOn(storage.TablesBy(new NoIndexWrites(), retries: 0));
        await dying.AppendAsync(id, "move", Sample.Export(2), Sample.Summary(Phase.ExportWindow, customer));
        string never = StoreFixture.NewId();
        await storage.Index.MarkAsync(never, default);
        Assert.Single(Marks(id));

        await storage.Index.RepairAsync(TimeSpan.FromDays(-1), default);

        Assert.Empty(Marks(id));
        Assert.Empty(Marks(never));
        IndexRow copy = await storage
            .Tables.GetTableClient(StorageSetup.Cases)
            .GetEntityAsync<IndexRow>(IndexRow.Partition, IndexRow.KeyOf(id));
        Assert.Equal((2, nameof(Phase.ExportWindow)), (copy.Version, copy.Phase));
        Assert.Equal([id], await IdsAsync(Mine));
    }

    private IEnumerable<string> Marks(string id) =>
        storage
            .Tables.GetTableClient(StorageSetup.Cases)
            .Query<MarkRow>()
            .Where(row => row.RowKey.StartsWith(MarkRow.Prefix, StringComparison.Ordinal) && row.CaseId == id)
            .Select(row => row.Mark);

    private async Task<string> OpenAsync(Phase phase, bool attention = false)
    {
        string id = StoreFixture.NewId();
        await storage.Store.AppendAsync(
            id,
            "open",
            Sample.Export(1),
            Sample.Summary(phase, customer, attention: attention)
        );
        return id;
    }

    private async Task<List<string>> IdsAsync(CaseFilter filter)
    {
        List<string> ids = [];
        await foreach (IndexedCase listed in storage.Index.AllAsync(filter, default))
        {
            ids.Add(listed.CaseId);
        }
        return ids;
    }

    private static string[] Sorted(params string[] ids) => [.. ids.Order(StringComparer.Ordinal)];

    /// <summary>A host that dies after the stream's commit: none of its transactions on the list of cases is sent.</summary>
    private sealed class NoIndexWrites : HttpPipelinePolicy
    {
        public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
        {
            if (message.Request.Uri.Path.EndsWith("$batch", StringComparison.Ordinal))
            {
                using var body = new MemoryStream();
                await message.Request.Content!.WriteToAsync(body, default);
                if (
                    System
                        .Text.Encoding.UTF8.GetString(body.ToArray())
                        .Contains($"/{StorageSetup.Cases}", StringComparison.Ordinal)
                )
                {
                    throw new RequestFailedException("The host is gone.");
                }
            }
            await ProcessNextAsync(message, pipeline);
        }

        public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
            throw new NotSupportedException("The stores are asynchronous throughout.");
    }
}
