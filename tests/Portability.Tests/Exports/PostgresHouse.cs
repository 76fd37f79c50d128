using Portability.DataMap;
using Portability.Demo;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>The sample LMS of the export tests, in PostgreSQL.</summary>
internal sealed class PostgresHouse : IAsyncDisposable
{
    private readonly ExportHouse house;
    private readonly TenantDataMap map;

    private PostgresHouse(ExportHouse house, PostgresDatabase database, TenantDataMap map)
    {
        this.house = house;
        Database = database;
        this.map = map;
    }

    public PostgresDatabase Database { get; }

    public TenantDataMap Map => map;

    public static async Task<PostgresHouse> CreateAsync(ExportHouse house)
    {
        var database = await PostgresServer.CreateAsync();
        await PostgresLms.CopyAsync(house.Lms, database.ConnectionString);
        return new(house, database, SampleMap(house.Folder));
    }

    /// <summary>The sample's data map with nothing but the provider changed.</summary>
    public static TenantDataMap SampleMap(DirectoryInfo folder)
    {
        var text = File.ReadAllText(Checkout.Find(Path.Combine("demo", "datamap.json"))!);
        var path = Path.Combine(folder.CreateSubdirectory($"map-{Guid.NewGuid():N}").FullName, "datamap.json");
        File.WriteAllText(path, text.Replace("\"sqlite\"", "\"postgres\"", StringComparison.Ordinal));
        return TenantDataMap.Load(path);
    }

    public Dictionary<string, string?> Settings() =>
        new() { ["Lms"] = Database.ConnectionString, ["LmsMedia"] = house.Azurite.ConnectionString };

    public Exporter Exporter(ExportLimits? limits = null) => house.Exporter(map, Settings(), limits);

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
