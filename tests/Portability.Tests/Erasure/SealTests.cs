using System.Text.Json;
using Portability.Erasure;
using Portability.Terminations;
using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class SealTests(StorageFixture storage)
{
    private ErasureBench Bench(int batchRows = 3) => new(storage.ConnectionString, Schema, Map, batchRows);

    [Fact]
    public async Task Release_WhenRetentionEnds_ErasesTheRowsAndTheParentsTheyNeeded()
    {
        using var bench = Bench();
        await bench.RunAsync(bench.Order());
        var later = bench.Order(run: 2, kind: ErasureKind.Release) with
        {
            AsOf = new(2033, 12, 31, 22, 59, 59, TimeSpan.Zero),
        };
        var due = later with { Run = 3, AsOf = new(2033, 12, 31, 23, 0, 0, TimeSpan.Zero) };

        var (early, _) = await bench.RunAsync(later);
        var nothing = early.Datasets.Sum(dataset => dataset.ToDelete);
        var before = bench.File.Count("SELECT count(*) FROM invoices WHERE id = 500");
        await bench.RunAsync(due);
        var report = await bench.VerifyAsync(3);

        Assert.Equal(0, nothing);
        Assert.Equal(1, before);
        Assert.True(report.IsProven);
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM invoices WHERE org_id = 1"));
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM users WHERE org_id = 1"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM orgs WHERE id = 1"));
        Assert.All(report.Datasets, dataset => Assert.Equal(ErasureOutcome.Verified, dataset.Outcome));
    }

    [Fact]
    public async Task Seal_WithAnUnclassifiedTable_RefusesBeforeAnyDeletion()
    {
        using var bench = Bench();
        bench.File.Run("CREATE TABLE surprise (id INTEGER PRIMARY KEY)");

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            bench.Eraser.SealAsync(bench.Order(), CancellationToken.None)
        );

        Assert.Contains("surprise", Assert.Single(refused.Blockers), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            bench.Eraser.EraseAsync(new(bench.CaseId, 1), "posts", null, CancellationToken.None)
        );
    }

    [Theory]
    [InlineData("99", "posts", "no row of any database")]
    [InlineData("1", "postz", "'postz' is no dataset")]
    public async Task Seal_WithAWrongCustomerOrHold_IsRefused(string customer, string held, string reason)
    {
        using var bench = Bench();

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            bench.Eraser.SealAsync(bench.Order(customer: customer, held: held), CancellationToken.None)
        );

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seal_OfACustomerWhomAnotherCaseErased_FindsNothingAndIsNoError()
    {
        using var bench = Bench();

        var plan = await bench.Eraser.SealAsync(
            bench.Order(customer: "99") with
            {
                MayBeGone = true,
            },
            CancellationToken.None
        );

        Assert.All(plan.Datasets, dataset => Assert.Equal(0, dataset.Before));
    }

    [Fact]
    public async Task Seal_Repeated_GivesTheFirstPlan()
    {
        using var bench = Bench();

        var plans = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => bench.NewEraser().SealAsync(bench.Order(), CancellationToken.None))
        );

        Assert.Single(plans.Select(plan => plan.Seal).Distinct());
    }

    [Fact]
    public async Task Certify_OfAVerifiedRun_ReconcilesAndStaysTheSame()
    {
        using var bench = Bench();
        await bench.RunAsync(bench.Order());
        await bench.VerifyAsync();
        var facts = new CertificateFacts
        {
            ContractId = "k-1",
            StartedAt = bench.Order().AsOf,
            CompletedAt = bench.Order().AsOf,
            StreamVersion = 7,
            StreamHash = "ab",
            Export = 1,
            ManifestSha256 = "cd",
            Exported = new Dictionary<string, long> { ["posts"] = 4 },
        };

        var first = await bench.Certificates().IssueAsync(new(bench.CaseId, 1), facts, CancellationToken.None);
        var second = await bench
            .Certificates()
            .IssueAsync(new(bench.CaseId, 1), facts with { StreamHash = "other" }, CancellationToken.None);

        Assert.Equal(first, second);
        var stored = await bench.Certificates().ReadAsync(new(bench.CaseId, 1), CancellationToken.None);
        Assert.Equal(first.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stored!)));
        using var json = JsonDocument.Parse(stored!);
        Assert.Equal("retaining", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("2027-08-05", json.RootElement.GetProperty("backups")[0].GetProperty("expiresOn").GetString());
        foreach (var line in json.RootElement.GetProperty("datasets").EnumerateArray())
        {
            long At(string name) => line.GetProperty(name).GetInt64();
            var parents =
                line.GetProperty("keptParents").ValueKind == JsonValueKind.Null
                    ? 0
                    : line.GetProperty("keptParents").GetProperty("rows").GetInt64();
            Assert.Equal(
                At("before"),
                At("deleted")
                    + At("anonymised")
                    + At("unlinked")
                    + At("retained")
                    + At("held")
                    + At("tombstones")
                    + parents
            );
        }
    }

    [Fact]
    public async Task Access_FrozenRestoredAndClosed_FollowsTheMap()
    {
        using var bench = Bench();
        var access = new AccountAccess(bench.Systems, TimeProvider.System);
        var states = new List<string>();
        async Task Do(Func<string, CancellationToken, Task> step)
        {
            await step("1", CancellationToken.None);
            await step("1", CancellationToken.None);
            states.Add((string)bench.File.Scalar("SELECT status FROM orgs WHERE id = 1")!);
        }

        await Do(access.FreezeAsync);
        await Do(access.RestoreAsync);
        await Do(access.CloseAsync);

        Assert.Equal(["frozen", "active", "closed"], states);
        Assert.Equal("active", bench.File.Scalar("SELECT status FROM orgs WHERE id = 2"));
    }
}
