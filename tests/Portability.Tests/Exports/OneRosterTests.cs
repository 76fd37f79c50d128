using System.Text.Json;
using CsvHelper;
using Portability.DataMap;
using Portability.DataMap.OneRoster;
using Portability.Demo;
using Portability.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>The OneRoster exchange of an export, held against the tables of the published CSV binding.</summary>
[Collection(ExportTests.Name)]
public sealed class OneRosterTests(ExportHouse house)
{
    private static string Validator => Checkout.Find(Path.Combine("tests", "Readers", "oneroster.mjs"))!;

    [Fact]
    public async Task Exchange_OfTheSample_KeepsTheRulesAndHasEveryRowOnce()
    {
        await using var exporter = house.SampleExporter();
        var (_, folder) = await house.ExportAsync(exporter, house.Order() with { Formats = ["oneroster"] });
        var zip = Path.Combine(folder, "oneroster.zip");

        await Tool.RunAsync("sha256sum", ["-c", "SHA256SUMS"], workingDirectory: folder);
        await Tool.RunAsync("unzip", ["-tq", zip]);
        Assert.Equal([], await FaultsAsync(await UnpackAsync(zip)));

        var unpacked = await UnpackAsync(zip);
        foreach (var (file, sql) in Counts)
        {
            var expected = await Tool.AskAsync(
                house.Lms.Path,
                sql.Replace("$org", $"{house.Lms.Leaving.OrganisationId}", StringComparison.Ordinal)
            );
            Assert.Equal((file, expected), (file, $"{Rows(Path.Combine(unpacked, file)).Count}"));
        }

        var users = Rows(Path.Combine(unpacked, "users.csv"));
        Assert.Contains(users, user => user["enabledUser"] == "false");
        Assert.All(users, user => Assert.Equal($"org-{house.Lms.Leaving.OrganisationId}", user["primaryOrgSourcedId"]));
        using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "manifest.json")));
        var listed = manifest.RootElement.GetProperty("datasets").EnumerateArray().Single();
        Assert.Equal("oneroster", listed.GetProperty("name").GetString());
        Assert.True(listed.GetProperty("rows").GetInt64() > users.Count);
    }

    [Theory]
    [InlineData("manifest.csv", "file.users,bulk", "file.users,absent", "file.users is absent")]
    [InlineData("manifest.csv", "oneroster.version,1.2", "oneroster.version,1.1", "oneroster.version")]
    [InlineData("orgs.csv", "name,type", "type,name", "header")]
    [InlineData("orgs.csv", ",school,", ",skool,", "'skool' is no Enumeration")]
    [InlineData("users.csv", "user-1,,,", "user-1,active,,", "a value in a bulk exchange")]
    [InlineData("users.csv", "user-3,,,true,", "user-3,,,,", "required and empty")]
    [InlineData("users.csv", "\nuser-3,", "\nuser-1,", "stands twice")]
    [InlineData("users.csv", "\nuser-3,", "\nus er-3,", "is no GUID")]
    [InlineData("enrollments.csv", "class-", "clazz-", "is not in classes.csv")]
    [InlineData("academicSessions.csv", ",term,20", ",term,19/", "is no Date")]
    [InlineData("results.csv", ",fully graded,", ",graded,", "'graded' is no Enumeration")]
    public async Task Validator_OfADamagedExchange_FindsIt(string file, string from, string to, string finding)
    {
        var folder = await UnpackAsync(await SampleAsync());
        var path = Path.Combine(folder, file);
        var text = await File.ReadAllTextAsync(path);
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{file} has no '{from}': {text[..Math.Min(400, text.Length)]}");

        await File.WriteAllTextAsync(path, text[..at] + to + text[(at + from.Length)..]);

        Assert.Contains(await FaultsAsync(folder), fault => fault.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public void Standard_HasTheColumnsOfThePublishedTables()
    {
        var published = File.ReadLines(Checkout.Find(Path.Combine("tests", "Readers", "oneroster-1.2.tsv"))!)
            .Skip(1)
            .Select(line => line.Split('\t'))
            .ToLookup(cells => cells[0], StringComparer.Ordinal);

        Assert.Equal(
            published.Select(file => file.Key).Order(),
            OneRosterStandard.Files.Select(file => file.Name).Order()
        );
        foreach (var file in OneRosterStandard.Files)
        {
            Assert.Equal(published[file.Name].Select(cells => cells[1]), file.Headers);
            foreach (var column in published[file.Name].Where(cells => cells[2] != "delta"))
            {
                var known = file.Find(column[1])!;
                var words =
                    known.Type == RosterType.Boolean ? ["true", "false"]
                    : known.Type == RosterType.Word ? known.Of
                    : [];
                var published12 = column[4]
                    .Split('|', StringSplitOptions.RemoveEmptyEntries)
                    .Where(word => word != "ext:");
                Assert.Equal((file.Name, column[1], column[2] == "yes"), (file.Name, known.Name, known.Required));
                Assert.Equal(published12, words);
                Assert.Equal(
                    known.Type == RosterType.Word && known.Extensible,
                    column[4].EndsWith("ext:", StringComparison.Ordinal)
                );
                Assert.Equal(
                    known.Type == RosterType.Reference,
                    column[3].Contains("Reference", StringComparison.Ordinal) || column[1] == "userSourcedId"
                );
                Assert.Equal(known.Type == RosterType.Date, column[3] == "Date");
            }
        }
    }

    [Fact]
    public async Task Exchange_OfHostileRows_SaysWhatTheySay()
    {
        const string Schema = """
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
            CREATE TABLE people (code TEXT NOT NULL, n TEXT NOT NULL, tenant_id INTEGER NOT NULL REFERENCES tenants (id), first TEXT NOT NULL,
              last TEXT, boss_code TEXT, boss_n TEXT, gone BOOLEAN NOT NULL, PRIMARY KEY (code, n), FOREIGN KEY (boss_code, boss_n) REFERENCES people (code, n));
            INSERT INTO tenants VALUES (1, 'north'), (2, 'south');
            INSERT INTO people VALUES
              ('a-b', 'c', 1, 'Åsa, "the" ' || char(10) || 'first', '=1+1', NULL, NULL, 0),
              ('a', 'b-c', 1, 'emoji 😀', NULL, 'a-b', 'c', 1),
              ('a_b', 'ö/ü', 1, 'right שלום', '', 'x', 'y', 0),
              ('x', 'y', 2, 'not ours', 'not ours', NULL, NULL, 0);
            """;
        using var file = new SqliteFile(Schema);
        await using var exporter = house.Exporter(Map(file.Folder, People), new() { ["Src"] = file.ConnectionString });

        var (_, folder) = await house.ExportAsync(exporter, house.Order("north") with { Formats = ["oneroster"] });

        var unpacked = await UnpackAsync(Path.Combine(folder, "oneroster.zip"));
        Assert.Equal([], await FaultsAsync(unpacked));
        Assert.False(File.Exists(Path.Combine(unpacked, "courses.csv")));
        Assert.Equal(
            [
                "p-a-b_2Dc|false|emoji 😀|-|p-a_2Db-c",
                "p-a_2Db-c|true|Åsa, \"the\"  first|=1+1|",
                "p-a_5Fb-_C3_B6_2F_C3_BC|true|right שלום|-|",
            ],
            Rows(Path.Combine(unpacked, "users.csv"))
                .Select(row =>
                    $"{row["sourcedId"]}|{row["enabledUser"]}|{row["givenName"]}|{row["familyName"]}|{row["agentSourcedIds"]}"
                )
                .Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("'a' || char(0)", "NUL")]
    [InlineData("x'c328'", "binary")]
    [InlineData("CAST(x'c328' AS TEXT)", "UTF-8")]
    public async Task Exchange_OfAValueThatItCannotHold_IsRefusedByName(string value, string reason)
    {
        using var file = new SqliteFile(
            $"""
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
            CREATE TABLE people (code TEXT NOT NULL, n TEXT NOT NULL, tenant_id INTEGER NOT NULL REFERENCES tenants (id), first NOT NULL,
              last TEXT, boss_code TEXT, boss_n TEXT, gone BOOLEAN NOT NULL, PRIMARY KEY (code, n), FOREIGN KEY (boss_code, boss_n) REFERENCES people (code, n));
            INSERT INTO tenants VALUES (1, 'north'); INSERT INTO people VALUES ('a', 'b', 1, {value}, NULL, NULL, NULL, 0);
            """
        );
        await using var exporter = house.Exporter(Map(file.Folder, People), new() { ["Src"] = file.ConnectionString });
        var plan = await exporter.PlanAsync(house.Order("north") with { Formats = ["oneroster"] }, default);

        var refused = await Assert.ThrowsAsync<UnwritableValueException>(() =>
            ExportHouse.WriteAllAsync(exporter, plan)
        );

        Assert.Equal(("givenName", 1), (refused.Column, refused.Row));
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What each file of the sample's exchange has a row of.</summary>
    private static readonly (string File, string Sql)[] Counts =
    [
        ("orgs.csv", "SELECT 1 + (SELECT count(*) FROM groups WHERE organisation_id = $org)"),
        ("users.csv", "SELECT count(*) FROM users WHERE organisation_id = $org"),
        ("courses.csv", "SELECT count(*) FROM courses WHERE organisation_id = $org"),
        ("classes.csv", "SELECT count(*) FROM courses WHERE organisation_id = $org"),
        (
            "enrollments.csv",
            "SELECT count(*) FROM enrolments e JOIN users u ON u.id = e.user_id WHERE u.organisation_id = $org"
        ),
        (
            "results.csv",
            "SELECT count(*) + (SELECT count(*) FROM completions c JOIN enrolments e ON e.id = c.enrolment_id JOIN users u ON u.id = e.user_id "
                + "WHERE u.organisation_id = $org) FROM attempts a JOIN enrolments e ON e.id = a.enrolment_id JOIN users u ON u.id = e.user_id WHERE u.organisation_id = $org"
        ),
    ];

    /// <summary>People of two tenants by a key of two texts; courses of which no row is wanted.</summary>
    private const string People = """
        "orgs": { "dataset": "tenants", "columns": { "sourcedId": "o-{id}", "name": "{code}", "type": "school" } },
        "users": { "dataset": "people", "include": [{ "dataset": "people", "as": "boss", "by": "boss_code, boss_n" }],
          "columns": { "sourcedId": "p-{code}-{n}", "enabledUser": { "value": "{gone}", "map": { "0": "true", "1": "false" } }, "username": "{code}",
            "givenName": "{first}", "familyName": ["{last}", "-"], "agentSourcedIds": { "of": "boss" } } },
        "roles": { "dataset": "people", "include": [{ "dataset": "tenants", "as": "org" }],
          "columns": { "sourcedId": "r-{code}-{n}", "userSourcedId": { "of": "." }, "roleType": "primary", "role": "student", "orgSourcedId": { "of": "org" } } },
        "courses": { "dataset": "tenants", "when": { "value": "{id}", "otherwise": "" },
          "columns": { "sourcedId": "c-{id}", "title": "{code}", "orgSourcedId": { "of": "." } } }
        """;

    private static TenantDataMap Map(string folder, string files)
    {
        var path = Path.Combine(folder, "datamap.json");
        File.WriteAllText(
            path,
            $$"""
            {
              "systems": [{ "name": "src", "kind": "sql", "provider": "sqlite", "connection": "Src", "tenant": { "table": "tenants", "column": "code" } }],
              "categories": { "all": "All" },
              "datasets": [{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "people", "category": "all", "via": "tenant_id", "erase": "delete" }],
              "oneRoster": { "category": "all", "files": { {{files}} } }
            }
            """
        );
        return TenantDataMap.Load(path);
    }

    private async Task<string> SampleAsync()
    {
        var kept = Path.Combine(house.Folder.FullName, "oneroster-sample.zip");
        if (!File.Exists(kept))
        {
            await using var exporter = house.SampleExporter();
            var (_, folder) = await house.ExportAsync(exporter, house.Order() with { Formats = ["oneroster"] });
            File.Copy(Path.Combine(folder, "oneroster.zip"), kept);
        }

        return kept;
    }

    private async Task<string> UnpackAsync(string zip)
    {
        var folder = house.Folder.CreateSubdirectory($"roster-{Guid.NewGuid():N}").FullName;
        await Tool.RunAsync("unzip", ["-q", zip, "-d", folder]);
        return folder;
    }

    private static async Task<IReadOnlyList<string>> FaultsAsync(string folder) =>
        JsonSerializer.Deserialize<string[]>(await Tool.RunAsync("node", [Validator, folder]))!;

    private static List<Dictionary<string, string>> Rows(string path)
    {
        using var csv = new CsvReader(new StreamReader(path), System.Globalization.CultureInfo.InvariantCulture);
        csv.Read();
        csv.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (csv.Read())
        {
            rows.Add(csv.HeaderRecord!.ToDictionary(name => name, name => csv.GetField(name)!, StringComparer.Ordinal));
        }

        return rows;
    }
}
