using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Portability.Local.Tests.Tables;

[Collection(StorageCollection.Name)]
public sealed class TableClientTests(StorageFixture storage)
{
    private static TableEntity Row(string row, int n = 0) => new("p", row) { ["n"] = n };

    [Fact]
    public async Task CreateIfNotExists_OnAnExistingTable_AnswersWithRaw409()
    {
        TableClient table = await storage.NewTableAsync();
        Response<TableItem> again = await table.CreateIfNotExistsAsync();
        Assert.Equal(table.Name, again.Value.Name);
        Assert.Equal(409, again.GetRawResponse().Status);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => table.CreateAsync());
        Assert.Equal((409, "TableAlreadyExists"), (refused.Status, refused.ErrorCode));
    }

    [Fact]
    public async Task AddEntity_WhenThere_Is409()
    {
        TableClient table = await storage.NewTableAsync();
        Response added = await table.AddEntityAsync(Row("a"));
        Assert.NotNull(added.Headers.ETag);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => table.AddEntityAsync(Row("a")));
        Assert.Equal(409, refused.Status);
        Assert.True(refused.ErrorCode == TableErrorCode.EntityAlreadyExists);
    }

    [Fact]
    public async Task Get_OfWhatIsNotThere_Is404OrHasNoValue()
    {
        TableClient table = await storage.NewTableAsync();
        var noRow = await Assert.ThrowsAsync<RequestFailedException>(() => table.GetEntityAsync<TableEntity>("p", "x"));
        Assert.Equal((404, "ResourceNotFound"), (noRow.Status, noRow.ErrorCode));
        NullableResponse<TableEntity> maybe = await table.GetEntityIfExistsAsync<TableEntity>("p", "x");
        Assert.False(maybe.HasValue);
        Assert.Throws<InvalidOperationException>(() => maybe.Value);
        Assert.Equal(404, maybe.GetRawResponse().Status);

        var noTable = new TableClient(storage.ConnectionString, "absent");
        var missing = await Assert.ThrowsAsync<RequestFailedException>(() =>
            noTable.GetEntityAsync<TableEntity>("p", "x")
        );
        Assert.Equal((404, "TableNotFound"), (missing.Status, missing.ErrorCode));
        Assert.False((await noTable.GetEntityIfExistsAsync<TableEntity>("p", "x")).HasValue);
        Assert.Equal(404, (await noTable.DeleteEntityAsync("p", "x")).Status);
        Assert.Equal(404, (await noTable.DeleteAsync()).Status);
        AsyncPageable<TableEntity> lazy = noTable.QueryAsync<TableEntity>();
        await Assert.ThrowsAsync<RequestFailedException>(async () => await lazy.GetAsyncEnumerator().MoveNextAsync());
    }

    [Fact]
    public async Task UpdateEntity_AsksForItsVersion()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "a") { ["n"] = 1, ["m"] = 1 });
        TableEntity read = await table.GetEntityAsync<TableEntity>("p", "a");

        await Assert.ThrowsAsync<ArgumentException>(() => table.UpdateEntityAsync(read, default));
        Response merged = await table.UpdateEntityAsync(Row("a", 2), read.ETag);
        var stale = await Assert.ThrowsAsync<RequestFailedException>(() =>
            table.UpdateEntityAsync(Row("a", 3), read.ETag)
        );
        Assert.Equal((412, "UpdateConditionNotSatisfied"), (stale.Status, stale.ErrorCode));
        var absent = await Assert.ThrowsAsync<RequestFailedException>(() =>
            table.UpdateEntityAsync(Row("b"), ETag.All)
        );
        Assert.Equal((404, "ResourceNotFound"), (absent.Status, absent.ErrorCode));

        TableEntity after = await table.GetEntityAsync<TableEntity>("p", "a");
        Assert.Equal((2, 1), (after.GetInt32("n"), after.GetInt32("m")));
        Assert.Equal(merged.Headers.ETag, after.ETag);

        await table.UpdateEntityAsync(Row("a", 4), after.ETag, TableUpdateMode.Replace);
        Assert.False((await table.GetEntityAsync<TableEntity>("p", "a")).Value.ContainsKey("m"));
    }

    [Fact]
    public async Task Upsert_InsertsAndChanges()
    {
        TableClient table = await storage.NewTableAsync();
        await table.UpsertEntityAsync(new TableEntity("p", "a") { ["m"] = 1 });
        await table.UpsertEntityAsync(Row("a", 2));
        TableEntity merged = await table.GetEntityAsync<TableEntity>("p", "a");
        Assert.Equal((2, 1), (merged.GetInt32("n"), merged.GetInt32("m")));
        await table.UpsertEntityAsync(Row("a", 3), TableUpdateMode.Replace);
        Assert.False((await table.GetEntityAsync<TableEntity>("p", "a")).Value.ContainsKey("m"));
    }

    [Fact]
    public async Task DeleteEntity_ToleratesAbsenceButNotAStaleVersion()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("a"));
        TableEntity read = await table.GetEntityAsync<TableEntity>("p", "a");
        await table.UpdateEntityAsync(Row("a", 1), ETag.All);
        var stale = await Assert.ThrowsAsync<RequestFailedException>(() =>
            table.DeleteEntityAsync("p", "a", read.ETag)
        );
        Assert.Equal(412, stale.Status);
        Assert.Equal(204, (await table.DeleteEntityAsync(read)).Status);
        Assert.Equal(404, (await table.DeleteEntityAsync("p", "a")).Status);
    }

    [Fact]
    public async Task SynchronousTwins_DoTheSame()
    {
        TableClient table = await storage.NewTableAsync();
        table.AddEntity(Row("a", 1));
        table.UpsertEntity(Row("b", 2));
        table.SubmitTransaction([new(TableTransactionActionType.Add, Row("c", 3))]);
        Assert.Equal([1, 2, 3], table.Query<TableEntity>().Select(row => row.GetInt32("n")!.Value));
        Assert.Equal(2, table.GetEntity<TableEntity>("p", "b").Value.GetInt32("n"));
        Assert.False(table.GetEntityIfExists<TableEntity>("p", "z").HasValue);
        table.DeleteEntity("p", "b");
        Assert.Equal(["a", "c"], table.Query<TableEntity>(row => row.PartitionKey == "p").Select(row => row.RowKey));
        table.Delete();
    }

    [Fact]
    public async Task Service_ListsCreatesAndDeletesTables()
    {
        var service = new TableServiceClient(storage.ConnectionString);
        string[] names = [.. Enumerable.Range(0, 3).Select(i => $"list{i}x{Guid.NewGuid():N}")];
        foreach (string name in names)
        {
            await service.CreateTableIfNotExistsAsync(name);
        }
        string second = names[1];
        List<string> found = [];
        await foreach (TableItem item in service.QueryAsync(item => item.Name == second))
        {
            found.Add(item.Name);
        }
        Assert.Equal([second], found);
        FormattableString byName = $"TableName eq {second}";
        Assert.Equal([second], service.Query(byName).Select(item => item.Name));
        await service.DeleteTableAsync(second);
        HashSet<string> left = [.. service.Query(maxPerPage: 1).Select(item => item.Name)];
        Assert.Contains(names[0], left);
        Assert.DoesNotContain(second, left);
        Assert.Equal(storage.Setting("AccountName"), service.AccountName);
    }

    [Fact]
    public async Task SharedKeyCredential_WithAWrongKey_IsRefused()
    {
        var endpoint = new Uri(storage.Setting("TableEndpoint"));
        string account = storage.Setting("AccountName");
        var good = new TableServiceClient(
            endpoint,
            new TableSharedKeyCredential(account, storage.Setting("AccountKey"))
        );
        TableClient table = good.GetTableClient($"t{Guid.NewGuid():N}");
        await table.CreateAsync();
        Assert.Equal(account, table.AccountName);
        Assert.EndsWith("/" + table.Name, table.Uri.AbsolutePath, StringComparison.Ordinal);

        var bad = new TableClient(
            endpoint,
            table.Name,
            new TableSharedKeyCredential(account, Convert.ToBase64String(new byte[64]))
        );
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => bad.AddEntityAsync(Row("a")));
        Assert.Equal(403, refused.Status);
    }

    [Fact]
    public async Task AccountSas_ReadsButDoesNotWriteWhenItMayNot()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("a", 5));
        string sas = AccountSas.Read(storage.Setting("AccountName"), storage.Setting("AccountKey"));
        var endpoint = new Uri(storage.Setting("TableEndpoint"));

        var byCredential = new TableServiceClient(endpoint, new AzureSasCredential(sas)).GetTableClient(table.Name);
        var byAddress = new TableClient(new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{table.Name}?{sas}"));

        Assert.Equal(5, (await byCredential.GetEntityAsync<TableEntity>("p", "a")).Value.GetInt32("n"));
        Assert.Equal(5, (await byAddress.GetEntityAsync<TableEntity>("p", "a")).Value.GetInt32("n"));
        Assert.Equal(table.Name, byAddress.Name);
        var refused = await Assert.ThrowsAsync<RequestFailedException>(() => byCredential.AddEntityAsync(Row("b")));
        Assert.Equal(403, refused.Status);
    }
}
