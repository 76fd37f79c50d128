using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Portability.Erasure;
using Portability.Terminations;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class ResidueTests(StorageFixture storage)
{
    private const string Schema = """
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, name TEXT, email TEXT, deleted_at TEXT);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users, body TEXT);
        CREATE TABLE audit (id INTEGER PRIMARY KEY, line TEXT);
        INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
        INSERT INTO users VALUES
          (10, 1, 'Anna Berg', 'anna@leaver.example', NULL), (11, 1, 'Bo', 'both@shared.example', '2026-01-01'),
          (20, 2, 'Nils Neighbour', 'nils@stayer.example', NULL), (21, 2, 'Both Sides', 'both@shared.example', NULL);
        INSERT INTO notes VALUES (100, 10, 'x'), (200, 20, 'Anna Berg called, reach her at anna@leaver.example');
        INSERT INTO audit VALUES (1, 'started'), (2, 'both@shared.example signed in');
        """;

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
                { "table": "users", "category": "data", "erase": "delete" },
                { "table": "notes", "category": "data", "erase": "delete" },
                { "name": "files", "prefix": "customers/{tenant}/", "category": "data", "erase": "delete" }
              ],
              "excluded": [
                { "system": "lms", "table": "audit", "reason": "ours" },
                { "system": "media", "prefix": "thumbnails/", "reason": "made from others" }
              ]
            }
            """;

    private async Task<(ErasureBench Bench, BlobContainerClient Container)> StartAsync()
    {
        var container = new BlobContainerClient(storage.ConnectionString, $"media-{Guid.NewGuid():N}");
        await container.CreateAsync();
        await container.UploadBlobAsync("customers/1/a.txt", BinaryData.FromString("a"));
        return (new(storage.ConnectionString, Schema, Map(container.Name)), container);
    }

    private static async Task<VerificationReport> ScanAsync(ErasureBench bench, Func<Task> plant)
    {
        await bench.RunAsync(bench.Order());
        await plant();
        return await bench.VerifyAsync();
    }

    private static DatasetVerification Of(VerificationReport report, string dataset) =>
        report.Datasets.Single(found => found.Dataset == dataset);

    [Fact]
    public async Task Scan_OfACleanErasure_IsNotMisledByWhatOthersOwn()
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;

        var report = await ScanAsync(bench, () => Task.CompletedTask);

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal(2, bench.File.Count("SELECT count(*) FROM users"));
    }

    [Theory]
    [InlineData(
        "PRAGMA foreign_keys = OFF; INSERT INTO users VALUES (10, 1, 'Anna Berg', 'anna@leaver.example', NULL)",
        "users",
        "sealed row"
    )]
    [InlineData(
        "PRAGMA foreign_keys = OFF; INSERT INTO users VALUES (12, 1, 'Cai', 'c@leaver.example', '2026-02-02')",
        "users",
        "came after"
    )]
    [InlineData("PRAGMA foreign_keys = OFF; INSERT INTO notes VALUES (101, 10, 'y')", "users", "refer to rows that")]
    [InlineData("INSERT INTO audit VALUES (3, 'mail to ANNA@leaver.example bounced')", "users", "audit.line (1)")]
    [InlineData("INSERT INTO notes VALUES (201, 20, 'met Anna Berg again')", "users", "notes.body (1)")]
    [InlineData("INSERT INTO audit VALUES (4, 'Leaving Learning AB has left')", "orgs", "audit.line (1)")]
    public async Task Scan_WithPlantedRows_FindsThem(string plant, string dataset, string finding)
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;

        var report = await ScanAsync(
            bench,
            () =>
            {
                bench.File.Run(plant);
                return Task.CompletedTask;
            }
        );

        Assert.Equal(ErasureOutcome.Unproven, Of(report, dataset).Outcome);
        Assert.Contains(Of(report, dataset).Findings, found => found.Contains(finding, StringComparison.Ordinal));
        Assert.DoesNotContain(
            report.Datasets.SelectMany(found => found.Findings),
            found => found.Contains("anna", StringComparison.OrdinalIgnoreCase)
        );
    }

    [Theory]
    [InlineData("customers/1/late.txt", false, "files")]
    [InlineData("customers/1/late.txt", true, "files")]
    [InlineData("thumbnails/anna@leaver.example.png", false, "users")]
    public async Task Scan_WithAPlantedBlob_FindsIt(string name, bool isSnapshot, string dataset)
    {
        var (bench, container) = await StartAsync();
        using var __ = bench;

        var report = await ScanAsync(
            bench,
            async () =>
            {
                await container.UploadBlobAsync(name, BinaryData.FromString("late"));
                if (isSnapshot)
                {
                    await container.GetBlobClient(name).CreateSnapshotAsync();
                }
            }
        );

        Assert.Equal(ErasureOutcome.Unproven, Of(report, dataset).Outcome);
    }

    [Fact]
    public async Task Recount_OfARowPutBackBetweenTwoBatches_FindsIt()
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;
        bench.Gate.Passed = (dataset, _) =>
        {
            if (dataset == "notes")
            {
                bench.File.Run("INSERT OR IGNORE INTO notes VALUES (100, 10, 'put back by a job that still runs')");
            }
        };

        await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();

        // The row itself, and its owner, who could not go while it was there again.
        Assert.Contains("sealed row", Of(report, "notes").Findings[0], StringComparison.Ordinal);
        Assert.Contains("sealed row", Of(report, "users").Findings[0], StringComparison.Ordinal);
        Assert.Equal(ErasureOutcome.Unproven, Of(report, "notes").Outcome);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Recount_OfABlobPutBackBetweenTwoBatches_FindsIt(bool isLeased)
    {
        var (bench, container) = await StartAsync();
        using var _ = bench;
        bench.Gate.Passed = (dataset, _) =>
        {
            if (dataset == "files")
            {
                var blob = container.GetBlobClient("customers/1/a.txt");
                blob.Upload(BinaryData.FromString("back"), overwrite: true);
                blob.CreateSnapshot();
                if (isLeased)
                {
                    blob.GetBlobLeaseClient().Acquire(TimeSpan.FromSeconds(-1));
                }
            }
        };

        await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();
        bench.Gate.Passed = (_, _) => { };
        await bench.RunAsync(bench.Order(run: 2));
        var again = await bench.VerifyAsync(2);

        Assert.Equal((ErasureOutcome.Unproven, 1L), (Of(report, "files").Outcome, Of(report, "files").After));
        Assert.Equal((ErasureOutcome.Verified, 0L), (Of(again, "files").Outcome, Of(again, "files").After));
    }

    [Fact]
    public async Task Scan_OfALaterRun_StillLooksForWhatTheFirstFound()
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;
        bench.File.Run("INSERT INTO audit VALUES (3, 'anna@leaver.example')");
        await bench.RunAsync(bench.Order());
        var first = await bench.VerifyAsync();
        await bench.RunAsync(bench.Order(run: 2));
        var second = await bench.VerifyAsync(2);
        bench.File.Run("DELETE FROM audit WHERE id = 3");
        await bench.RunAsync(bench.Order(run: 3));
        var third = await bench.VerifyAsync(3);

        Assert.Equal((false, false, true), (first.IsProven, second.IsProven, third.IsProven));
    }

    [Fact]
    public async Task Probes_OfAProvenRun_AreDestroyed()
    {
        var (bench, _) = await StartAsync();
        using var __ = bench;
        var runs = new BlobContainerClient(storage.ConnectionString, "erasure-runs");
        async Task<int> CountAsync()
        {
            var count = 0;
            await foreach (var blob in runs.GetBlobsAsync(prefix: $"{bench.CaseId}/"))
            {
                count += blob.Name.Contains("probe", StringComparison.Ordinal) ? 1 : 0;
            }
            return count;
        }
        await bench.RunAsync(bench.Order());
        var before = await CountAsync();

        await bench.VerifyAsync();

        Assert.Equal((2, 0), (before, await CountAsync()));
    }
}
