using Portability.DataMap;
using Portability.Tests.Sources;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.DataMap;

public sealed class ScopePlannerTests
{
    private const string Orgs =
        "CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO orgs VALUES (1, 'A'), (2, 'B');";

    [Fact]
    public async Task Plan_OfATree_SelectsExactlyTheTenantsRowsChildrenFirst()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs);
                CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users);
                INSERT INTO users VALUES (10, 1), (20, 2), (21, 2);
                INSERT INTO posts VALUES (100, 10), (200, 20), (201, 21);
                """
        );

        var plan = await PlanAsync(file, string.Join(",\n", Table("orgs"), Table("users"), Table("posts")));

        Assert.Equal(["posts", "users", "orgs"], plan.Datasets.Select(dataset => dataset.Name));
        Assert.Equal(["200", "201"], Scope(file, plan, "posts", "2"));
        Assert.Equal(["2"], Scope(file, plan, "orgs", "2"));
        Assert.Equal(
            ["posts.user_id -> users(id)", "users.org_id -> orgs(id)", "orgs.id = @tenant"],
            plan.Dataset("posts").Path
        );
    }

    [Fact]
    public async Task Plan_WithTwoWaysToTheTenant_RefusesUntilTheMapNamesOne()
    {
        const string Schema = """
            CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs);
            CREATE TABLE courses (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs);
            CREATE TABLE enrolments (user_id INTEGER REFERENCES users, course_id INTEGER REFERENCES courses, PRIMARY KEY (user_id, course_id));
            INSERT INTO users VALUES (10, 1), (20, 2); INSERT INTO courses VALUES (11, 1), (22, 2);
            INSERT INTO enrolments VALUES (10, 11), (10, 22), (20, 22);
            """;
        using var file = new SqliteFile(Orgs + Schema);
        var others = string.Join(",\n", Table("orgs"), Table("users"), Table("courses"));

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(file, $"{others},\n{Table("enrolments")}")
        );
        var plan = await PlanAsync(
            file,
            $"{others},\n{Table("enrolments", "\"erase\": \"delete\", \"via\": \"user_id\"")}"
        );
        var either = await PlanAsync(
            file,
            $"{others},\n{Table("enrolments", "\"erase\": \"delete\", \"via\": [\"user_id\", \"course_id\"]")}"
        );

        var problem = Assert.Single(fault.Problems);
        Assert.Equal("enrolments", problem.Subject);
        Assert.Contains("course_id -> courses(id)", problem.Message, StringComparison.Ordinal);
        Assert.Contains("\"via\"", problem.Mend, StringComparison.Ordinal);
        Assert.Equal(["10|11", "10|22"], Scope(file, plan, "enrolments", "1"));
        Assert.Equal(["10|22", "20|22"], Scope(file, either, "enrolments", "2"));
    }

    [Fact]
    public async Task Plan_WithAShorterWayThatMayBeNull_RefusesToGuess()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs);
                CREATE TABLE badges (id INTEGER PRIMARY KEY, issuer INTEGER REFERENCES orgs, user_id INTEGER NOT NULL REFERENCES users);
                """
        );

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(file, string.Join(",\n", Table("orgs"), Table("users"), Table("badges")))
        );

        Assert.Equal("badges", Assert.Single(fault.Problems).Subject);
    }

    [Fact]
    public async Task Plan_WithCompositeKeys_FollowsAllTheirColumns()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE pupils (org_id INTEGER NOT NULL REFERENCES orgs, number INTEGER NOT NULL, PRIMARY KEY (org_id, number));
                CREATE TABLE marks (id INTEGER PRIMARY KEY, o INTEGER NOT NULL, n INTEGER NOT NULL, FOREIGN KEY (o, n) REFERENCES pupils);
                INSERT INTO pupils VALUES (1, 1), (2, 1); INSERT INTO marks VALUES (5, 1, 1), (6, 2, 1);
                """
        );

        var plan = await PlanAsync(file, string.Join(",\n", Table("orgs"), Table("pupils"), Table("marks")));

        Assert.Equal(["6"], Scope(file, plan, "marks", "2"));
    }

    [Fact]
    public async Task Plan_WithCycles_BreaksThemAtNullableReferences()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE teams (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, lead INTEGER REFERENCES members, above INTEGER REFERENCES teams);
                CREATE TABLE members (id INTEGER PRIMARY KEY, team_id INTEGER NOT NULL REFERENCES teams);
                """
        );

        var plan = await PlanAsync(file, string.Join(",\n", Table("orgs"), Table("teams"), Table("members")));

        Assert.Equal(["members", "teams", "orgs"], plan.Datasets.Select(dataset => dataset.Name));
        Assert.Equal(
            ["above -> teams(id)", "lead -> members(id)"],
            plan.Dataset("teams").Broken.Select(link => link.ToString()).Order()
        );
    }

    [Fact]
    public async Task Plan_WithACycleOfRequiredReferences_IsRefusedByName()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE a (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, b_id INTEGER NOT NULL REFERENCES b);
                CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a);
                """
        );

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(file, string.Join(",\n", Table("orgs"), Table("a"), Table("b")))
        );

        Assert.Contains("a, b refer to one another", Assert.Single(fault.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_OfAnUnfinishedMap_NamesEachGap()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, password_hash TEXT, key_stage INTEGER);
                CREATE TABLE forgotten (id INTEGER PRIMARY KEY);
                CREATE TABLE heap (org_id INTEGER REFERENCES orgs, v TEXT);
                CREATE TABLE loose (id INTEGER PRIMARY KEY);
                CREATE TABLE hidden (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users);
                CREATE VIEW seen AS SELECT 1;
                """
        );

        var first = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(
                file,
                string.Join(
                    ",\n",
                    Table("orgs"),
                    Table("users", "\"erase\": \"delete\", \"exclude\": { \"nme\": \"gone\" }"),
                    Table("heap"),
                    Table("loose"),
                    Table("seen"),
                    Table("nope")
                ),
                "\"excluded\": [{ \"table\": \"hidden\", \"reason\": \"no idea\" }]"
            )
        );
        var second = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(
                file,
                string.Join(
                    ",\n",
                    Table("orgs"),
                    Table(
                        "users",
                        "\"erase\": \"delete\", \"notSecret\": [\"key_stage\"], \"exclude\": { \"password_hash\": \"a credential\" }"
                    ),
                    Table("loose")
                ),
                "\"excluded\": [{ \"table\": \"hidden\", \"reason\": \"no idea\" }, { \"table\": \"heap\", \"reason\": \"none\" }, { \"table\": \"forgotten\", \"reason\": \"none\" }]"
            )
        );

        Assert.Equal(
            ["forgotten", "heap", "nope", "seen", "users", "users", "users"],
            first.Problems.Select(problem => problem.Subject).Order()
        );
        Assert.Equal(["heap", "hidden", "loose"], second.Problems.Select(problem => problem.Subject).Order());
    }

    [Fact]
    public async Task Plan_OfSharedAndReferenceRows_ScopesWithoutOwning()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);
                CREATE TABLE chapters (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books);
                CREATE TABLE loans (org_id INTEGER REFERENCES orgs, book_id INTEGER REFERENCES books, PRIMARY KEY (org_id, book_id));
                CREATE TABLE wiki (id INTEGER PRIMARY KEY, editor INTEGER REFERENCES orgs);
                CREATE TABLE countries (code TEXT PRIMARY KEY);
                INSERT INTO books VALUES (1, 'x'), (2, 'y'); INSERT INTO loans VALUES (1, 1), (2, 1), (2, 2);
                INSERT INTO chapters VALUES (5, 1), (6, 2); INSERT INTO wiki VALUES (7, 1), (8, NULL); INSERT INTO countries VALUES ('se');
                """
        );

        var plan = await PlanAsync(
            file,
            string.Join(
                ",\n",
                Table("orgs"),
                Table("loans"),
                Table("books", "\"erase\": { \"unlinkThrough\": \"loans\" }"),
                Table("chapters", "\"erase\": { \"unlinkThrough\": \"books\" }"),
                Table("wiki", "\"erase\": { \"unlink\": [\"editor\"] }"),
                Table("countries", "\"erase\": { \"none\": \"the same for all\" }")
            )
        );

        Assert.Equal(["1"], Scope(file, plan, "books", "1"));
        Assert.Equal(["5"], Scope(file, plan, "chapters", "1"));
        Assert.Equal(["7"], Scope(file, plan, "wiki", "1"));
        Assert.Equal(["se"], Scope(file, plan, "countries", "1"));
        Assert.Equal(
            ["loans", "orgs"],
            plan.Datasets.Where(dataset => dataset.IsOwned).Select(dataset => dataset.Name).Order()
        );
    }

    [Fact]
    public async Task Plan_WithAHostileTenantAndNames_BindsAndQuotes()
    {
        using var file = new SqliteFile(
            """
            CREATE TABLE orgs (id TEXT PRIMARY KEY); INSERT INTO orgs VALUES ('a'' OR 1=1 --'), ('b');
            CREATE TABLE "or""der; --" ("select" INTEGER PRIMARY KEY, "from" TEXT NOT NULL REFERENCES orgs);
            INSERT INTO "or""der; --" VALUES (1, 'a'' OR 1=1 --'), (2, 'b');
            """
        );

        var plan = await PlanAsync(
            file,
            string.Join(",\n", Table("orgs"), Table("or\\\"der; --", "\"name\": \"orders\", \"erase\": \"delete\""))
        );

        Assert.Equal(["1"], Scope(file, plan, "orders", "a' OR 1=1 --"));
    }

    [Fact]
    public async Task Plan_WithALinkOnlyTheMapKnows_FollowsIt()
    {
        using var file = new SqliteFile(
            Orgs + "CREATE TABLE logs (id INTEGER PRIMARY KEY, org INTEGER); INSERT INTO logs VALUES (1, 1), (2, 2);"
        );

        var plan = await PlanAsync(
            file,
            string.Join(
                ",\n",
                Table("orgs"),
                Table(
                    "logs",
                    "\"erase\": \"delete\", \"references\": [{ \"columns\": \"org\", \"table\": \"orgs\", \"to\": \"id\" }]"
                )
            )
        );

        Assert.Equal(["2"], Scope(file, plan, "logs", "2"));
        Assert.Equal(["logs", "orgs"], plan.Datasets.Select(dataset => dataset.Name));
    }

    [Theory]
    [InlineData("amount DECIMAL(10,2)", "the anchor 'amount' of 'bills' is DECIMAL(10,2), which is no date")]
    [InlineData("amount BLOB", "which is no date")]
    [InlineData("amount BOOLEAN", "which is no date")]
    [InlineData("amount DATE", null)]
    [InlineData("amount TEXT", null)]
    [InlineData("amount INTEGER", null)]
    public async Task Plan_WithAnAnchorThatIsNoDate_IsRefused(string column, string? finding)
    {
        using var file = new SqliteFile(
            Orgs + $"CREATE TABLE bills (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, {column});"
        );
        var tables = string.Join(
            ",\n",
            Table("orgs"),
            Table("bills", "\"erase\": { \"retain\": \"books\", \"anchor\": \"amount\" }")
        );

        var problems = await ProblemsAsync(file, tables);

        Assert.Equal(finding is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(finding!, problem, StringComparison.Ordinal));
        Assert.All(
            problems,
            problem => Assert.StartsWith("datamap.json:7 datasets[1] (bills)", problem, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("code TEXT", "the key's column 'code' of 'bills' may be null")]
    [InlineData("code TEXT NOT NULL", null)]
    public async Task Plan_WithAKeyThatMayBeNull_IsRefused(string column, string? finding)
    {
        using var file = new SqliteFile(
            Orgs + $"CREATE TABLE bills ({column}, org INTEGER NOT NULL REFERENCES orgs, UNIQUE (code, org));"
        );

        var problems = await ProblemsAsync(
            file,
            string.Join(",\n", Table("orgs"), Table("bills", "\"erase\": \"delete\", \"key\": \"code, org\""))
        );

        Assert.Equal(finding is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(finding!, problem, StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string>> ProblemsAsync(SqliteFile file, string tables)
    {
        try
        {
            await PlanAsync(file, tables);
            return [];
        }
        catch (DataMapException refused)
        {
            return [.. refused.Problems.Select(problem => problem.ToString())];
        }
    }

    [Fact]
    public async Task Plan_OfDocuments_ResolvesBothDirections()
    {
        using var file = new SqliteFile(
            Orgs
                + """
                CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs);
                CREATE TABLE courses (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, author INTEGER REFERENCES users, editor INTEGER REFERENCES users);
                CREATE TABLE modules (id INTEGER PRIMARY KEY, course_id INTEGER NOT NULL REFERENCES courses, above INTEGER REFERENCES modules);
                """
        );
        string Documents(string include) =>
            $$"""
                "documents": [{ "name": "tree", "category": "data", "root": "courses", "include": [{{include}}] }]
                """;
        var tables = string.Join(",\n", Table("orgs"), Table("users"), Table("courses"), Table("modules"));

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            PlanAsync(file, tables, Documents("{ \"dataset\": \"users\" }"))
        );
        var plan = await PlanAsync(
            file,
            tables,
            Documents(
                "{ \"dataset\": \"users\", \"as\": \"author\", \"by\": \"author\" }, { \"dataset\": \"modules\", \"include\": [{ \"dataset\": \"modules\", \"as\": \"below\" }] }"
            )
        );

        Assert.Contains("2 foreign keys connect 'courses' and 'users'", fault.Message, StringComparison.Ordinal);
        var relations = plan.Documents[0].Include;
        Assert.Equal(
            ("author", false, "author", "id"),
            (relations[0].As, relations[0].Many, relations[0].OuterColumns[0], relations[0].InnerColumns[0])
        );
        Assert.Equal(
            ("modules", true, "id", "course_id"),
            (relations[1].As, relations[1].Many, relations[1].OuterColumns[0], relations[1].InnerColumns[0])
        );
        Assert.Equal(("below", true), (relations[1].Include[0].As, relations[1].Include[0].Many));
    }

    /// <summary>Runs the planned scope as an export would, and gives the keys.</summary>
    private static List<string> Scope(SqliteFile file, ScopePlan plan, string name, string tenant)
    {
        var dataset = plan.Dataset(name);
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"{file.ConnectionString};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        var dialect = file.Source.Dialect;
        var key = dialect.Columns(dataset.Key, "t");
        command.CommandText =
            $"SELECT {key} FROM {dialect.Quote(dataset.Table.Name)} t WHERE {dataset.Where} ORDER BY {key}";
        var column = plan.Catalogue.Find("orgs")!.Find("id")!;
        command.Parameters.AddWithValue("@tenant", dialect.TenantValue(tenant, column));
        using var reader = command.ExecuteReader();
        var keys = new List<string>();
        while (reader.Read())
        {
            keys.Add(string.Join("|", Enumerable.Range(0, reader.FieldCount).Select(index => reader.GetValue(index))));
        }
        return keys;
    }
}
