using Portability.DataMap;
using Portability.Sources;
using Portability.Tests.Sources;

namespace Portability.Tests.DataMap;

/// <summary>Writes maps for one SQLite system and plans them.</summary>
internal static class MapFile
{
    public const string Systems = """
        "systems": [{ "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
        "categories": { "data": "Data" },
        "retention": { "books": { "period": "P7Y", "from": "fiscalYearEnd", "legalBasis": "The bookkeeping act" } },
        """;

    public static TenantDataMap Load(string folder, string json)
    {
        var path = Path.Combine(folder, "datamap.json");
        File.WriteAllText(path, json);
        return TenantDataMap.Load(path);
    }

    /// <summary>A map whose datasets are given as the inside of the list.</summary>
    public static TenantDataMap Of(string folder, string datasets, string more = "") =>
        Load(folder, $"{{\n{Systems}\n\"datasets\": [\n{datasets}\n]{(more.Length > 0 ? "," : "")} {more} }}");

    public static async Task<ScopePlan> PlanAsync(SqliteFile file, string datasets, string more = "")
    {
        var map = Of(file.Folder, datasets, more);
        var catalogue = await file.Source.ReadCatalogueAsync(CancellationToken.None);
        return ScopePlanner.Plan(map, (SqlSystem)map.System("lms"), catalogue, file.Source.Dialect);
    }

    public static string Table(string name, string more = "\"erase\": \"delete\"") =>
        $"{{ \"table\": \"{name}\", \"category\": \"data\", {more} }}";
}
