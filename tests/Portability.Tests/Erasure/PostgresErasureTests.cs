using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.Exports;

namespace Portability.Tests.Erasure;

[Collection(ExportTests.Name)]
public sealed class PostgresErasureTests(ExportHouse house)
{
    [Fact]
    public async Task Case_OfACustomerInPostgres_IsExportedErasedAndProven()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        // Blobs are shared with the export tests; this case is about the database.
        var systems = new MappedSystems(
            lms.Map with
            {
                Systems = [.. lms.Map.Systems.OfType<SqlSystem>()],
                Blobs = [],
            },
            new ConfigurationBuilder().AddInMemoryCollection(lms.Settings()).Build()
        );
        await using var exporter = lms.Exporter();
        var formats = new[] { "csv" };
        var access = new AccountAccess(systems, house.Clock);
        await access.FreezeAsync(house.Lms.Leaving.CustomerId, CancellationToken.None);
        var (summary, _) = await house.ExportAsync(exporter, house.Order() with { Formats = ["csv", "sql"] });
        var (_, neighbour) = await house.ExportAsync(
            exporter,
            house.Order(house.Lms.Staying.CustomerId) with
            {
                Formats = formats,
            }
        );
        var eraser = new Eraser(systems, house.Blobs, ErasureBench.Keys, new TestGate(), TimeProvider.System);
        var end = new DateTimeOffset(2026, 3, 31, 22, 0, 0, TimeSpan.Zero);
        var order = new ErasureOrder
        {
            CaseId = $"case-{Guid.NewGuid():N}",
            Run = 1,
            CustomerId = house.Lms.Leaving.CustomerId,
            Kind = ErasureKind.Full,
            AsOf = end.AddDays(91),
            EffectiveEnd = end,
            TimeZone = "Europe/Stockholm",
        };

        var plan = await eraser.SealAsync(order, CancellationToken.None);
        foreach (var dataset in plan.Datasets)
        {
            var outcome = await eraser.EraseAsync(order.Ref, dataset.Name, null, CancellationToken.None);
            Assert.True(outcome is { Done: true, Remaining: 0 }, dataset.Name);
        }
        var report = await eraser.VerifyAsync(order.Ref, CancellationToken.None);
        await access.CloseAsync(house.Lms.Leaving.CustomerId, CancellationToken.None);

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.True(summary.Rows > 2000);
        Assert.Contains(plan.Datasets, dataset => dataset.Retained.Count > 0);
        Assert.True(report.Datasets.Sum(dataset => dataset.Deleted) > 2000);
        Assert.All(
            await lms.Database.RowsAsync("SELECT status FROM accounts WHERE organisation_id = 1"),
            status => Assert.Equal("closed", status)
        );
        foreach (var planned in plan.Datasets)
        {
            var verified = report.Datasets.Single(dataset => dataset.Dataset == planned.Name);
            Assert.Equal(planned.ToDelete, verified.Deleted);
            Assert.Equal(planned.Retained.Sum(rows => rows.Rows), verified.Retained);
        }
        var (_, after) = await house.ExportAsync(
            exporter,
            house.Order(house.Lms.Staying.CustomerId) with
            {
                Formats = formats,
            }
        );
        foreach (var file in Directory.GetFiles(Path.Combine(neighbour, "csv")))
        {
            Assert.Equal(
                await File.ReadAllTextAsync(file),
                await File.ReadAllTextAsync(Path.Combine(after, "csv", Path.GetFileName(file)))
            );
        }
    }
}
