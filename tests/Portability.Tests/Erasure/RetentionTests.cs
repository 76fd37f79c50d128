using Portability.Terminations;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.Erasure;

/// <summary>Rows that the law keeps, and what they need.</summary>
[Collection("storage")]
public sealed class RetentionTests(StorageFixture storage)
{
    private static readonly string Map = $$"""
        { {{Systems}} "datasets": [
          {{Table("orgs")}},
          {{Table("invoices", "\"erase\": { \"retain\": \"books\", \"anchor\": \"issued\" }")}},
          {{Table("lines", "\"erase\": { \"retain\": \"books\", \"anchor\": \"booked\" }, \"via\": \"invoice\"")}},
          {{Table("sellers")}}
        ] }
        """;

    private ErasureBench Bench(string rows) =>
        new(
            storage.ConnectionString,
            $"""
            CREATE TABLE orgs (id INTEGER PRIMARY KEY);
            CREATE TABLE sellers (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, name TEXT);
            CREATE TABLE invoices (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, issued DATE, text TEXT);
            CREATE TABLE lines (id INTEGER PRIMARY KEY, invoice INTEGER NOT NULL REFERENCES invoices, seller INTEGER REFERENCES sellers, booked DATE);
            INSERT INTO orgs VALUES (1), (2);
            INSERT INTO sellers VALUES (7, 1, 'Ann');
            {rows}
            """,
            Map
        );

    [Fact]
    public async Task Row_WithoutADateAmongNoneThatAreKept_KeepsItsParents()
    {
        using var bench = Bench(
            "INSERT INTO invoices VALUES (10, 1, '2010-01-01', 'x'); INSERT INTO lines VALUES (1, 10, 7, NULL)"
        );

        var (plan, _) = await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal(1, plan.Datasets.Single(dataset => dataset.Name == "sellers").KeptParents);
        Assert.Equal(["Int:1|Int:10|Int:7|NULL"], OrgSample.Normal(bench.File.Rows("SELECT * FROM lines")));
    }

    [Fact]
    public async Task Parent_PastItsTime_IsReducedAndGoesWithTheRowThatNeededIt()
    {
        using var bench = Bench(
            "INSERT INTO invoices VALUES (10, 1, '2010-01-01', 'x'); INSERT INTO lines VALUES (1, 10, NULL, '2026-05-05')"
        );
        await bench.RunAsync(bench.Order());
        var reduced = bench.File.Rows("SELECT * FROM invoices");
        var later = bench.Order(run: 2, kind: ErasureKind.Release) with
        {
            AsOf = new(2033, 12, 31, 23, 0, 0, TimeSpan.Zero),
        };

        var (plan, _) = await bench.RunAsync(later);

        Assert.Equal(["Int:10|Int:1|DATE:2010-01-01|NULL"], OrgSample.Normal(reduced));
        Assert.All(plan.Datasets, dataset => Assert.Empty(dataset.Retained));
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM invoices"));
        Assert.True((await bench.VerifyAsync(2)).IsProven);
    }
}
