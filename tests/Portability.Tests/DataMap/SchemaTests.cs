using System.Text.Json;
using Portability.DataMap;
using Portability.Tests.Docs;
using Portability.Tests.Erasure;
using Portability.Tests.Exports;

namespace Portability.Tests.DataMap;

/// <summary>The published JSON Schema, judged by Ajv and by the language service of Visual Studio Code, against what the app reads.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("portability-schema-").FullName;

    private static string Schema => Path.Combine(Page.Root, "functions", "DataMap", "datamap.schema.json");

    /// <summary>Everything a map can say.</summary>
    private const string Everything = """
        { // people may comment
          "$schema": "./datamap.schema.json",
          "systems": [
            { "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } },
            { "name": "own", "kind": "sql", "provider": "postgres", "connection": "Own-{tenant}", "schema": "own_{tenant}", "tenant": { "whole": true } },
            { "name": "media", "kind": "blob", "connection": "LmsMedia", "container": "media" },
            { "name": "mailer", "kind": "processor", "title": "Mail AB" },
          ],
          "categories": { "user": "User data" },
          "retention": {
            "books": { "period": "P7Y", "from": "fiscalYearEnd", "fiscalYearEnds": "06-30", "legalBasis": "BFL 7:2" },
            "support": { "period": "P1Y", "from": "effectiveEnd", "legalBasis": "agreement" }
          },
          "datasets": [
            { "table": "orgs", "system": "lms", "category": "user", "erase": { "tombstone": ["closed_at"] } },
            { "table": "users", "system": "lms", "name": "people", "category": "user", "formats": ["csv", "xlsx"], "erase": "delete", "via": "org_id",
              "exclude": { "password_hash": "a credential" }, "notSecret": ["key"], "whenKept": { "email": "hash", "name": { "value": "erased" }, "phone": "null" } },
            { "table": "invoices", "system": "lms", "category": "user", "erase": { "retain": "books", "anchor": "issued" }, "notExported": "of ours" },
            { "table": "stats", "system": "lms", "category": "user", "erase": { "anonymise": { "ip": "null" } }, "via": ["org_id", "user_id, org_id"] },
            { "table": "wiki", "system": "lms", "category": "user", "erase": { "unlink": ["editor"] } },
            { "table": "library", "system": "lms", "category": "user", "erase": { "unlinkThrough": "loans" } },
            { "table": "countries", "system": "lms", "category": "user", "erase": { "none": "the same for all" }, "key": "code",
              "references": [{ "columns": "a, b", "table": "orgs", "to": "c, d" }] },
            { "name": "files", "prefix": "customers/{tenant}/", "category": "user", "erase": { "retain": "support" }, "notExported": "of ours",
              "names": { "dataset": "people", "blob": "photo", "name": "photo_name" } }
          ],
          "documents": [{ "name": "tree", "category": "user", "formats": ["json", "xml"], "root": "people",
            "include": [{ "dataset": "invoices", "as": "bills", "by": "user_id", "include": [{ "dataset": "stats" }] }] }],
          "oneRoster": { "name": "roster", "category": "user", "systemName": "LMS", "files": {
            "orgs": { "dataset": "orgs", "columns": { "sourcedId": "o-{id}", "name": ["{name}", "-"], "type": "school" } },
            "academicSessions": [{ "columns": { "sourcedId": "always", "title": "Always", "type": "term", "startDate": "2020-01-01", "endDate": "{@requestedOn}", "schoolYear": "2026" } }],
            "courses": { "dataset": "people", "include": [{ "dataset": "orgs", "as": "org" }], "when": "{course}", "columns": { "sourcedId": "c-{id}",
              "schoolYearSourcedId": "always", "title": { "value": "{kind}", "map": { "a": "A", "b": "" }, "whenNull": "?", "otherwise": "-" }, "orgSourcedId": { "of": "org" } } } } },
          "excluded": [{ "table": "migrations", "system": "lms", "reason": "of the schema" }, { "prefix": "templates/", "reason": "ours" }],
          "backups": [{ "class": "nightly", "keepsDays": 35, "systems": ["lms"] }],
          "access": [{ "system": "lms", "freeze": ["UPDATE orgs SET s = 1 WHERE id = @tenant"], "restore": [], "close": [] }]
        }
        """;

    [Fact]
    public async Task Schema_AcceptsTheMapsOfTheRepositoryAndEverythingAMapCanSay()
    {
        string[] maps =
        [
            Path.Combine(Page.Root, "demo", "datamap.json"),
            .. Page.Read("docs/datamap.md").Blocks("json").Select((text, i) => Write($"page{i}.json", text)),
            Write("random.json", RandomSchema.Of(7).Map),
            Write("everything.json", Everything),
            Write("split.json", """{ "include": ["a.json", "b.json"] }"""),
        ];

        string[][] faults = await ValidateAsync(maps);

        Assert.All(
            maps.Zip(faults),
            pair => Assert.True(pair.Second.Length == 0, $"{pair.First}: {string.Join("; ", pair.Second)}")
        );
        Assert.NotNull(TenantDataMap.Load(maps[^2]));
    }

    [Fact]
    public async Task Faults_ThatTheAppRefuses_AreMarkedByTheSchemaToo()
    {
        (string Good, string Bad)[] changes =
        [
            ("\"provider\": \"sqlite\"", "\"provider\": \"oracle\""),
            ("\"connection\": \"Lms\"", "\"connection\": \"Data Source=lms.db\""),
            ("\"tenant\": { \"whole\": true }", "\"tenant\": { \"whole\": false }"),
            ("\"tenant\": { \"whole\": true }", "\"tenant\": {}"),
            ("\"name\": \"mailer\"", "\"name\": \"The Mailer\""),
            ("\"kind\": \"processor\"", "\"kind\": \"procesor\""),
            ("\"formats\": [\"csv\", \"xlsx\"]", "\"formats\": [\"cvs\"]"),
            ("\"formats\": [\"csv\", \"xlsx\"]", "\"foramts\": [\"csv\"]"),
            ("\"whenKept\": { \"email\": \"hash\"", "\"whenKept\": { \"email\": \"hsah\""),
            ("\"from\": \"effectiveEnd\"", "\"from\": \"end\""),
            ("\"keepsDays\": 35", "\"keepsDays\": \"35\""),
            ("\"reason\": \"ours\"", "\"resaon\": \"ours\""),
            ("{ \"unlinkThrough\": \"loans\" }", "\"unlink\""),
            ("\"dataset\": \"people\", \"blob\": \"photo\"", "\"dataset\": \"people\""),
            ("\"columns\": \"a, b\", ", ""),
            ("\"legalBasis\": \"agreement\"", "\"legalBasis\": \"\""),
            ("\"courses\": { \"dataset\"", "\"coarses\": { \"dataset\""),
            ("\"sourcedId\": \"c-{id}\",", ""),
            ("{ \"of\": \"org\" }", "{ \"off\": \"org\" }"),
            ("\"title\": \"Always\"", "\"status\": \"active\", \"title\": \"Always\""),
        ];
        string[] maps =
        [
            .. changes.Select(
                (change, i) =>
                {
                    string bad = Everything.Replace(change.Good, change.Bad, StringComparison.Ordinal);
                    Assert.NotEqual(Everything, bad);
                    return Write($"bad{i}.json", bad);
                }
            ),
        ];

        string[][] faults = await ValidateAsync(maps);

        Assert.All(
            changes.Zip(maps, faults),
            item =>
            {
                Assert.Throws<DataMapException>(() => TenantDataMap.Load(item.Second));
                Assert.True(item.Third.Length > 0, $"The schema lets pass: {item.First.Bad}");
            }
        );
    }

    [Theory]
    [InlineData("{ ▮ }", "systems,categories,retention,datasets,documents,excluded,backups,access,include")]
    [InlineData("""{ "systems": [{ "name": "a", "kind": "sql", ▮ }] }""", "provider,connection,tenant")]
    [InlineData(
        """{ "datasets": [{ "table": "users", "category": "a", ▮ }] }""",
        "erase,via,formats,exclude,notSecret,whenKept"
    )]
    [InlineData(
        """{ "datasets": [{ "table": "users", "category": "a", "erase": { ▮ } }] }""",
        "retain,anonymise,unlink,tombstone,none"
    )]
    public async Task Editors_OfferWhatMayComeNext(string map, string expected)
    {
        string output = await Tool.RunAsync(
            "node",
            [Script, Schema, "--complete", Write("open.json", map)],
            workingDirectory: Page.Root
        );

        string[] offered = JsonSerializer.Deserialize<string[]>(output)!;
        Assert.All(expected.Split(','), name => Assert.Contains(name, offered));
    }

    private static string Script =>
        Path.Combine(Page.Root, "tests", "Portability.Tests", "DataMap", "Schema", "validate.cjs");

    private static async Task<string[][]> ValidateAsync(string[] maps) =>
        JsonSerializer.Deserialize<string[][]>(
            await Tool.RunAsync("node", [Script, Schema, .. maps], workingDirectory: Page.Root)
        )!;

    private string Write(string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
