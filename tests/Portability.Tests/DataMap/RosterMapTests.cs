using Portability.DataMap;
using Portability.Tests.Sources;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.DataMap;

/// <summary>OneRoster mappings that cannot keep the rules are refused before anything is exported.</summary>
public sealed class RosterMapTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT NOT NULL, logo BLOB);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, first TEXT NOT NULL, last TEXT, born TEXT, team INTEGER REFERENCES orgs,
          part INTEGER NOT NULL DEFAULT 1, UNIQUE (id, part));
        """;

    private const string Orgs =
        """ "orgs": { "dataset": "orgs", "columns": { "sourcedId": "o-{id}", "name": "{name}", "type": "school" } } """;

    private const string Users = """
         "users": { "dataset": "users", "columns": { "sourcedId": "u-{id}", "enabledUser": "true", "username": "u{id}", "givenName": "{first}", "familyName": ["{last}", "-"] } }
        """;

    private const string Roles = """
         "roles": { "dataset": "users", "include": [{ "dataset": "orgs", "as": "org", "by": "org_id" }, { "dataset": "orgs", "as": "team", "by": "team" }],
           "columns": { "sourcedId": "r-{id}", "userSourcedId": { "of": "." }, "roleType": "primary", "role": "student", "orgSourcedId": { "of": "org" } } }
        """;

    private readonly SqliteFile file = new(Schema);

    [Fact]
    public async Task Plan_OfAFittingMapping_FindsItsColumns()
    {
        var plan = await PlanAsync($"{Orgs},{Users},{Roles}");

        Assert.Equal(["orgs", "users", "roles"], plan.OneRoster!.Sources.Select(source => source.Map.File.Name));
        Assert.Equal(["id", "first", "last"], plan.OneRoster.Sources[1].Rows!.Columns.Select(column => column.Path));
    }

    [Theory]
    [InlineData("\"orgs\":", "\"organisations\":", "OneRoster has no file 'organisations'")]
    [InlineData("\"name\": \"{name}\"", "\"title\": \"{name}\"", "orgs.csv has no column 'title'")]
    [InlineData("\"name\": \"{name}\", ", "", "the column 'name' is required")]
    [InlineData("\"type\": \"school\"", "\"type\": \"skool\"", "'type' cannot be 'skool'")]
    [InlineData(
        "\"type\": \"school\"",
        "\"type\": { \"value\": \"{name}\", \"map\": { \"a\": \"School\" } }",
        "'type' cannot be 'School'"
    )]
    [InlineData("\"type\": \"school\"", "\"type\": \"school\", \"status\": \"active\"", "'status' must be empty")]
    [InlineData("\"enabledUser\": \"true\"", "\"enabledUser\": \"yes\"", "'enabledUser' cannot be 'yes'")]
    [InlineData(
        "\"enabledUser\": \"true\"",
        "\"enabledUser\": \"true\", \"password\": \"{last}\"",
        "passwords are not exported"
    )]
    [InlineData("\"sourcedId\": \"o-{id}\"", "\"sourcedId\": \"o {id}\"", "characters that OneRoster does not allow")]
    [InlineData("\"sourcedId\": \"o-{id}\"", "\"sourcedId\": \"{id}{name}\"", "stand side by side")]
    [InlineData("\"sourcedId\": \"o-{id}\"", "\"sourcedId\": \"o-{name}\"", "'sourcedId' does not name id")]
    [InlineData("\"username\": \"u{id}\"", "\"username\": \"u{nick}\"", "'nick'")]
    [InlineData("\"username\": \"u{id}\"", "\"username\": \"u{id\"", "a brace without its partner")]
    [InlineData("[\"{last}\", \"-\"]", "\"{last}\"", "'familyName' is required, and last may be null")]
    [InlineData(
        "[\"{last}\", \"-\"]",
        "{ \"value\": \"{last}\", \"map\": { \"a\": \"\" }, \"otherwise\": \"x\" }",
        "'familyName' is required, and last may be null"
    )]
    [InlineData("\"name\": \"{name}\"", "\"name\": [\"{logo}\", \"-\"]", "cannot be made of logo, which is BLOB")]
    [InlineData("{ \"of\": \".\" }", "\"u-{id}\"", "'userSourcedId' is not sure to lead to a row of users")]
    [InlineData("{ \"of\": \".\" }", "\"nobody\"", "'userSourcedId' is not sure to lead to a row of users")]
    [InlineData("{ \"of\": \".\" }", "{ \"of\": \"org\" }", "none of its sources is about 'orgs'")]
    [InlineData("{ \"of\": \"org\" }", "{ \"of\": \"school\" }", "'school' is no included row")]
    [InlineData("{ \"of\": \"org\" }", "{ \"of\": \"team\" }", "'orgSourcedId' is required, and team may be null")]
    [InlineData("\"givenName\": \"{first}\"", "\"givenName\": { \"of\": \".\" }", "'givenName' is no reference")]
    [InlineData("\"dataset\": \"users\", \"columns\"", "\"columns\"", "there is no dataset that could have them")]
    [InlineData("\"dataset\": \"orgs\", \"columns\"", "\"dataset\": \"org\", \"columns\"", "'org' is no table dataset")]
    [InlineData(Roles, "\"x\"", "users only with their roles")]
    public async Task Plan_OfAMappingThatCannotKeepTheRules_IsRefusedWithPlaceAndMend(
        string good,
        string bad,
        string finding
    )
    {
        var files = $"{Orgs},{Users},{Roles}";
        var broken = bad == "\"x\"" ? $"{Orgs},{Users}" : Replace(files, good, bad);

        var refused = await Assert.ThrowsAsync<DataMapException>(() => PlanAsync(broken));

        var problem = refused.Problems.First(problem => problem.ToString().Contains(finding, StringComparison.Ordinal));
        Assert.Matches(@"^datamap\.json:\d+ oneRoster", problem.ToString());
        Assert.NotEmpty(problem.Mend);
    }

    [Fact]
    public async Task Plan_OfRowsAskedForByTheirReference_Fits()
    {
        var roles = Replace(Roles, "\"columns\"", "\"when\": \"{team}\", \"columns\"")
            .Replace("\"org\" }", "\"team\" }", StringComparison.Ordinal);

        Assert.NotNull((await PlanAsync($"{Orgs},{Users},{roles}")).OneRoster);
    }

    [Fact]
    public async Task Plan_OfTwoSourcesWhoseIdsCouldMeet_IsRefused()
    {
        var orgs = Orgs.Replace(": { \"dataset\"", ": [{ \"dataset\"", StringComparison.Ordinal).TrimEnd();
        var second =
            """, { "dataset": "users", "columns": { "sourcedId": "o-{id}", "name": "{first}", "type": "department" } }]""";

        var refused = await Assert.ThrowsAsync<DataMapException>(() => PlanAsync(orgs + second));

        Assert.Contains(
            "its sourcedId could be one of orgs of orgs",
            Assert.Single(refused.Problems).Message,
            StringComparison.Ordinal
        );
    }

    private Task<ScopePlan> PlanAsync(string files) =>
        MapFile.PlanAsync(
            file,
            $"{Table("orgs")},{Table("users", "\"via\": \"org_id\", \"erase\": \"delete\"")}",
            $"\"oneRoster\": {{ \"category\": \"data\", \"files\": {{ {files} }} }}"
        );

    private static string Replace(string text, string good, string bad)
    {
        var at = text.IndexOf(good, StringComparison.Ordinal);
        Assert.True(at >= 0, $"'{good}' is not there");
        return text[..at] + bad + text[(at + good.Length)..];
    }

    public void Dispose() => file.Dispose();
}
