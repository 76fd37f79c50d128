using Azure;
using Azure.Data.Tables;

namespace Portability.Local.Tests.Tables;

[Collection(StorageCollection.Name)]
public sealed class QueryTests(StorageFixture storage)
{
    [Fact]
    public async Task Query_ByPages_GivesEveryRowOnceInOrderOfKeys()
    {
        TableClient table = await storage.NewTableAsync();
        string[] rows = [.. Enumerable.Range(0, 25).Select(i => $"r|{i:D3}")];
        foreach (string[] chunk in rows.Reverse().Chunk(10))
        {
            await table.SubmitTransactionAsync(
                chunk.Select(row => new TableTransactionAction(
                    TableTransactionActionType.Add,
                    new TableEntity("p", row)
                ))
            );
        }

        List<int> sizes = [];
        List<string> seen = [];
        string? token = null;
        await foreach (Page<TableEntity> page in table.QueryAsync<TableEntity>(maxPerPage: 10).AsPages())
        {
            sizes.Add(page.Values.Count);
            seen.AddRange(page.Values.Select(row => row.RowKey));
            token ??= page.ContinuationToken;
        }
        Assert.Equal([10, 10, 5], sizes);
        Assert.Equal(rows, seen);

        List<string> rest = [];
        await foreach (Page<TableEntity> page in table.QueryAsync<TableEntity>().AsPages(token, pageSizeHint: 7))
        {
            Assert.InRange(page.Values.Count, 1, 7);
            rest.AddRange(page.Values.Select(row => row.RowKey));
        }
        Assert.Equal(rows[10..], rest);
    }

    [Fact]
    public async Task Query_WithSelect_LeavesTheOthersOut()
    {
        TableClient table = await storage.NewTableAsync();
        await table.AddEntityAsync(new TableEntity("p", "r") { ["a"] = 1, ["b"] = 2 });
        TableEntity row = table.Query<TableEntity>(select: ["RowKey", "b"]).Single();
        Assert.Equal(("r", 2), (row.RowKey, row.GetInt32("b")));
        Assert.False(row.ContainsKey("a"));
    }

    [Fact]
    public async Task Query_ByEachType_ComparesAsThatType()
    {
        TableClient table = await storage.NewTableAsync();
        var id = Guid.NewGuid();
        var at = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0; i < 3; i++)
        {
            await table.AddEntityAsync(
                new TableEntity("p", $"r{i}")
                {
                    ["Text"] = $"o'{i}",
                    ["Whole"] = i,
                    ["Long"] = 10_000_000_000L + i,
                    ["Real"] = i + 0.5,
                    ["Truth"] = i == 1,
                    ["Id"] = i == 1 ? id : Guid.NewGuid(),
                    ["At"] = at.AddDays(i),
                }
            );
        }

        Assert.Equal(["r1"], Keys(TableClient.CreateQueryFilter($"Text eq {"o'1"}")));
        Assert.Equal(["r2"], Keys(TableClient.CreateQueryFilter($"Whole gt {1}")));
        Assert.Equal(["r0", "r1"], Keys(TableClient.CreateQueryFilter($"Long le {10_000_000_001L}")));
        Assert.Equal(["r2"], Keys(TableClient.CreateQueryFilter($"Real ge {2.0}")));
        Assert.Equal(["r1"], Keys(TableClient.CreateQueryFilter($"Truth eq {true}")));
        Assert.Equal(["r1"], Keys(TableClient.CreateQueryFilter($"Id eq {id}")));
        Assert.Equal(["r0", "r1"], Keys(TableClient.CreateQueryFilter($"At lt {at.AddDays(2)}")));
        Assert.Empty(Keys(TableClient.CreateQueryFilter($"Absent eq {1}")));

        IEnumerable<string> Keys(string filter) => table.Query<TableEntity>(filter).Select(row => row.RowKey);
    }

    [Fact]
    public async Task Query_ByExpression_SelectsTheSameRows()
    {
        TableClient table = await storage.NewTableAsync();
        var at = new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);
        for (int i = 0; i < 4; i++)
        {
            await table.AddEntityAsync(
                new TableEntityTests.Model
                {
                    PartitionKey = "p",
                    RowKey = $"r{i}",
                    Whole = i,
                    Truth = i % 2 == 0,
                    Colour = (TableEntityTests.Colour)(i / 2),
                    At = at.AddDays(i),
                    Renamed = $"n{i}",
                }
            );
        }

        int limit = 1;
        Assert.Equal(["r2", "r3"], Keys(row => row.Whole > limit));
        Assert.Equal(["r0", "r1"], Keys(row => limit >= row.Whole));
        Assert.Equal(["r0", "r2"], Keys(row => row.Truth));
        Assert.Equal(["r1", "r3"], Keys(row => !row.Truth));
        Assert.Equal(["r2", "r3"], Keys(row => row.Colour == TableEntityTests.Colour.Green));
        Assert.Equal(["r1"], Keys(row => row.Renamed == "n1"));
        Assert.Equal(["r0", "r3"], Keys(row => row.Whole == 0 || (row.Whole > 1 && row.At >= at.AddDays(3))));
        Assert.Equal(
            ["r1", "r2"],
            Keys(row => string.CompareOrdinal(row.RowKey, "r1") >= 0 && row.RowKey.CompareTo("r3") < 0)
        );
        Assert.Equal(4, Keys(row => true).Count());
        Assert.Equal(
            ["r3"],
            table
                .Query<TableEntity>(row => row.GetInt32("Whole") == 3 && (bool)row["Truth"] == false)
                .Select(r => r.RowKey)
        );
        Assert.Throws<NotSupportedException>(() => Keys(row => row.Text!.Length == 1));

        IEnumerable<string> Keys(System.Linq.Expressions.Expression<Func<TableEntityTests.Model, bool>> filter) =>
            table.Query(filter).Select(row => row.RowKey);
    }

    [Fact]
    public void CreateQueryFilter_EscapesValuesAndNothingElse()
    {
        string hostile = "x' or 'a' eq 'a";
        Assert.Equal("Name eq 'x'' or ''a'' eq ''a'", TableClient.CreateQueryFilter($"Name eq {hostile}"));
        Assert.Equal(
            "A eq 1 and B eq 2L and C eq 3.0",
            TableClient.CreateQueryFilter($"A eq {1} and B eq {2L} and C eq {3.0}")
        );
        Assert.Equal("X eq X'00FF'", TableClient.CreateQueryFilter($"X eq {new byte[] { 0, 255 }}"));
    }
}
