using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Portability.Erasure;
using Portability.Terminations;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class BlobErasureTests(StorageFixture storage)
{
    private static string Map(string container) =>
        $$"""
            {
              "systems": [
                { "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } },
                { "name": "media", "kind": "blob", "connection": "Media", "container": "{{container}}" }
              ],
              "categories": { "data": "Data" },
              "datasets": [
                { "table": "orgs", "category": "data", "erase": "delete" },
                { "name": "files", "prefix": "customers/{tenant}/", "category": "data", "erase": "delete" }
              ],
              "excluded": [{ "prefix": "customers/templates/", "reason": "ours" }]
            }
            """;

    private async Task<(ErasureBench Bench, BlobContainerClient Container)> StartAsync()
    {
        var container = new BlobContainerClient(storage.ConnectionString, $"media-{Guid.NewGuid():N}");
        await container.CreateAsync();
        foreach (
            var name in new[]
            {
                "customers/1/a.mp4",
                "customers/1/deep/b.png",
                "customers/1/ö 'c'.txt",
                "customers/11/n.mp4",
                "customers/templates/t.txt",
            }
        )
        {
            await container.UploadBlobAsync(name, BinaryData.FromString(name));
        }
        await container.GetBlobClient("customers/1/a.mp4").CreateSnapshotAsync();
        var bench = new ErasureBench(
            storage.ConnectionString,
            "CREATE TABLE orgs (id INTEGER PRIMARY KEY); INSERT INTO orgs VALUES (1), (11);",
            Map(container.Name)
        );
        return (bench, container);
    }

    private static async Task<List<string>> NamesAsync(BlobContainerClient container)
    {
        var names = new List<string>();
        await foreach (var blob in container.GetBlobsAsync(states: Azure.Storage.Blobs.Models.BlobStates.Snapshots))
        {
            names.Add(blob.Name);
        }
        return names;
    }

    [Fact]
    public async Task Erase_OfAPrefix_TakesSnapshotsAndLeasedBlobsAndNothingElse()
    {
        var (bench, container) = await StartAsync();
        using var _ = bench;
        await container
            .GetBlobClient("customers/1/deep/b.png")
            .GetBlobLeaseClient()
            .AcquireAsync(TimeSpan.FromSeconds(-1));

        var (plan, outcomes) = await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();

        Assert.Equal(["customers/11/n.mp4", "customers/templates/t.txt"], await NamesAsync(container));
        Assert.Equal(3, plan.Datasets.Single(dataset => dataset.Name == "files").Before);
        Assert.Equal(3, outcomes["files"].Deleted);
        Assert.True(report.IsProven);
    }

    [Fact]
    public async Task Erase_Repeated_CountsTheSame()
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;
        var (_, outcomes) = await bench.RunAsync(bench.Order());

        var again = await bench.NewEraser().EraseAsync(new(bench.CaseId, 1), "files", null, CancellationToken.None);

        Assert.Equal(outcomes["files"], again);
    }

    [Fact]
    public async Task Verify_WithABlobThatCameBack_IsUnproven()
    {
        var (bench, container) = await StartAsync();
        using var _ = bench;
        await bench.RunAsync(bench.Order());
        await container.UploadBlobAsync("customers/1/late.txt", BinaryData.FromString("late"));

        var report = await bench.VerifyAsync();

        Assert.Equal(ErasureOutcome.Unproven, report.Datasets.Single(dataset => dataset.Dataset == "files").Outcome);
    }

    [Fact]
    public async Task Seal_WithAnUnclassifiedPrefix_RefusesAsAWhole()
    {
        var (bench, container) = await StartAsync();
        using var _ = bench;
        await container.UploadBlobAsync("exports/x.zip", BinaryData.FromString("?"));

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            bench.Eraser.SealAsync(bench.Order(), CancellationToken.None)
        );

        Assert.Contains("'exports/'", Assert.Single(refused.Blockers), StringComparison.Ordinal);
        Assert.Equal(7, (await NamesAsync(container)).Count);
    }

    [Fact]
    public async Task Erase_UnderAHold_TouchesNoBlob()
    {
        var (bench, container) = await StartAsync();
        using var _ = bench;

        await bench.RunAsync(bench.Order(held: "files"));
        var report = await bench.VerifyAsync();

        Assert.Equal(6, (await NamesAsync(container)).Count);
        Assert.Equal(ErasureOutcome.Held, report.Datasets.Single(dataset => dataset.Dataset == "files").Outcome);
    }
}
