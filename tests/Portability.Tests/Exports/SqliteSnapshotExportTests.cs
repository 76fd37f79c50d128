using Portability.DataMap;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>A SQLite database that is written to while its export is made.</summary>
[Collection(ExportTests.Name)]
public sealed class SqliteSnapshotExportTests(ExportHouse house)
{
    [Theory]
    [InlineData("WAL", ManifestConsistency.OneSnapshot, 4, 5)]
    [InlineData("DELETE", ManifestConsistency.EachFile, 4, 9)]
    public async Task Export_WhileOthersWrite_SaysWhichMomentsItsFilesShow(
        string journal,
        string held,
        int rows,
        int inDump
    )
    {
        using var file = new SqliteFile(
            $"""
            PRAGMA journal_mode = {journal};
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id));
            INSERT INTO tenants VALUES (1, 'north'); INSERT INTO notes VALUES (1, 1), (2, 1), (3, 1), (4, 1);
            """
        );
        var path = Path.Combine(file.Folder, "datamap.json");
        await File.WriteAllTextAsync(
            path,
            """
            { "systems": [{ "name": "src", "kind": "sql", "provider": "sqlite", "connection": "Src", "tenant": { "table": "tenants", "column": "code" } }],
              "categories": { "all": "All" },
              "datasets": [{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "notes", "category": "all", "erase": "delete" }] }
            """
        );
        await using var exporter = house.Exporter(TenantDataMap.Load(path), new() { ["Src"] = file.ConnectionString });
        var order = house.Order("north") with { Formats = ["csv", "sql"] };
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var files = plan.Datasets.SelectMany(dataset => dataset.Files).ToList();

        foreach (var planned in files)
        {
            await exporter.WriteFileAsync(export, planned.Index, null, default);
            if (planned.Path == "csv/notes.csv")
            {
                // Nobody is kept out between two files.
                file.Run("INSERT INTO notes SELECT id + 1000, tenant_id FROM notes");
            }
        }

        await exporter.CompleteAsync(export, default);
        var manifest = (await exporter.ReadManifestAsync(export, default))!;
        Assert.Equal([new("src", held)], manifest.Consistency);
        Assert.Equal(rows, manifest.Datasets.Single(dataset => dataset.Name == "notes").Rows);
        Assert.Equal(inDump, manifest.RestoreDrills.Single().Rows);
        Assert.Equal(8, file.Count("SELECT count(*) FROM notes"));
        // The log was taken in: no reader is left.
        var log = new FileInfo(file.Path + "-wal");
        Assert.Equal(0, log.Exists ? log.Length : 0);
        Assert.Equal(0L, file.Scalar("PRAGMA wal_checkpoint(TRUNCATE)"));
    }
}
