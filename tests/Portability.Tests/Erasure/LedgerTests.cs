using System.Text;
using Azure;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Portability.Erasure;
using Portability.Storage;
using Portability.Tests.Cli;
using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Erasure;

/// <summary>There is one ledger for all cases, so these tests have an Azurite of their own and each begins with an empty one.</summary>
public sealed class LedgerTests(StorageFixture azurite) : IClassFixture<StorageFixture>, IAsyncLifetime
{
    private TableServiceClient Tables => new(azurite.ConnectionString);

    private TableClient Rows => Tables.GetTableClient(StorageSetup.Ledger);

    public async Task InitializeAsync()
    {
        await Tables.DeleteTableAsync(StorageSetup.Ledger);
        await Blobs.GetBlobContainerClient("certificates").DeleteIfExistsAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Fact]
    public async Task Record_OfAVerifiedRun_HoldsItsCountsAndNoValueOfItsRows()
    {
        using var bench = await ErasedAsync();

        var place = await RecordAsync(bench);
        var again = await RecordAsync(bench);

        Assert.Equal(place, again);
        var record = Assert.Single(await ReadAsync());
        Assert.Equal((1, bench.CaseId, "1"), (record.Entry.Number, record.Entry.CaseId, record.Entry.CustomerId));
        Assert.Equal(new DateOnly(2027, 8, 5), record.Entry.BackupsExpireOn);
        var posts = record.Entry.Datasets.Single(dataset => dataset.Dataset == "posts");
        Assert.Equal((4L, 4L, 4, true), (posts.Before, posts.Deleted, posts.Marks, posts.MarksAreAll));
        // Shared rows say nothing of who the customer is.
        Assert.Equal(0, record.Entry.Datasets.Single(dataset => dataset.Dataset == "books").Marks);
        TableEntity row = await Rows.GetEntityAsync<TableEntity>(LedgerTable.Partition, LedgerEntryRow.KeyOf(1));
        string stored = string.Join('\n', row.Select(property => property.Value?.ToString()));
        Assert.All(
            (string[])["a@x", "b@x", "Leaver", "Ann", "10.0.0.1", "seat", "ours"],
            value => Assert.DoesNotContain(value, stored, StringComparison.OrdinalIgnoreCase)
        );
    }

    [Fact]
    public async Task Record_ByManyAtOnce_MakesOneChainWithAnEntryForEach()
    {
        using var one = await ErasedAsync();
        using var two = await ErasedAsync();
        using var three = await ErasedAsync();

        await Task.WhenAll(
            ((ErasureBench[])[one, two, three, one, two, three]).Select(bench => Task.Run(() => RecordAsync(bench)))
        );

        var audit = await new LedgerReader(Tables, Blobs).VerifyAsync(CancellationToken.None);
        Assert.Empty(audit.Problems);
        Assert.Equal(3, audit.Entries);
        Assert.Equal(3, (await ReadAsync()).Select(record => record.Entry.CaseId).Distinct().Count());
    }

    [Fact]
    public async Task Record_AfterTheRunWasForgotten_GivesTheEntryThatIsThere()
    {
        using var bench = await ErasedAsync();
        var place = await RecordAsync(bench);
        await bench.Eraser.ForgetAsync(bench.CaseId, CancellationToken.None);

        Assert.Equal(place, await RecordAsync(bench));
    }

    [Fact]
    public async Task Record_OfALongEntry_IsReadBackWhole()
    {
        using var bench = await ErasedAsync();
        await RecordAsync(bench);
        var first = (await ReadAsync())[0];
        var wide = first.Entry with
        {
            CaseId = "case-wide",
            Datasets =
            [
                .. Enumerable
                    .Range(0, 300)
                    .Select(i => first.Entry.Datasets[0] with { Dataset = $"dataset_{i}", Marks = 0 }),
            ],
        };

        await new LedgerTable(Tables, Blobs).AppendAsync(wide, LedgerMarks.Of([]), CancellationToken.None);

        Assert.Equal(300, (await ReadAsync())[1].Entry.Datasets.Count);
    }

    [Fact]
    public async Task Verify_OfALedgerThatWasTamperedWith_FindsIt()
    {
        foreach (int _ in Enumerable.Range(0, 3))
        {
            using var bench = await ErasedAsync();
            await CertifyAsync(bench, await RecordAsync(bench));
        }
        var whole = await Commands.RunAsync("ledger", "verify", "--connection", Storage);
        string last = whole.Output.Split('\n')[0][^64..];
        Assert.Equal((0, ""), (whole.Status, whole.Errors));
        Assert.Contains("Ledger: 3 entries", whole.Output, StringComparison.Ordinal);
        Assert.Contains("Certificates that name an entry: 3", whole.Output, StringComparison.Ordinal);
        Assert.EndsWith("Intact.\n", whole.Output, StringComparison.Ordinal);

        await FoundAsync("changed", "entry 2 was changed");
        await FoundAsync("removed", "entry 2 is missing");
        // By the chain alone these two are whole: the signed certificates show it, and what is kept elsewhere.
        await FoundAsync("cut off", "names entry 3, which is missing", last);
        await FoundAsync("written anew", "names another entry 2", last);
    }

