using Portability.DataMap;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>Exports where each customer has a database, or a PostgreSQL schema, of its own: every row of it, and none of another's.</summary>
[Collection(ExportTests.Name)]
public sealed class OwnDatabaseExportTests(ExportHouse house)
{
    [Fact]
    public async Task Export_OfASchemaOfOnesOwn_HoldsItsRowsAndLoads()
    {
        await using var database = await PostgresServer.CreateAsync(
            """
            CREATE TABLE countries (code TEXT PRIMARY KEY); INSERT INTO countries VALUES ('SE');
            CREATE SCHEMA t_acme; CREATE SCHEMA t_other;
            CREATE TABLE t_acme.people (id INTEGER PRIMARY KEY, name TEXT, country TEXT REFERENCES countries, boss INTEGER REFERENCES t_acme.people);
            CREATE TABLE t_acme.notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES t_acme.people, text TEXT);
            CREATE TABLE t_other.people (id INTEGER PRIMARY KEY, name TEXT, country TEXT REFERENCES countries, boss INTEGER REFERENCES t_other.people);
            CREATE TABLE t_other.notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES t_other.people, text TEXT);
            INSERT INTO t_acme.people VALUES (1, 'Åsa', 'SE', NULL), (2, 'Bo', NULL, 1); INSERT INTO t_acme.notes VALUES (1, 2, 'ours');
            INSERT INTO t_other.people VALUES (1, 'Eve', 'SE', NULL); INSERT INTO t_other.notes VALUES (1, 1, 'theirs');
            """
        );
        var settings = new Dictionary<string, string?>
        {
            ["Own"] = database.ConnectionString,
            // A database is made for the drill, so that the definitions are run, too.
            ["Portability:RestoreDrill:own"] = (await PostgresServer.StartedAsync()).ConnectionString,
        };

        await CheckAsync("postgres", "\"schema\": \"t_{tenant}\",", settings, "acme");
    }

    [Fact]
    public async Task Export_OfADatabaseOfOnesOwn_HoldsItsRowsAndLoads()
    {
        const string Tables = """
            CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT, country TEXT, boss INTEGER REFERENCES people);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people, text TEXT);
            """;
        using var acme = new SqliteFile(
            Tables
                + "INSERT INTO people VALUES (1, 'Åsa', 'SE', NULL), (2, 'Bo', NULL, 1); INSERT INTO notes VALUES (1, 2, 'ours');"
        );
        using var other = new SqliteFile(
            Tables + "INSERT INTO people VALUES (1, 'Eve', 'SE', NULL); INSERT INTO notes VALUES (1, 1, 'theirs');"
        );
        var folder = house.Folder.CreateSubdirectory($"own-{Guid.NewGuid():N}").FullName;
        File.Copy(acme.Path, Path.Combine(folder, "acme.db"));
        File.Copy(other.Path, Path.Combine(folder, "other.db"));

        await CheckAsync("sqlite", "", new() { ["Own"] = $"Data Source={folder}/{{tenant}}.db" }, "acme");
    }

    private async Task CheckAsync(string provider, string schema, Dictionary<string, string?> settings, string customer)
    {
        var path = Path.Combine(house.Folder.CreateSubdirectory($"map-{Guid.NewGuid():N}").FullName, "datamap.json");
        await File.WriteAllTextAsync(
            path,
            $$"""
            { "systems": [{ "name": "own", "kind": "sql", "provider": "{{provider}}", "connection": "Own", {{schema}} "tenant": { "whole": true } }],
              "categories": { "all": "All" },
              "datasets": [{ "table": "people", "category": "all", "erase": "delete" }, { "table": "notes", "category": "all", "erase": "delete" }] }
            """
        );
        await using var exporter = house.Exporter(TenantDataMap.Load(path), settings, new() { RowsPerPart = 1 });
        var order = house.Order(customer) with { Formats = ["csv", "sql"] };

        var (summary, folder) = await house.ExportAsync(exporter, order);

        Assert.Equal(3, summary.Rows);
        Assert.Equal(
            ["id,name,country,boss", "1,Åsa,SE,"],
            File.ReadLines(Path.Combine(folder, "csv", "people-0001.csv"))
        );
        Assert.Equal(
            ["id,name,country,boss", "2,Bo,,1"],
            File.ReadLines(Path.Combine(folder, "csv", "people-0002.csv"))
        );
        Assert.Equal(["id,person_id,text", "1,2,ours"], File.ReadLines(Path.Combine(folder, "csv", "notes.csv")));
        var dump = await File.ReadAllTextAsync(Path.Combine(folder, "own.sql"));
        Assert.Contains("'Åsa'", dump, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", dump, StringComparison.Ordinal);
        var manifest = (await exporter.ReadManifestAsync(new(order.CaseId, 1), default))!;
        Assert.Equal(
            (provider, 2, 3L),
            manifest.RestoreDrills.Select(drill => (drill.Engine, drill.Tables, drill.Rows)).Single()
        );
    }
}
