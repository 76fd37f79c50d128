using Azure;
using Azure.Data.Tables;
using Azure.Data.Tables.Models;

namespace Portability.Local.Tests.Tables;

[Collection(StorageCollection.Name)]
public sealed class TransactionTests(StorageFixture storage)
{
    private static TableEntity Row(string row, int n = 0) => new("p|1", row) { ["n"] = n };

    [Fact]
    public async Task Transaction_OfEveryKind_AppliesAllAndAnswersEach()
    {
        TableClient table = await storage.NewTableAsync();
        foreach (string row in (string[])["merge", "replace", "delete", "upsert"])
        {
            await table.AddEntityAsync(new TableEntity("p|1", row) { ["n"] = 0, ["m"] = 1 });
        }
        TableEntity merge = await table.GetEntityAsync<TableEntity>("p|1", "merge");

        Response<IReadOnlyList<Response>> answer = await table.SubmitTransactionAsync([
            new(TableTransactionActionType.Add, Row("id|add", 1)),
            new(TableTransactionActionType.UpdateMerge, Row("merge", 2), merge.ETag),
            new(TableTransactionActionType.UpdateReplace, Row("replace", 3), ETag.All),
            new(TableTransactionActionType.Delete, Row("delete")),
            new(TableTransactionActionType.UpsertMerge, Row("upsert", 4)),
            new(TableTransactionActionType.UpsertReplace, Row("new", 5)),
        ]);

        Assert.Equal(6, answer.Value.Count);
        Assert.All(answer.Value, part => Assert.InRange(part.Status, 200, 204));
        Dictionary<string, TableEntity> rows = table.Query<TableEntity>().ToDictionary(row => row.RowKey);
        Assert.Equal(["id|add", "merge", "new", "replace", "upsert"], rows.Keys.Order(StringComparer.Ordinal));
        Assert.Equal((2, 1), (rows["merge"].GetInt32("n"), rows["merge"].GetInt32("m")));
        Assert.False(rows["replace"].ContainsKey("m"));
        Assert.Equal(1, rows["upsert"].GetInt32("m"));
        Assert.Equal(rows["id|add"].ETag, answer.Value[0].Headers.ETag);
        Assert.Equal(rows["merge"].ETag, answer.Value[1].Headers.ETag);
    }

    [Fact]
    public async Task Transaction_WithAStaleVersion_AppliesNothingAndNamesTheAction()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("head", 1));
        TableEntity stale = await table.GetEntityAsync<TableEntity>("p|1", "head");
        await table.UpdateEntityAsync(Row("head", 2), ETag.All);

        var refused = await Assert.ThrowsAsync<TableTransactionFailedException>(() =>
            table.SubmitTransactionAsync([
                new(TableTransactionActionType.Add, Row("a", 1)),
                new(TableTransactionActionType.UpdateReplace, Row("head", 3), stale.ETag),
            ])
        );

        Assert.Equal((412, "UpdateConditionNotSatisfied"), (refused.Status, refused.ErrorCode));
        Assert.Equal(1, refused.FailedTransactionActionIndex);
        TableEntity head = table.Query<TableEntity>().Single();
        Assert.Equal(2, head.GetInt32("n"));
    }

    [Fact]
    public async Task Transaction_AddingWhatIsThere_Is409AndUndoesTheOthers()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("b", 1));
        var refused = await Assert.ThrowsAsync<TableTransactionFailedException>(() =>
            table.SubmitTransactionAsync([
                new(TableTransactionActionType.Add, Row("a")),
                new(TableTransactionActionType.Add, Row("b", 2)),
            ])
        );
        Assert.Equal(409, refused.Status);
        Assert.True(refused.ErrorCode == TableErrorCode.EntityAlreadyExists);
        Assert.Equal(1, refused.FailedTransactionActionIndex);
        Assert.Equal(["b"], table.Query<TableEntity>().Select(row => row.RowKey));
    }

    [Fact]
    public async Task Transaction_UpdatingWithoutAVersion_Inserts()
    {
        TableClient table = await storage.NewTableAsync();
        await table.SubmitTransactionAsync([new(TableTransactionActionType.UpdateReplace, Row("a", 1))]);
        Assert.Equal(1, table.Query<TableEntity>().Single().GetInt32("n"));
    }

    [Fact]
    public async Task Transaction_OfNothingOrOfTooMuch_IsRefused()
    {
        TableClient table = await storage.NewTableAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => table.SubmitTransactionAsync([]));
        await Assert.ThrowsAnyAsync<RequestFailedException>(() =>
            table.SubmitTransactionAsync(
                Enumerable
                    .Range(0, 101)
                    .Select(i => new TableTransactionAction(TableTransactionActionType.Add, Row($"r{i}")))
            )
        );
        Assert.Empty(table.Query<TableEntity>());
    }

    [Fact]
    public async Task Transaction_WithAHundredLongRows_IsApplied()
    {
        TableClient table = await storage.NewTableAsync();
        string text = string.Concat(Enumerable.Repeat("GET {\"a\":\"b'\"}\r\n--changeset PUT\r\n", 100));
        await table.SubmitTransactionAsync(
            Enumerable
                .Range(0, 100)
                .Select(i => new TableTransactionAction(
                    TableTransactionActionType.Add,
                    new TableEntity("p", $"r{i:D3}") { ["Text"] = text }
                ))
        );
        Assert.Equal(100, table.Query<TableEntity>(row => row.GetString("Text") == text).Count());
    }

    [Fact]
    public async Task Transactions_OfManyWritersOnOneRow_LoseNothing()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(Row("head"));

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Writer(writer)));

        List<TableEntity> rows = [.. table.Query<TableEntity>()];
        Assert.Equal(41, rows.Count);
        Assert.Equal(40, rows.Single(row => row.RowKey == "head").GetInt32("n"));

        async Task Writer(int writer)
        {
            for (int done = 0; done < 5; )
            {
                TableEntity head = await table.GetEntityAsync<TableEntity>("p|1", "head");
                int next = head.GetInt32("n")!.Value + 1;
                try
                {
                    await table.SubmitTransactionAsync([
                        new(TableTransactionActionType.UpdateReplace, Row("head", next), head.ETag),
                        new(TableTransactionActionType.Add, Row($"e|{next:D4}", writer)),
                    ]);
                    done++;
                }
                catch (TableTransactionFailedException other) when (other.Status == 412)
                {
                    // Another writer was first: read again.
                }
            }
        }
    }
}
