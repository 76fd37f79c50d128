using Portability.Erasure;
using Portability.Terminations;

namespace Portability.Tests.Erasure;

/// <summary>Runs whose calls have no time at all: each stops in the middle of a table, and the next goes on there.</summary>
[Collection("storage")]
public sealed class SliceTests(StorageFixture storage)
{
    private const int Rows = 6000;

    // Text keys of two columns; rows that refer to one another by a required key; a log of ours that nobody owns.
    private static readonly string Schema = $"""
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, email TEXT);
        CREATE TABLE visits (place TEXT, no TEXT, user INTEGER NOT NULL REFERENCES users, said TEXT, PRIMARY KEY (place, no));
        CREATE TABLE tree (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, top INTEGER NOT NULL REFERENCES tree);
        CREATE TABLE audit (id INTEGER PRIMARY KEY, line TEXT);
        WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {Rows - 1})
          INSERT INTO audit SELECT i, 'line ' || i FROM n;
        INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
        INSERT INTO users VALUES (1, 1, 'anna@leaver.example'), (2, 2, 'nils@stayer.example'), (3, 1, 'bo@leaver.example');
        INSERT INTO visits SELECT 'p' || (id % 7), 'n' || id, CASE id % 3 WHEN 0 THEN 2 ELSE 1 END,
          CASE id % 300 WHEN 0 THEN 'told to ask anna@leaver.example' ELSE 'nothing' END FROM audit;
        INSERT INTO tree SELECT id + 1, 1, CASE WHEN id < 100 THEN id + 1 ELSE id % 100 + 1 END FROM audit;
        """;

    private const string Map = """
        {
          "systems": [{ "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
          "categories": { "data": "Data" },
          "datasets": [
            { "table": "orgs", "category": "data", "erase": "delete" },
            { "table": "users", "category": "data", "erase": "delete" },
            { "table": "visits", "category": "data", "erase": "delete" },
            { "table": "tree", "category": "data", "erase": "delete", "via": "org" }
          ],
          "excluded": [{ "system": "lms", "table": "audit", "reason": "ours" }]
        }
        """;

    [Fact]
    public async Task Run_WithoutTimeForAWholeTable_GoesOnWhereTheLastCallEnded()
    {
        using var bench = new ErasureBench(storage.ConnectionString, Schema, Map);
        var eraser = bench.NewEraser(batchRows: 500, budget: TimeSpan.Zero);
        var neighbour = bench.File.Rows("SELECT * FROM visits WHERE user = 2");

        var (plan, sealing) = await RepeatAsync(() => eraser.ContinueSealAsync(bench.Order(), CancellationToken.None));
        foreach (var dataset in plan.Datasets)
        {
            string? cursor = null;
            await RepeatAsync(async () =>
            {
                var done = await eraser.EraseAsync(bench.Order().Ref, dataset.Name, cursor, CancellationToken.None);
                cursor = done.Cursor;
                return done.Done ? done : null;
            });
        }
        bench.File.Run($"UPDATE audit SET line = 'mail to anna@leaver.example' WHERE id IN (7, {Rows - 2})");
        var (report, verifying) = await RepeatAsync(() =>
            eraser.ContinueVerifyAsync(bench.Order().Ref, CancellationToken.None)
        );

        Assert.True(sealing > 10, $"{sealing} calls to seal");
        Assert.True(verifying > 5, $"{verifying} calls to verify");
        Assert.Equal(Rows * 2 / 3, Planned(plan, "visits").ToDelete);
        Assert.Equal(Rows, Planned(plan, "tree").ToDelete);
        Assert.True(plan.Files["visits"].Count > 1 && plan.Files["tree"].Count > 1);
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM tree"));
        Assert.Equal(neighbour, bench.File.Rows("SELECT * FROM visits"));
        // The neighbour's own lines are none of it: they were there before.
        var users = report.Datasets.Single(found => found.Dataset == "users");
        Assert.Equal(["values of the customer still stand in audit.line (2)"], users.Findings);
        Assert.All(
            report.Datasets.Where(found => found.Dataset != "users"),
            found => Assert.Equal(ErasureOutcome.Verified, found.Outcome)
        );
    }

    [Fact]
    public async Task Run_OverKeysThatOnlyLookLikeRowNumbers_TakesThemAll()
    {
        // SQLite takes any value into these keys: they are not the number of the row, as INTEGER PRIMARY KEY else is.
        const string Odd = """
            CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
            CREATE TABLE users (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs);
            CREATE TABLE visits (id INTEGER PRIMARY KEY, user INTEGER NOT NULL REFERENCES users, said TEXT) WITHOUT ROWID;
            CREATE TABLE tree (id INTEGER PRIMARY KEY DESC, org INTEGER NOT NULL REFERENCES orgs, top INTEGER REFERENCES tree);
            CREATE TABLE audit (id INTEGER PRIMARY KEY, line TEXT);
            INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
            INSERT INTO users VALUES (1, 1), (2, 2);
            INSERT INTO visits VALUES ('', 1, 'a'), ('seven', 1, 'b'), (7, 1, 'c'), (2.5, 2, 'd'), (3.5, 1, 'e'), (x'', 1, 'f'), (x'07', 1, 'g');
            INSERT INTO tree VALUES ('one', 1, 'one'), (-2, 1, 'one'), ('three', 2, NULL);
            """;
        using var bench = new ErasureBench(storage.ConnectionString, Odd, Map);

        var (plan, outcomes) = await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();

        Assert.Equal(6, Planned(plan, "visits").ToDelete);
        Assert.Equal(6, outcomes["visits"].Deleted);
        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM visits"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM tree"));
    }

    private static PlannedErasure Planned(ErasurePlan plan, string dataset) =>
        plan.Datasets.Single(planned => planned.Name == dataset);

    private static async Task<(T Result, int Calls)> RepeatAsync<T>(Func<Task<T?>> call)
        where T : class
    {
        for (var calls = 1; calls < 200; calls++)
        {
            if (await call() is { } result)
            {
                return (result, calls);
            }
        }
        throw new InvalidOperationException("It got no further in 200 calls.");
    }
}
