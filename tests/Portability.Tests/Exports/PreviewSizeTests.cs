using Portability.DataMap;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>A preview looks at the beginning of each file: what it says of the whole is near what is written then.</summary>
[Collection(ExportTests.Name)]
public sealed class PreviewSizeTests(ExportHouse house)
{
    [Fact]
    public async Task Preview_OfALargeTable_ComesNearTheBytesOfEachFormat()
    {
        using var file = new SqliteFile(
            """
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
            CREATE TABLE logs (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), action TEXT, ip TEXT, at DATETIME, amount REAL);
            INSERT INTO tenants VALUES (1, 'north');
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 80000)
            INSERT INTO logs SELECT i, 1, 'action-' || (i % 7), '10.' || (i * 7919 % 255) || '.' || (i * 104729 % 255), datetime(1700000000 + i * 61, 'unixepoch'), i * 0.37 FROM n;
            """
        );
        var path = Path.Combine(file.Folder, "datamap.json");
        await File.WriteAllTextAsync(
            path,
            """
            { "systems": [{ "name": "src", "kind": "sql", "provider": "sqlite", "connection": "Src", "tenant": { "table": "tenants", "column": "code" } }],
              "categories": { "all": "All" },
              "datasets": [{ "table": "tenants", "category": "all", "formats": ["csv"], "erase": "delete" },
                { "table": "logs", "category": "all", "formats": ["csv", "xlsx", "json", "xml", "parquet"], "erase": "delete" }] }
            """
        );
        await using var exporter = house.Exporter(TenantDataMap.Load(path), new() { ["Src"] = file.ConnectionString });
        var off = new List<string>();
        foreach (var format in new[] { "csv", "xlsx", "json", "xml", "parquet" })
        {
            var order = house.Order("north") with { Formats = [format] };
            var said = (await exporter.PreviewAsync(order, default))
                .Datasets.Single(dataset => dataset.Dataset == "logs")
                .Bytes;
            var plan = await exporter.PlanAsync(order, default);
            var written = (await ExportHouse.WriteAllAsync(exporter, plan))
                .Where(done => done.Path.Contains("logs", StringComparison.Ordinal))
                .Sum(done => done.Size);
            if (said < written * 0.75 || said > written * 1.25)
            {
                off.Add($"{format}: {said} said, {written} written");
            }
        }

        Assert.Equal([], off);
    }
}
