using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Portability.Local.Tests.Tables;

/// <summary>
/// What the service refuses, and by which code the client says so. A row of more than a megabyte is not here: Azurite
/// takes it.
/// </summary>
[Collection(StorageCollection.Name)]
public sealed class LimitsTests(StorageFixture storage)
{
    [Fact]
    public async Task Text_OfSixtyFourKilobytes_IsTakenAndALongerOneRefused()
    {
        TableClient table = await storage.NewTableAsync();
        string longest = new('x', 32 * 1024);
        await table.AddEntityAsync(new TableEntity("p", "longest") { ["text"] = longest });
        TableEntity row = await table.GetEntityAsync<TableEntity>("p", "longest");
        Assert.Equal(longest, row.GetString("text"));
        await RefusedAsync(
            400,
            TableErrorCode.PropertyValueTooLarge,
            () => table.AddEntityAsync(new TableEntity("p", "longer") { ["text"] = longest + "x" })
        );
    }

    [Fact]
    public async Task Binary_OfSixtyFourKilobytes_IsTakenAndALongerOneRefused()
    {
        TableClient table = await storage.NewTableAsync();
        byte[] longest = new byte[64 * 1024];
        await table.AddEntityAsync(new TableEntity("p", "longest") { ["bytes"] = longest });
        TableEntity row = await table.GetEntityAsync<TableEntity>("p", "longest");
        Assert.Equal(longest, row.GetBinary("bytes"));
        await RefusedAsync(
            400,
            TableErrorCode.PropertyValueTooLarge,
            () => table.AddEntityAsync(new TableEntity("p", "longer") { ["bytes"] = new byte[64 * 1024 + 1] })
        );
    }

    [Fact]
    public async Task Query_OfATableThatIsNotThere_FailsAsItIsReadAndNotBefore()
    {
        var table = new TableClient(storage.ConnectionString, "nowhere");
        AsyncPageable<TableEntity> query = table.QueryAsync<TableEntity>();
        await RefusedAsync(
            404,
            TableErrorCode.TableNotFound,
            async () => await query.AsPages().GetAsyncEnumerator().MoveNextAsync()
        );
    }

    [Fact]
    public async Task Table_MadeTwice_IsRefused()
    {
        TableClient table = await storage.NewTableAsync();
        await RefusedAsync(409, TableErrorCode.TableAlreadyExists, () => table.CreateAsync());
    }

    [Fact]
    public async Task Filter_ThatIsNone_IsRefused()
    {
        TableClient table = await storage.NewTableAsync();
        RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(async () =>
            await table.QueryAsync<TableEntity>("RowKey eq").AsPages().GetAsyncEnumerator().MoveNextAsync()
        );
        Assert.InRange(refusal.Status, 400, 499);
    }

    [Fact]
    public async Task Transaction_OfAHundredRows_IsTheLargest()
    {
        TableClient table = await storage.NewTableAsync();
        await table.SubmitTransactionAsync(Rows(100));
        RequestFailedException refusal = await Assert.ThrowsAnyAsync<RequestFailedException>(() =>
            table.SubmitTransactionAsync(Rows(101))
        );
        Assert.Equal(400, refusal.Status);
        Assert.Equal(100, table.Query<TableEntity>().Count());
    }

    [Fact]
    public async Task Query_OfThousandRowsAndMore_GoesOnByItself()
    {
        TableClient table = await storage.NewTableAsync();
        for (int part = 0; part < 11; part++)
        {
            await table.SubmitTransactionAsync(Rows(100, part));
        }
        List<int> sizes = [];
        await foreach (Page<TableEntity> page in table.QueryAsync<TableEntity>(select: ["RowKey"]).AsPages())
        {
            sizes.Add(page.Values.Count);
        }
        Assert.Equal(1_100, sizes.Sum());
        Assert.All(sizes, size => Assert.InRange(size, 0, 1_000));
        Assert.True(sizes.Count > 1);
    }

    private static IEnumerable<TableTransactionAction> Rows(int count, int part = 0) =>
        Enumerable
            .Range(0, count)
            .Select(i => new TableTransactionAction(
                TableTransactionActionType.UpsertReplace,
                new TableEntity("p", $"{part:D2}|{i:D3}")
            ));

    private static async Task RefusedAsync(int status, TableErrorCode code, Func<Task> call)
    {
        RequestFailedException refusal = await Assert.ThrowsAsync<RequestFailedException>(call);
        Assert.Equal((status, code.ToString()), (refusal.Status, refusal.ErrorCode));
    }
}