    private async Task FoundAsync(string how, string finding, string? expected = null)
    {
        Func<Task> mend = await TamperAsync(how);
        var (status, _, errors) = await Commands.RunAsync("ledger", "verify", "--connection", Storage);
        Assert.Equal(1, status);
        Assert.Contains(finding, errors, StringComparison.OrdinalIgnoreCase);
        if (expected is null)
        {
            await Assert.ThrowsAsync<LedgerBrokenException>(ReadAsync);
        }
        else
        {
            Assert.NotEmpty(await ReadAsync());
            var kept = await Commands.RunAsync("ledger", "verify", "--connection", Storage, "--expect", expected);
            Assert.Contains($"No entry has the expected hash {expected}", kept.Errors, StringComparison.Ordinal);
        }
        await mend();
    }

    [Fact]
    public async Task Verify_OfNoLedger_IsIntactAndEmpty()
    {
        var (status, output, _) = await Commands.RunAsync("ledger", "verify", "--connection", Storage);

        Assert.Equal(0, status);
        Assert.Contains("Ledger: 0 entries", output, StringComparison.Ordinal);
    }

    private string Storage => $"AzureWebJobsStorage={azurite.ConnectionString}";

    private BlobServiceClient Blobs => new(azurite.ConnectionString);

    private Task<IReadOnlyList<LedgerRecord>> ReadAsync() =>
        new LedgerReader(Tables, Blobs).ReadAsync(CancellationToken.None);

    private async Task<ErasureBench> ErasedAsync()
    {
        var bench = new ErasureBench(azurite.ConnectionString, Schema, Map);
        await bench.RunAsync(bench.Order());
        await bench.VerifyAsync();
        return bench;
    }

    private Task<LedgerPlace> RecordAsync(ErasureBench bench) =>
        new ErasureLedger(bench.Systems, Tables, Blobs, ErasureBench.Keys).RecordAsync(
            new(bench.CaseId, 1),
            "k-1",
            CancellationToken.None
        );

    private static Task CertifyAsync(ErasureBench bench, LedgerPlace place) =>
        bench
            .Certificates()
            .IssueAsync(
                new(bench.CaseId, 1),
                new()
                {
                    ContractId = "k-1",
                    StartedAt = bench.Order().AsOf,
                    CompletedAt = bench.Order().AsOf,
                    StreamVersion = 7,
                    StreamHash = "ab",
                    Ledger = place,
                },
                CancellationToken.None
            );

    /// <summary>As somebody would who can write to the storage account. Gives the way back.</summary>
    private async Task<Func<Task>> TamperAsync(string how)
    {
        List<LedgerEntryRow> was = await RowsAsync();
        List<LedgerEntryRow> rows = await RowsAsync();
        LedgerHeadRow head = await Rows.GetEntityAsync<LedgerHeadRow>(LedgerTable.Partition, LedgerHeadRow.Key);
        (long count, string lastHash) = (head.Count, head.LastHash);
        switch (how)
        {
            case "changed":
                rows[1].Body = Changed(rows[1]);
                await PutAsync(rows[1]);
                break;
            case "removed":
                await Rows.DeleteEntityAsync(LedgerTable.Partition, rows[1].RowKey, ETag.All);
                break;
            case "cut off":
                await Rows.DeleteEntityAsync(LedgerTable.Partition, rows[2].RowKey, ETag.All);
                (head.Count, head.LastHash) = (2, rows[1].Hash);
                await PutAsync(head);
                break;
            case "written anew":
                rows[1].Body = Changed(rows[1]);
                for (int at = 1; at < 3; at++)
                {
                    rows[at].PreviousHash = rows[at - 1].Hash;
                    rows[at].Hash = LedgerChain.Hash(rows[at - 1].Hash, at + 1, rows[at].Body!, rows[at].Marks);
                    await PutAsync(rows[at]);
                }
                head.LastHash = rows[2].Hash;
                await PutAsync(head);
                break;
        }
        return async () =>
        {
            foreach (LedgerEntryRow row in was)
            {
                await PutAsync(row);
            }
            (head.Count, head.LastHash) = (count, lastHash);
            await PutAsync(head);
        };
    }

    private static string Changed(LedgerEntryRow row) =>
        row.Body!.Replace("\"deleted\":4", "\"deleted\":5", StringComparison.Ordinal);

    private async Task<List<LedgerEntryRow>> RowsAsync()
    {
        var rows = new List<LedgerEntryRow>();
        foreach (int number in Enumerable.Range(1, 3))
        {
            rows.Add(await Rows.GetEntityAsync<LedgerEntryRow>(LedgerTable.Partition, LedgerEntryRow.KeyOf(number)));
        }
        return rows;
    }

    private Task PutAsync(ITableEntity row) => Rows.UpsertEntityAsync(row, TableUpdateMode.Replace);
}
