using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Demo;
using Portability.Exports;
using Portability.Storage;

namespace Portability.Tests.Exports;

/// <summary>One Azurite and one sample LMS for all export tests; each test takes a case of its own.</summary>
public sealed class ExportHouse : IAsyncLifetime
{
    private int _cases;

    internal AzuriteProcess Azurite { get; private set; } = null!;

    internal SampleLms Lms { get; private set; } = null!;

    internal DirectoryInfo Folder { get; } = Directory.CreateTempSubdirectory("portability-exports-");

    internal TestClock Clock { get; } = new();

    internal BlobServiceClient Blobs => new(Azurite.ConnectionString);

    internal TableServiceClient Tables => new(Azurite.ConnectionString);

    public async Task InitializeAsync()
    {
        Azurite = await AzuriteProcess.StartAsync();
        Lms = await SampleLms.CreateAsync(Path.Combine(Folder.FullName, "lms.db"), rows: 6_000);
        await Lms.UploadMediaAsync(Azurite.ConnectionString);
    }

    public async Task DisposeAsync()
    {
        await Azurite.DisposeAsync();
        Folder.Delete(recursive: true);
    }

    internal ExportStore Store() => new(Blobs);

    internal Exporter SampleExporter(ExportLimits? limits = null) =>
        Exporter(
            TenantDataMap.Load(Checkout.Find(Path.Combine("demo", "datamap.json"))!),
            new() { ["Lms"] = Lms.ConnectionString, ["LmsMedia"] = Azurite.ConnectionString },
            limits
        );

    internal Exporter Exporter(TenantDataMap map, Dictionary<string, string?> settings, ExportLimits? limits = null) =>
        new(
            new MappedSystems(map, new ConfigurationBuilder().AddInMemoryCollection(settings).Build()),
            Store(),
            new ExportProgress(Tables, Clock),
            Clock,
            limits
        );

    internal ExportLinks Links() => new(Store(), Clock);

    internal ExportOrder Order(string? customer = null) =>
        new()
        {
            CaseId = $"case-{Interlocked.Increment(ref _cases)}",
            Number = 1,
            CustomerId = customer ?? Lms.Leaving.CustomerId,
            Locale = "sv",
            RequestedAt = Clock.GetUtcNow(),
        };

    /// <summary>Writes every file of a planned export.</summary>
    internal static async Task<IReadOnlyList<WrittenFile>> WriteAllAsync(Exporter exporter, ExportPlan plan)
    {
        var export = new ExportRef(plan.Order.CaseId, plan.Order.Number);
        var written = new List<WrittenFile>();
        foreach (var file in plan.Datasets.SelectMany(dataset => dataset.Files))
        {
            string? cursor = null;
            while (await exporter.WriteFileAsync(export, file.Index, cursor, default) is FileOutcome.More more)
            {
                cursor = more.Cursor;
            }

            var done = (FileOutcome.Done)await exporter.WriteFileAsync(export, file.Index, null, default);
            written.Add(done.File);
        }

        return written;
    }

    /// <summary>Fetches every file of a finished export by its link, with a plain HTTP client, into a folder of its own.</summary>
    internal async Task<string> DownloadAsync(ExportRef export)
    {
        var folder = Folder.CreateSubdirectory($"{export.CaseId}-{export.Number}-{Guid.NewGuid():N}").FullName;
        using var http = new HttpClient();
        foreach (var link in await Links().MintAsync(export, null, Clock.GetUtcNow().AddDays(1), default))
        {
            var path = Path.GetFullPath(Path.Combine(folder, link.File));
            Assert.StartsWith(folder, path, StringComparison.Ordinal);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, await http.GetByteArrayAsync(link.Url));
        }

        return folder;
    }

    /// <summary>Plans, writes, completes and downloads an export.</summary>
    internal async Task<(ExportSummary Summary, string Folder)> ExportAsync(Exporter exporter, ExportOrder order)
    {
        var plan = await exporter.PlanAsync(order, default);
        await WriteAllAsync(exporter, plan);
        var export = new ExportRef(order.CaseId, order.Number);
        var summary = await exporter.CompleteAsync(export, default);
        return (summary, await DownloadAsync(export));
    }
}

[CollectionDefinition(Name)]
public sealed class ExportTests : ICollectionFixture<ExportHouse>
{
    public const string Name = "Exports";
}

/// <summary>A clock ahead of the real one, as the embedded runtime's is; timestamps stay real.</summary>
internal sealed class TestClock : TimeProvider
{
    private TimeSpan _ahead = TimeSpan.FromDays(100);

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _ahead;

    public void Advance(TimeSpan by) => _ahead += by;
}
