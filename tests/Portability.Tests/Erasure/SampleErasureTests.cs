using System.Diagnostics;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Demo;
using Portability.Erasure;
using Portability.Terminations;
using Xunit.Abstractions;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class SampleErasureTests(StorageFixture storage, ITestOutputHelper output) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("sample-erasure-").FullName;

    /// <summary>Rows of the sample; a larger number makes this a measurement.</summary>
    private static int RowCount =>
        int.TryParse(Environment.GetEnvironmentVariable("PORTABILITY_SAMPLE_ROWS"), out var rows)
            ? rows
            : SampleLms.DefaultRows;

    [Fact]
    public async Task Erase_OfTheSampleCustomer_LeavesTheOtherUnchanged()
    {
        var lms = await SampleLms.CreateAsync(Path.Combine(folder, "lms.db"), RowCount);
        await lms.UploadMediaAsync(storage.ConnectionString);
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(
                new Dictionary<string, string?>
                {
                    ["Lms"] = lms.ConnectionString,
                    ["LmsMedia"] = storage.ConnectionString,
                }
            )
            .Build();
        var systems = new MappedSystems(
            TenantDataMap.Load(Checkout.Find(Path.Combine("demo", "datamap.json"))!),
            settings
        );
        var eraser = new Eraser(
            systems,
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            new TestGate(),
            TimeProvider.System
        );
        var end = new DateTimeOffset(2026, 3, 31, 22, 0, 0, TimeSpan.Zero);
        var order = new ErasureOrder
        {
            CaseId = $"case-{Guid.NewGuid():N}",
            Run = 1,
            CustomerId = lms.Leaving.CustomerId,
            Kind = ErasureKind.Full,
            AsOf = end.AddDays(91),
            EffectiveEnd = end,
            TimeZone = "Europe/Stockholm",
        };
        var staying = await lms.DigestAsync(lms.Staying.CustomerId);

        var plan = await TimedAsync("seal", () => eraser.SealAsync(order, CancellationToken.None));
        foreach (var dataset in plan.Datasets)
        {
            var outcome = await TimedAsync(
                dataset.Name,
                () => eraser.EraseAsync(order.Ref, dataset.Name, null, CancellationToken.None)
            );
            Assert.True(outcome is { Done: true, Remaining: 0 });
        }
        var report = await TimedAsync("verify", () => eraser.VerifyAsync(order.Ref, CancellationToken.None));
        await new AccountAccess(systems, TimeProvider.System).CloseAsync(
            lms.Leaving.CustomerId,
            CancellationToken.None
        );

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal(staying.Sha256, (await lms.DigestAsync(lms.Staying.CustomerId)).Sha256);
        var left = await lms.CountAsync(lms.Leaving.CustomerId);
        foreach (var planned in plan.Datasets.Where(dataset => dataset.Kind == "sql" && left.ContainsKey(dataset.Name)))
        {
            var listed = planned.Retained.Sum(rows => rows.Rows) + planned.KeptParents + planned.Tombstones;
            Assert.Equal(
                (planned.Name, planned.Rule == "unlink" ? left[planned.Name] : listed),
                (planned.Name, left[planned.Name])
            );
            if (listed > 0)
            {
                output.WriteLine(
                    $"{planned.Name}: {planned.Before} before, {listed} left, parents needed by {string.Join(", ", planned.NeededBy)}"
                );
            }
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<T> TimedAsync<T>(string what, Func<Task<T>> run)
    {
        var started = Stopwatch.GetTimestamp();
        var result = await run();
        output.WriteLine($"{what}: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
        return result;
    }
}
