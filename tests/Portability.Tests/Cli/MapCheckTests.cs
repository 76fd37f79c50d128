using Portability.Tests.DataMap;
using Portability.Tests.Sources;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.Cli;

public sealed class MapCheckTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, boss INTEGER REFERENCES users);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users, note TEXT);
        INSERT INTO orgs VALUES (1, 'A'), (2, 'B');
        INSERT INTO users VALUES (10, 1, NULL), (20, 2, NULL), (21, 2, 20);
        INSERT INTO posts VALUES (100, 10, ''), (200, 20, ''), (201, 21, ''), (202, 21, '');
        """;

    private readonly SqliteFile file = new(Schema);

    private string Map(params string[] tables)
    {
        Of(file.Folder, string.Join(",\n", tables));
        return Path.Combine(file.Folder, "datamap.json");
    }

    [Fact]
    public async Task Check_OfAFittingMap_PrintsOrderPathsCountsAndNotes()
    {
        string map = Map(
            Table("orgs"),
            Table("users"),
            Table("posts", "\"erase\": \"delete\", \"exclude\": { \"note\": \"of our staff\" }")
        );

        var (status, output, errors) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--tenant",
            "2",
            "--connection",
            $"Lms={file.ConnectionString}"
        );

        Assert.Equal((0, ""), (status, errors));
        var rows = output
            .Split('\n')
            .Select(line => line.Split('│', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == 6)
            .Select(cells => string.Join(' ', cells))
            .ToList();
        Assert.Equal(
            [
                "# dataset category erase formats rows",
                "1 posts data delete csv json sql 3",
                "2 users data delete csv json sql 2",
                "3 orgs data delete csv json sql 1",
            ],
            rows
        );
        Assert.Contains("  users: users.org_id -> orgs(id), orgs.id = @tenant\n", output, StringComparison.Ordinal);
        Assert.Contains("6 rows are the customer's own.", output, StringComparison.Ordinal);
        Assert.Contains("posts.note is not exported: of our staff", output, StringComparison.Ordinal);
        Assert.Contains("refer to one another: boss -> users(id)", output, StringComparison.Ordinal);
        Assert.EndsWith("datamap.json: fits.\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfAMapThatDoesNotFit_NamesEachFindingAndEndsWithOne()
    {
        string map = Map(Table("orgs"), Table("users"), Table("gone"));

        var (status, _, errors) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--connection",
            $"Lms={file.ConnectionString}"
        );

        Assert.Equal(1, status);
        Assert.Matches(
            @"datamap\.json:2 systems\[0\] \(posts\): the table 'posts' of system 'lms' is not classified Mend: ",
            errors
        );
        Assert.Matches(
            @"datamap\.json:8 datasets\[2\] \(gone\): the database has no table 'gone' Mend: Remove the entry",
            errors
        );
        Assert.EndsWith("datamap.json: 2 finding(s).\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_OfACustomerThatIsNotThere_SaysSo()
    {
        string map = Map(Table("orgs"), Table("users"), Table("posts"));

        var (status, _, errors) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--tenant",
            "7",
            "--connection",
            $"Lms={file.ConnectionString}"
        );

        Assert.Equal(1, status);
        Assert.Contains(
            "datamap.json:2 systems[0] (lms): no row of 'orgs' has the id '7' Mend: Name a customer that is there",
            errors,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Check_OfRowsWithoutAKey_NamesTheirTable()
    {
        file.Run(
            """
            CREATE TABLE tags (word TEXT PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users);
            INSERT INTO tags VALUES (NULL, 20), (NULL, 21), ('a', 20), (NULL, 10);
            """
        );
        string map = Map(Table("orgs"), Table("users"), Table("posts"), Table("tags"));

        var (status, _, errors) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--tenant",
            "2",
            "--connection",
            $"Lms={file.ConnectionString}"
        );

        Assert.Equal(1, status);
        Assert.Matches(
            @"datamap\.json:\d+ datasets\[3\] \(tags\): 2 of the customer's rows in 'tags' have no value in the key \(word\).* Mend: Give them one",
            errors
        );
    }

    [Fact]
    public async Task Check_WithoutAConnection_IsNotDoneAndSaysHowToNameOne()
    {
        string map = Map(Table("orgs"), Table("users"), Table("posts"));

        var (status, _, errors) = await Commands.RunAsync("map", "check", map);
        var (offline, output, _) = await Commands.RunAsync("map", "check", map, "--offline");

        Assert.Equal((2, 0), (status, offline));
        Assert.Contains("the setting 'Lms' is not set", errors, StringComparison.Ordinal);
        Assert.Contains("--connection NAME=VALUE", errors, StringComparison.Ordinal);
        Assert.Contains("datamap.json: fits.", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("map", "check")]
    [InlineData("map", "chek", "x.json")]
    [InlineData("map", "check", "no-such-file.json")]
    [InlineData("map", "check", "no-such-file.json", "--connection", "Lms")]
    [InlineData("map", "check", "no-such-file.json", "--settings", "no-such-settings.json")]
    public async Task WrongArguments_EndWithTwoAndASentence(params string[] arguments)
    {
        var (status, output, errors) = await Commands.RunAsync(arguments);

        Assert.Equal((2, ""), (status, output));
        Assert.NotEmpty(errors);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_WhereverTheyTurnUp_AreNotShown()
    {
        string map = Map(Table("orgs"), Table("users"), Table("posts"));

        var (status, output, errors) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--connection",
            "Lms=Data Source=/nowhere/hunter2.db;Password=hunter2",
            "--unknown=Password=swordfish"
        );
        var (second, _, unreachable) = await Commands.RunAsync(
            "map",
            "check",
            map,
            "--connection",
            "Lms=Data Source=/nowhere/hunter2.db;Password=hunter2"
        );

        Assert.Equal((2, 2), (status, second));
        Assert.NotEmpty(unreachable);
        Assert.DoesNotContain("hunter2", output + errors + unreachable, StringComparison.Ordinal);
        Assert.DoesNotContain("swordfish", output + errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connections_FromAFileOfSettingsOrOfOneValue_AreRead()
    {
        string map = Map(Table("orgs"), Table("users"), Table("posts"));
        string settings = Path.Combine(file.Folder, "settings.json");
        string value = Path.Combine(file.Folder, "lms.txt");
        await File.WriteAllTextAsync(
            settings,
            System.Text.Json.JsonSerializer.Serialize(new { Values = new { Lms = file.ConnectionString } })
        );
        await File.WriteAllTextAsync(value, file.ConnectionString + "\n");

        Assert.Equal(0, (await Commands.RunAsync("map", "check", map, "--settings", settings)).Status);
        Assert.Equal(0, (await Commands.RunAsync("map", "check", map, "--connection", $"Lms=@{value}")).Status);
    }

    [Theory]
    [InlineData]
    [InlineData("map", "check")]
    [InlineData("audit", "verify")]
    public async Task Help_OfEveryCommand_HasItsExitCodes(params string[] command)
    {
        var (status, output, _) = await Commands.RunAsync([.. command, "--help"]);

        Assert.Equal(0, status);
        Assert.Contains("Exit codes", output, StringComparison.Ordinal);
        Assert.True(command.Length == 0 || output.Contains("Examples:", StringComparison.Ordinal));
    }

    public void Dispose() => file.Dispose();
}
