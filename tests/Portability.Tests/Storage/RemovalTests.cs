using Azure.Data.Tables;
using Portability.Storage;

namespace Portability.Tests.Storage;

[Collection(StoreCollection.Name)]
public sealed class RemovalTests(StoreFixture storage)
{
    private async Task<CaseStream> StreamAsync(string caseId, int events)
    {
        CaseStream stream = CaseStream.Unopened(caseId);
        for (int i = 0; i < events; i++)
        {
            stream = await storage.Store.AppendAsync(caseId, $"cause-{i}", Sample.Export(i + 1));
        }
        return stream;
    }

    private async Task<int> RowsAsync(string caseId)
    {
        int rows = 0;
        await foreach (
            TableEntity _ in storage.Streams.QueryAsync<TableEntity>(
                TableClient.CreateQueryFilter($"PartitionKey eq {caseId}")
            )
        )
        {
            rows++;
        }
        return rows;
    }

    private async Task<bool> IsListedAsync(string caseId)
    {
        await foreach (IndexedCase listed in storage.Index.AllAsync(CaseFilter.All, default))
        {
            if (listed.CaseId == caseId)
            {
                return true;
            }
        }
        return false;
    }

    [Fact]
    public async Task Removal_OfALongStream_LeavesNothingAndSparesTheNext()
    {
        string id = StoreFixture.NewId();
        string other = StoreFixture.NewId();
        CaseStream stream = await StreamAsync(id, 60);
        await StreamAsync(other, 2);

        Assert.True(await storage.Store.RemoveAsync(stream, default));

        Assert.Null(await storage.Store.LoadAsync(id, default));
        Assert.Equal(0, await RowsAsync(id));
        Assert.False(await IsListedAsync(id));
        Assert.Equal(2, (await storage.Store.LoadAsync(other, default))!.Version);
        Assert.True(await IsListedAsync(other));
    }

    [Fact]
    public async Task Removal_OfACaseThatHasMovedOn_RemovesNothing()
    {
        string id = StoreFixture.NewId();
        CaseStream old = await StreamAsync(id, 2);
        await storage.Store.AppendAsync(id, "later", Sample.Export(9));

        Assert.False(await storage.Store.RemoveAsync(old, default));

        Assert.Equal(3, (await storage.Store.LoadAsync(id, default))!.Version);
    }

    [Fact]
    public async Task Removal_LeftHalfWay_IsKnownAndFinished()
    {
        string id = StoreFixture.NewId();
        CaseStream stream = await StreamAsync(id, 3);
        // The process died after the first write.
        await storage.Streams.UpdateEntityAsync(
            new TableEntity(id, "head") { ["Version"] = 0L, ["LastHash"] = "" },
            stream.ETag,
            TableUpdateMode.Replace
        );
        Assert.Null(await storage.Store.LoadAsync(id, default));
        Assert.True(await storage.Store.IsHalfRemovedAsync(id, default));

        await storage.Store.FinishRemovalAsync(id, default);
        await storage.Store.FinishRemovalAsync(id, default);

        Assert.False(await storage.Store.IsHalfRemovedAsync(id, default));
        Assert.Equal(0, await RowsAsync(id));
        Assert.False(await IsListedAsync(id));
    }
}
