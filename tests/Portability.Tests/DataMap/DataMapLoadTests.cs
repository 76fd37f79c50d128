using Portability.DataMap;

namespace Portability.Tests.DataMap;

public sealed class DataMapLoadTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("portability-map-").FullName;

    [Fact]
    public void Load_OfACompleteMap_ReadsEveryRule()
    {
        var map = MapFile.Load(
            folder,
            """
            { // people may comment
              "systems": [
                { "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } },
                { "name": "media", "kind": "blob", "connection": "LmsMedia", "container": "media" },
                { "name": "mailer", "kind": "processor", "title": "Mail AB" },
              ],
              "categories": { "user": "User data" },
              "retention": { "books": { "period": "P7Y", "from": "fiscalYearEnd", "fiscalYearEnds": "06-30", "legalBasis": "BFL 7:2" } },
              "datasets": [
                { "table": "orgs", "category": "user", "erase": { "tombstone": ["closed_at"] } },
                { "table": "users", "name": "people", "category": "user", "formats": ["csv"], "erase": "delete", "via": "org_id",
                  "exclude": { "password_hash": "a credential" }, "whenKept": { "email": "hash", "name": { "value": "erased" } } },
                { "table": "invoices", "category": "user", "erase": { "retain": "books", "anchor": "issued" } },
                { "table": "stats", "category": "user", "erase": { "anonymise": { "ip": "null" } }, "via": ["org_id", "user_id, org_id"] },
                { "table": "wiki", "category": "user", "erase": { "unlink": ["editor"] } },
                { "table": "library", "category": "user", "erase": { "unlinkThrough": "loans" } },
                { "table": "countries", "category": "user", "erase": { "none": "the same for all" } },
                { "name": "files", "prefix": "customers/{tenant}/", "category": "user", "erase": "delete" }
              ],
              "documents": [{ "name": "tree", "category": "user", "root": "people", "include": [{ "dataset": "invoices", "by": "user_id" }] }],
              "excluded": [{ "table": "migrations", "reason": "of the schema" }, { "prefix": "templates/", "reason": "ours" }],
              "backups": [{ "class": "nightly", "keepsDays": 35 }],
              "access": [{ "freeze": ["UPDATE orgs SET s = 1 WHERE id = @tenant"], "restore": [], "close": [] }]
            }
            """
        );

        Assert.Equal(
            ["orgs", "people", "invoices", "stats", "wiki", "library", "countries"],
            map.Tables.Select(table => table.Name)
        );
        Assert.Equal("user_id, org_id", string.Join(", ", map.Tables[3].Via[1]));
        Assert.Equal(new EraseRule.Retain("books", "issued"), map.Tables[2].Erase);
        Assert.Equal(new NodaTime.AnnualDate(6, 30), map.Retention["books"].FiscalYearEnd);
        Assert.Equal(new Mask.Fixed("erased"), map.Tables[1].WhenKept["NAME"]);
        Assert.Equal("customers/7/", map.Blobs[0].PrefixOf("7"));
        Assert.Equal(["csv", "json", "sql"], map.Tables[0].Formats);
        Assert.Equal(11, map.Tables[1].Place.Line);
    }

    [Fact]
    public void Load_WithSeveralFaults_NamesAllOfThemWithLines()
    {
        var fault = Assert.Throws<DataMapException>(() =>
            MapFile.Of(
                folder,
                """
                { "table": "a", "category": "dta", "erase": "delete", "foramts": ["csv"] },
                { "table": "b", "category": "data", "erase": { "retain": "bookz", "anchor": "x" } },
                { "table": "c", "category": "data", "erase": { "retain": "books" } },
                { "table": "d", "category": "data" },
                { "table": "a", "name": "again", "category": "data", "erase": "delete" }
                """
            )
        );

        Assert.Equal(
            [
                "6:'foramts' is not known here",
                "6:category 'dta' is not declared",
                "7:retention class 'bookz' is not declared",
                "8:class 'books' counts from a date of the row",
                "9:'erase' is missing or not a rule",
                "10:the table 'lms/a' appears twice, first on line 6",
            ],
            fault.Problems.Select(problem => $"{problem.Place.Line}:{problem.Message}")
        );
        Assert.Contains("datamap.json:6 datasets[0].foramts (a)", fault.Message, StringComparison.Ordinal);
        Assert.All(fault.Problems, problem => Assert.NotEmpty(problem.Mend));
    }

    [Fact]
    public void Load_OfMalformedJson_NamesTheLine()
    {
        var fault = Assert.Throws<DataMapException>(() => MapFile.Load(folder, "{\n \"systems\": [\n}"));

        Assert.Equal(3, Assert.Single(fault.Problems).Place.Line);
    }

    [Fact]
    public void Load_OfAMissingFile_SaysWhichSettingNamesIt()
    {
        var fault = Assert.Throws<DataMapException>(() => TenantDataMap.Load(Path.Combine(folder, "none.json")));

        Assert.Contains("Portability__DataMap", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("customers/{tenant}")]
    [InlineData("customers/c-{tenant}/")]
    [InlineData("customers/")]
    public void Load_OfAPrefixThatReachesNeighbours_IsRefused(string prefix)
    {
        var fault = Assert.Throws<DataMapException>(() =>
            MapFile.Load(
                folder,
                $$"""
                { "systems": [{ "name": "media", "kind": "blob", "connection": "M", "container": "m" }], "categories": { "data": "D" },
                  "datasets": [{ "name": "files", "prefix": "{{prefix}}", "category": "data", "erase": "delete" }] }
                """
            )
        );

        Assert.Contains("another customer", Assert.Single(fault.Problems).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("7/../8")]
    [InlineData("..")]
    public void PrefixOf_AnIdThatCouldLeaveItsPrefix_IsRefused(string tenant)
    {
        var map = MapFile.Load(
            folder,
            """
            { "systems": [{ "name": "media", "kind": "blob", "connection": "M", "container": "m" }], "categories": { "data": "D" },
              "datasets": [{ "name": "files", "prefix": "c/{tenant}/", "category": "data", "erase": "delete" }] }
            """
        );

        Assert.Throws<ArgumentException>(() => map.Blobs[0].PrefixOf(tenant));
    }

    [Fact]
    public void Load_OfAConnectionString_IsRefused()
    {
        var fault = Assert.Throws<DataMapException>(() =>
            MapFile.Load(
                folder,
                """
                { "systems": [{ "name": "m", "kind": "blob", "connection": "AccountKey=abc", "container": "m" }], "categories": { "d": "D" }, "datasets": [] }
                """
            )
        );

        Assert.DoesNotContain("abc", fault.Message, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
