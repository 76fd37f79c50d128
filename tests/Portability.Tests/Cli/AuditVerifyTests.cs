using Azure;
using Azure.Data.Tables;
using Portability.Storage;
using Portability.Tests.Storage;

namespace Portability.Tests.Cli;

[Collection(StoreCollection.Name)]
public sealed class AuditVerifyTests(StoreFixture storage)
{
    private Task<(int Status, string Output, string Errors)> VerifyAsync(string id) =>
        Commands.RunAsync("audit", "verify", id, "--connection", $"AzureWebJobsStorage={storage.ConnectionString}");

    [Fact]
    public async Task Verify_OfAWholeCase_SaysWhatWasVerified()
    {
        string id = StoreFixture.NewId();
        await storage.Store.AppendAsync(id, "one", Sample.Export(1));
        CaseStream stream = await storage.Store.AppendAsync(id, "two", Sample.Export(2));

        var (status, output, errors) = await VerifyAsync(id);

        Assert.Equal((0, ""), (status, errors));
        Assert.Contains($"Case {id}: 2 events, last hash {stream.LastHash}", output, StringComparison.Ordinal);
        Assert.Contains("Actors: agent-1 (2)", output, StringComparison.Ordinal);
        Assert.EndsWith("Intact.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfAChangedCase_NamesTheEventAndEndsWithOne()
    {
        string id = StoreFixture.NewId();
        await storage.Store.AppendAsync(id, "one", Sample.Export(1));
        TableEntity row = await storage.Streams.GetEntityAsync<TableEntity>(id, EventRow.KeyOf(1));
        row["Actor"] = "somebody-else";
        await storage.Streams.UpdateEntityAsync(row, ETag.All, TableUpdateMode.Replace);

        var (status, _, errors) = await VerifyAsync(id);

        Assert.Equal(1, status);
        Assert.StartsWith("Event 1: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verify_OfNoCase_IsNotDone()
    {
        var (status, _, errors) = await VerifyAsync("case-none");

        Assert.Equal(2, status);
        Assert.Contains("There is no case 'case-none'", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("--connection", "AzureWebJobsStorage=AccountKey=c2VjcmV0LXRleHQ=")]
    [InlineData("--connection", "AzureWebJobsStorage__blobServiceUri=http://plain.example")]
    public async Task Verify_WithoutUsableStorage_IsNotDoneAndSaysWhichSetting(params string[] settings)
    {
        var (status, _, errors) = await Commands.RunAsync(["audit", "verify", "case-1", .. settings]);

        Assert.Equal(2, status);
        Assert.Contains("AzureWebJobsStorage", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0LXRleHQ", errors, StringComparison.Ordinal);
    }
}
