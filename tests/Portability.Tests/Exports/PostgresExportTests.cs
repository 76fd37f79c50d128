using System.Globalization;
using System.Text.Json;
using Npgsql;
using Portability.DataMap;
using Portability.Demo;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class PostgresExportTests(ExportHouse house)
{
    [Fact]
    public async Task Export_OfTheSameData_IsTheSameFromBothEngines()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        await using var sqlite = house.SampleExporter();
        await using var postgres = lms.Exporter();
        // The dump alone is in the source's own dialect.
        IReadOnlyList<string> formats = [.. ExportFormats.All.Except(["sql", "media", "zip"], StringComparer.Ordinal)];
        var (_, first) = await house.ExportAsync(sqlite, house.Order() with { Formats = formats });
        var (_, second) = await house.ExportAsync(postgres, house.Order() with { Formats = formats });

        // The same to the byte.
        var compared = 0;
        var different = new List<string>();
        foreach (var path in Directory.GetFiles(first, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(first, path);
            // The first three name the case; an XSD says how the source declares each column.
            if (
                name is not ("manifest.json" or "README.txt" or "SHA256SUMS")
                && !name.StartsWith("schemas", StringComparison.Ordinal)
            )
            {
                compared++;
                if (!File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(second, name))))
                {
                    different.Add(name);
                }
            }
        }

        Assert.Equal([], different);
        Assert.True(compared > 90, $"{compared} files");
        Assert.Equal(
            Directory.GetFiles(first, "*", SearchOption.AllDirectories).Length,
            Directory.GetFiles(second, "*", SearchOption.AllDirectories).Length
        );
    }

    [Fact]
    public async Task Dump_OfTheSample_LoadsWithPsqlAndHoldsWhatTheManifestSays()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        await using var exporter = lms.Exporter();
        var (_, folder) = await house.ExportAsync(exporter, house.Order() with { Formats = ["sql", "csv"] });
        await using var empty = await PostgresServer.CreateAsync();

        await PsqlAsync(empty, Path.Combine(folder, "lms.sql"));

        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json")));
        var tables = 0;
        foreach (var dataset in manifest.RootElement.GetProperty("datasets").EnumerateArray())
        {
            var name = dataset.GetProperty("name").GetString()!;
            var isOwned = lms.Map.Tables.Any(table => table.Name == name && table.Erase is not EraseRule.None);
            if (isOwned && dataset.GetProperty("columns").GetArrayLength() > 0)
            {
                tables++;
                Assert.Equal(
                    dataset.GetProperty("rows").GetInt64(),
                    await empty.CountAsync($"SELECT count(*) FROM \"{name}\"")
                );
            }
        }

        Assert.True(tables > 20);
        // Columns that are not exported take references with them; all others are there and were checked as they were made.
        Assert.True(
            await empty.CountAsync("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated") > 30
        );
        const string People =
            "SELECT * FROM (SELECT id, email, given_name, display_name, created_at, public_id, is_admin FROM users) u ORDER BY id";
        Assert.Equal(
            (await lms.Database.RowsAsync(People.Replace("FROM users", "FROM users WHERE organisation_id = 1"))),
            await empty.RowsAsync(People)
        );
    }

    [Fact]
    public async Task Dump_OfEveryType_ReadsBackWithPsqlExactly()
    {
        const string Schema = """"
            CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('glad', 'so ''so''');
            CREATE DOMAIN other.positive AS integer CHECK (VALUE > 0); CREATE SEQUENCE other.numbers;
            CREATE TYPE pair AS (a int, b text);
            CREATE FUNCTION shout(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
            CREATE TABLE tenants (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code text UNIQUE NOT NULL);
            CREATE TABLE other.things (
              tenant_id bigint NOT NULL REFERENCES tenants, n integer NOT NULL DEFAULT nextval('other.numbers'), "odd ""name""" text,
              mood other.mood DEFAULT 'glad', size other.positive, real4 real, real8 double precision, exact numeric, cash money, flag boolean,
              day date, at timestamp, instant timestamptz, clock time, away interval, data bytea, doc jsonb, raw json, ref uuid, tags text[],
              span int4range, address inet, bits bit varying, duo pair, loud text DEFAULT shout('x'), twice integer GENERATED ALWAYS AS (n * 2) STORED,
              next_n integer, PRIMARY KEY (tenant_id, n), CHECK (n < 100000),
              FOREIGN KEY (tenant_id, next_n) REFERENCES other.things (tenant_id, n) DEFERRABLE INITIALLY DEFERRED);
            CREATE INDEX ON other.things (left("odd ""name""", 10), size) WHERE size > 0;
            INSERT INTO tenants (code) VALUES ('north'), ('south');
            INSERT INTO other.things (tenant_id, "odd ""name""", mood, size, real4, real8, exact, cash, flag, day, at, instant, clock, away, data, doc, raw, ref,
              tags, span, address, bits, duo, next_n) VALUES
              (1, E'it''s \\ "q"\r\n\ttab :name \\x', 'so ''so''', 7, 0.1, 1e-320, 123456789012345678901234567890.123456789, -12.5, true, '0044-03-15 BC',
               '9999-12-31 23:59:59.999999', '2026-01-01 00:00+02', '24:00', '1 year -2 days 3.5 seconds', '\x00ff27', '{"a": [1, "ø"]}', '{"a" :1}',
               gen_random_uuid(), ARRAY['a,b', NULL, '"'], '[1,)', '::1', B'101', ROW(1, 'x,"y"'), 2),
              (1, '', NULL, NULL, 'NaN', '-Infinity', 'NaN', NULL, false, 'infinity', '-infinity', '294276-12-31 23:59:59Z', '00:00:00.000001', '0',
               '', '"text"', 'null', NULL, '{}', 'empty', '10.0.0.1/8', '', NULL, NULL),
              (1, U&'\202Eright-to-left \05D0\05D1 \+01F600', NULL, 1, 3.4e38, 5e-324, 0.00, 0, NULL, '5874897-12-31', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
               NULL, NULL, NULL, NULL, NULL, 1),
              (1, repeat('å', 1000000), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
              (2, 'not ours', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
            """";
        await using var database = await PostgresServer.CreateAsync(Schema);
        await using var exporter = house.Exporter(
            Map(
                """{ "table": "tenants", "category": "all", "erase": "delete" }, { "name": "things", "table": "other.things", "category": "all", "erase": "delete", "via": "tenant_id" }"""
            ),
            new() { ["Src"] = database.ConnectionString }
        );
        var (_, folder) = await house.ExportAsync(exporter, house.Order("north"));
        await using var empty = await PostgresServer.CreateAsync();

        await PsqlAsync(empty, Path.Combine(folder, "src.sql"));

        const string Things = "SELECT * FROM other.things WHERE tenant_id = 1 ORDER BY n";
        var copy = await empty.RowsAsync(Things);
        Assert.Equal(4, copy.Count);
        Assert.Equal(await database.RowsAsync(Things), copy);
        Assert.Equal(["1|north"], await empty.RowsAsync("SELECT * FROM tenants"));
        Assert.Equal(
            2,
            await empty.CountAsync("SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated")
        );
        // Sequences go on where the rows end, and a column that takes only its own values does so again.
        await empty.RunAsync(
            "INSERT INTO other.things (tenant_id, mood) VALUES (1, 'glad'); INSERT INTO tenants (code) VALUES ('new')"
        );
        Assert.Equal(["5|10"], await empty.RowsAsync("SELECT n, twice FROM other.things WHERE mood = 'glad'"));
        Assert.Equal(
            ["a"],
            await empty.RowsAsync(
                "SELECT attidentity FROM pg_attribute WHERE attrelid = 'tenants'::regclass AND attname = 'id'"
            )
        );
    }

    [Fact]
    public async Task Export_OfATableWithATextKey_InPartsHoldsEveryRowOnce()
    {
        const string Schema = """
            CREATE TABLE tenants (id uuid PRIMARY KEY);
            CREATE TABLE logs (tenant_id uuid NOT NULL REFERENCES tenants, at timestamptz, tag varchar(20), PRIMARY KEY (tenant_id, at, tag));
            INSERT INTO tenants VALUES ('a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'), ('b0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11');
            INSERT INTO logs SELECT t.id, timestamptz '2026-01-01Z' + (g / 3) * interval '0.000001 s', 'tag @tenant ''' || g % 3 FROM tenants t, generate_series(0, 999) g;
            """;
        await using var database = await PostgresServer.CreateAsync(Schema);
        await using var exporter = house.Exporter(
            Map(
                """{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "logs", "category": "all", "erase": "delete" }""",
                "id"
            ),
            new() { ["Src"] = database.ConnectionString },
            new() { RowsPerPart = 137 }
        );

        var (_, folder) = await house.ExportAsync(
            exporter,
            house.Order("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11") with
            {
                Formats = ["csv"],
            }
        );

        var parts = Directory
            .GetFiles(Path.Combine(folder, "csv"), "logs-*.csv")
            .Order(StringComparer.Ordinal)
            .ToList();
        var lines = parts.SelectMany(part => File.ReadLines(part).Skip(1)).ToList();
        Assert.Equal(8, parts.Count);
        Assert.Equal(1000, lines.Count);
        Assert.Equal(1000, lines.Distinct().Count());
        Assert.All(lines, line => Assert.StartsWith("a0eebc99", line, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("g", "even keys")]
    [InlineData("CASE WHEN g < 900 THEN g ELSE g * 1000003 END", "most keys at one end")]
    [InlineData(
        "CASE WHEN g < 3 THEN -9223372036854775807 + (g - 2) ELSE 9223372036854775807 - 1500 + g END",
        "the furthest keys there are"
    )]
    public async Task Export_OfATableWithNumbersForKeys_InPartsOfEqualSize(string key, string why)
    {
        var parts = await PartsOfLogsAsync(
            $"SELECT {key}, 1 + g % 3 / 2, 'Note ' || g FROM generate_series(1, 1500) g",
            137
        );

        Assert.True(
            parts.Select(part => part.Count).SequenceEqual([137, 137, 137, 137, 137, 137, 137, 41]),
            $"{why}: {string.Join(", ", parts.Select(part => part.Count))}"
        );
        var keys = parts.SelectMany(part => part).ToList();
        Assert.Equal(keys.Order(), keys);
        Assert.Equal(1000, keys.Distinct().Count());
    }

    [Theory]
    [InlineData(400, 3, "as many marks as borders")]
    [InlineData(800, 7, "the most marks there are")]
    [InlineData(900, 8, "one more border than marks")]
    public async Task Export_OfATableWhoseKeysLeaveNoGaps_InPartsOfEqualSize(int rows, int borders, string why)
    {
        var parts = await PartsOfLogsAsync($"SELECT g - 50, 1, 'Note ' || g FROM generate_series(1, {rows}) g", 100);

        Assert.Equal(borders + 1, parts.Count);
        Assert.True(
            parts.TrueForAll(part => part.Count == 100),
            $"{why}: {string.Join(", ", parts.Select(part => part.Count))}"
        );
        Assert.Equal(Enumerable.Range(-49, rows).Select(key => (long)key), parts.SelectMany(part => part));
    }

    /// <summary>The keys of each part of the CSV export of a table <c>logs</c> (id, tenant_id, note) that is filled by a query.</summary>
    private async Task<List<List<long>>> PartsOfLogsAsync(string query, int rowsPerPart)
    {
        await using var database = await PostgresServer.CreateAsync(
            $"""
            CREATE TABLE tenants (id bigint PRIMARY KEY, code text UNIQUE);
            CREATE TABLE logs (id bigint PRIMARY KEY, tenant_id bigint NOT NULL REFERENCES tenants, note text);
            INSERT INTO tenants VALUES (1, 'north'), (2, 'south');
            INSERT INTO logs {query};
            """
        );
        await using var exporter = house.Exporter(
            Map(
                """{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "logs", "category": "all", "erase": "delete" }"""
            ),
            new() { ["Src"] = database.ConnectionString },
            new() { RowsPerPart = rowsPerPart }
        );

        var (_, folder) = await house.ExportAsync(exporter, house.Order("north") with { Formats = ["csv"] });

        return
        [
            .. Directory
                .GetFiles(Path.Combine(folder, "csv"), "logs-*.csv")
                .Order(StringComparer.Ordinal)
                .Select(part =>
                    File.ReadLines(part)
                        .Skip(1)
                        .Select(line => long.Parse(line.Split(',')[0], CultureInfo.InvariantCulture))
                        .ToList()
                ),
        ];
    }

    [Fact]
    public async Task Export_WhileOthersWrite_ShowsOneMomentInAllItsFiles()
    {
        const string Schema = """
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code VARCHAR(20)); CREATE TABLE notes (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id));
            INSERT INTO tenants VALUES (1, 'north'); INSERT INTO notes VALUES (1, 1), (2, 1), (3, 1), (4, 1);
            """;
        const string More = "INSERT INTO notes SELECT id + 1000, tenant_id FROM notes WHERE id < 1000";
        await using var database = await PostgresServer.CreateAsync(Schema);
        var map = Map(
            """{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "notes", "category": "all", "erase": "delete" }""",
            provider: "postgres"
        );
        await using var exporter = house.Exporter(
            map,
            new() { ["Src"] = database.ConnectionString },
            new() { RowsPerPart = 2 }
        );
        var order = house.Order("north") with { Formats = ["csv", "sql"] };
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var files = plan.Datasets.SelectMany(dataset => dataset.Files).ToList();
        Assert.Equal(4, files.Count);

        for (var i = 0; i < files.Count; i++)
        {
            await exporter.WriteFileAsync(export, files[i].Index, null, default);
            if (i == 0)
            {
                await database.RunAsync(More);
            }
        }

        await exporter.CompleteAsync(export, default);
        var manifest = (await exporter.ReadManifestAsync(export, default))!;
        Assert.Equal([new("src", ManifestConsistency.OneSnapshot)], manifest.Consistency);
        Assert.Equal(4, manifest.Datasets.Single(dataset => dataset.Name == "notes").Rows);
        Assert.Equal(5, manifest.RestoreDrills.Single().Rows);
        Assert.Single(manifest.Datasets.SelectMany(dataset => dataset.Files).Select(f => f.SharedSnapshot).Distinct());
    }

    [Fact]
    public async Task Export_GoneOnWithInAnotherProcess_SaysThatItsFilesShowDifferentMoments()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        var order = house.Order() with { Formats = ["csv"], Categories = ["agreement"] };
        var export = new ExportRef(order.CaseId, 1);
        await using (var first = lms.Exporter())
        {
            await first.PlanAsync(order, default);
            await first.WriteFileAsync(export, 0, null, default);
        }

        await using var second = lms.Exporter();
        await ExportHouse.WriteAllAsync(second, await second.ReadPlanAsync(export, default));
        await second.CompleteAsync(export, default);

        Assert.Equal(
            [new("lms", ManifestConsistency.EachFile)],
            (await second.ReadManifestAsync(export, default))!.Consistency
        );
    }

    private TenantDataMap Map(string datasets, string tenantColumn = "code", string provider = "postgresql")
    {
        var path = Path.Combine(house.Folder.CreateSubdirectory($"map-{Guid.NewGuid():N}").FullName, "datamap.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "systems": [{ "name": "src", "kind": "sql", "provider": "{{provider}}", "connection": "Src",
                            "tenant": { "table": "tenants", "column": "{{tenantColumn}}" } }],
              "categories": { "all": "All" },
              "datasets": [{{datasets}}]
            }
            """
        );
        return TenantDataMap.Load(path);
    }

    private static async Task PsqlAsync(PostgresDatabase database, string file)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await Tool.RunAsync(
            "env",
            [
                $"PGPASSWORD={connection.Password}",
                PostgresProcess.Program("psql"),
                "-X",
                "-q",
                "-v",
                "ON_ERROR_STOP=1",
                "-h",
                connection.Host!,
                "-p",
                connection.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
                "-U",
                connection.Username!,
                "-d",
                connection.Database!,
                "-f",
                file,
            ]
        );
    }
}
