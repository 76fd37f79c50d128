using Portability.Erasure;
using Portability.Terminations;

namespace Portability.Tests.Erasure;

/// <summary>Scopes that are asked of sets in memory, and rows that go in stretches of a table, hit exactly those that SQL means.</summary>
[Collection("storage")]
public sealed class StretchTests(StorageFixture storage)
{
    // SQLite takes values of any kind into a column of whole numbers: none of these odd ones equals a key.
    private const string Schema = """
        PRAGMA foreign_keys = OFF;
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org INTEGER REFERENCES orgs);
        CREATE TABLE visits (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users, said TEXT);
        CREATE TABLE likes (id INTEGER PRIMARY KEY, visit INTEGER REFERENCES visits, user INTEGER REFERENCES users);
        INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
        INSERT INTO users VALUES (-7, 1), (0, 2), (1, 1), (70000, 1), (70001, 2), (9223372036854775807, 1), (5, NULL), (6, 'one');
        INSERT INTO visits VALUES (1, '1', 'a'), (2, 1.5, 'b'), (3, 'one', 'c'), (4, NULL, 'd'), (5, x'31', 'e'), (6, 0, 'f'),
          (7, -7, 'g'), (8, 70000.0, 'h'), (9, 70001, 'i'), (10, 9223372036854775807, 'j'), (11, 1, 'k'), (12, 1, 'l'), (13, 1, 'm'),
          (14, 70000, 'n'), (4000000000, 1, 'far away');
        INSERT INTO likes VALUES (1, 14, 0), (2, 6, 1), (3, NULL, 70001);
        """;

    private const string Map = """
        {
          "systems": [{ "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
          "categories": { "data": "Data" },
          "datasets": [
            { "table": "orgs", "category": "data", "erase": "delete" },
            { "table": "users", "category": "data", "erase": "delete" },
            { "table": "visits", "category": "data", "erase": "delete" },
            { "table": "likes", "category": "data", "erase": "delete", "via": "user" }
          ]
        }
        """;

    [Theory]
    [InlineData(3)]
    [InlineData(500)]
    public async Task Run_OverOddValuesAndReusedKeys_TakesWhatSqlMeans(int batchRows)
    {
        using var bench = new ErasureBench(storage.ConnectionString, Schema, Map, batchRows);
        var meant = bench.File.Count("SELECT count(*) FROM visits WHERE user IN (SELECT id FROM users WHERE org = 1)");
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        // Between seal and deletion: a key that a neighbour's row has now, a reference that was emptied, and a row that refers to one.
        bench.File.Run(
            "PRAGMA foreign_keys = OFF; UPDATE visits SET user = 70001 WHERE id = 11; UPDATE visits SET user = NULL WHERE id = 12; INSERT INTO likes VALUES (4, 13, 70001)"
        );
        var staying = bench.File.Rows("SELECT * FROM visits WHERE id IN (2, 3, 4, 5, 6, 9, 11, 13, 14)");

        var outcomes = new Dictionary<string, BatchOutcome>();
        foreach (var dataset in plan.Datasets)
        {
            outcomes[dataset.Name] = await bench.Eraser.EraseAsync(
                bench.Order().Ref,
                dataset.Name,
                null,
                CancellationToken.None
            );
        }
        var report = await bench.VerifyAsync();

        var visits = plan.Datasets.Single(planned => planned.Name == "visits");
        Assert.Equal(meant, visits.Before);
        Assert.Equal((8, 1), (visits.ToDelete, visits.KeptParents));
        Assert.Equal((7, 1), (outcomes["visits"].Deleted, outcomes["visits"].Remaining));
        Assert.Equal(
            staying.Select(row => row.Split('|')[0]),
            bench.File.Rows("SELECT * FROM visits").Select(row => row.Split('|')[0])
        );
        var found = report.Datasets.Single(dataset => dataset.Dataset == "visits");
        Assert.Equal(ErasureOutcome.Unproven, found.Outcome);
        Assert.Contains("1 sealed row(s) that should be gone are still there", found.Findings);
    }
}
