using Portability.Erasure;
using Portability.Terminations;
using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class EraserTests(StorageFixture storage)
{
    private ErasureBench Bench(int batchRows = 3) => new(storage.ConnectionString, Schema, Map, batchRows);

    [Fact]
    public async Task Erase_OfACustomer_LeavesOnlyWhatThePlanLists()
    {
        using var bench = Bench();
        var neighbour = Neighbour(bench);

        var (plan, outcomes) = await bench.RunAsync(bench.Order());
        var report = await bench.VerifyAsync();

        Assert.All(outcomes.Values, outcome => Assert.True(outcome is { Done: true, Remaining: 0 }));
        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal(neighbour, Neighbour(bench));
        Assert.Equal(["Int:1|NULL|TEXT:active|NULL"], Normal(bench.File.Rows("SELECT * FROM orgs WHERE id = 1")));
        // User 11 is needed by the kept invoice 500; mentors are not needed by anybody.
        Assert.Equal(
            ["Int:11|Int:1|NULL|NULL"],
            Normal(bench.File.Rows("SELECT id, org_id, phone, mentor FROM users WHERE org_id = 1"))
        );
        Assert.StartsWith(
            "erased-",
            (string)bench.File.Scalar("SELECT email FROM users WHERE id = 11")!,
            StringComparison.Ordinal
        );
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM posts WHERE user_id < 20"));
        Assert.Equal(["Int:500"], Normal(bench.File.Rows("SELECT id FROM invoices WHERE org_id = 1 ORDER BY id")));
        Assert.Equal(2, bench.File.Count("SELECT count(*) FROM lines WHERE invoice_id < 600"));
        Assert.Equal(
            1,
            bench.File.Count("SELECT count(*) FROM stats WHERE id = 1 AND ip IS NULL AND who LIKE 'erased-%'")
        );
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM loans"));
        Assert.Equal(["Int:1|NULL|TEXT:ours"], Normal(bench.File.Rows("SELECT * FROM wiki WHERE id = 1")));
        Assert.Empty(bench.File.Rows("PRAGMA foreign_key_check"));
        var users = plan.Datasets.Single(dataset => dataset.Name == "users");
        Assert.Equal((4L, 3L, 1L), (users.Before, users.ToDelete, users.KeptParents));
        Assert.Equal(["invoices"], users.NeededBy);
        var invoices = plan.Datasets.Single(dataset => dataset.Name == "invoices");
        // 2026 + 7 years; the invoice of 2019 was free on 2027-01-01 local time.
        Assert.Equal(
            [(new DateTimeOffset(2033, 12, 31, 23, 0, 0, TimeSpan.Zero), 1L)],
            invoices.Retained.Select(rows => (rows.ReleasesAt, rows.Rows))
        );
    }

    [Fact]
    public async Task Erase_KilledAtEveryBatch_EndsInTheSameCountsAndRows()
    {
        using var undisturbed = Bench();
        var (_, expected) = await undisturbed.RunAsync(undisturbed.Order());
        var batches = undisturbed.Gate.Asked;

        for (var kill = 1; kill <= batches; kill++)
        {
            using var bench = Bench();
            var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
            var passed = 0;
            // Dies after the commit and before anybody heard of it: the worst moment for a count.
            bench.Gate.Passed = (_, _) =>
            {
                if (++passed == kill)
                {
                    throw new InvalidOperationException("killed");
                }
            };
            foreach (var dataset in plan.Datasets)
            {
                BatchOutcome outcome;
                try
                {
                    outcome = await bench.Eraser.EraseAsync(plan.Order.Ref, dataset.Name, null, CancellationToken.None);
                }
                catch (InvalidOperationException)
                {
                    outcome = await bench
                        .NewEraser()
                        .EraseAsync(plan.Order.Ref, dataset.Name, null, CancellationToken.None);
                }
                Assert.Equal(expected[dataset.Name], outcome);
            }
            Assert.True((await bench.VerifyAsync()).IsProven);
            foreach (var table in new[] { "orgs", "posts", "invoices", "lines", "books", "loans", "wiki" })
            {
                Assert.Equal(
                    undisturbed.File.Rows($"SELECT * FROM {table} ORDER BY 1, 2"),
                    bench.File.Rows($"SELECT * FROM {table} ORDER BY 1, 2")
                );
            }
        }
    }

    [Fact]
    public async Task Erase_InManyShortCalls_CountsOnce()
    {
        using var bench = Bench(batchRows: 1);
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        var hasty = bench.NewEraser(1, TimeSpan.FromTicks(-1));

        // Out of time at once: one batch is done all the same, and the cursor leads on.
        var first = await hasty.EraseAsync(plan.Order.Ref, "posts", null, CancellationToken.None);
        var rest = await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", first.Cursor, CancellationToken.None);
        var again = await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", first.Cursor, CancellationToken.None);

        Assert.Equal((false, 1L), (first.Done, first.Deleted));
        Assert.Equal((true, 4L), (rest.Done, rest.Deleted));
        Assert.Equal(rest, again);
    }

    [Fact]
    public async Task Erase_StoppedByTheGate_LeavesTheBatchUntouchedAndGoesOnLater()
    {
        using var bench = Bench();
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        bench.Gate.MayPass = (dataset, batch) => dataset != "posts" || batch < 1;

        var stopped = await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", null, CancellationToken.None);
        var left = bench.File.Count("SELECT count(*) FROM posts WHERE user_id < 20");
        bench.Gate.MayPass = (_, _) => true;
        var resumed = await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", stopped.Cursor, CancellationToken.None);

        Assert.Equal((true, false, 3L, 1L), (stopped.Stopped, stopped.Done, stopped.Deleted, left));
        Assert.Equal((true, 4L), (resumed.Done, resumed.Deleted));
    }

    [Fact]
    public async Task Erase_WithAHeldDataset_LeavesItAloneWithItsParentsUntilALaterRun()
    {
        using var bench = Bench();
        // The hold closes the gate for its dataset; what is left alone anyhow needs no leave.
        bench.Gate.MayPass = (dataset, _) => dataset != "posts";
        var (_, held) = await bench.RunAsync(bench.Order(held: "posts"));
        var first = await bench.VerifyAsync();
        var heldPosts = bench.File.Rows("SELECT * FROM posts ORDER BY id");

        bench.Gate.MayPass = (_, _) => true;
        var (_, _) = await bench.RunAsync(bench.Order(run: 2));
        var second = await bench.VerifyAsync(2);

        Assert.Equal((true, false), (held["posts"].Done, held["posts"].Stopped));
        Assert.Equal(5, heldPosts.Count);
        Assert.Equal(ErasureOutcome.Held, Outcome(first, "posts"));
        Assert.Equal(ErasureOutcome.Retained, Outcome(first, "users"));
        Assert.Equal(ErasureOutcome.Verified, Outcome(second, "posts"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM users WHERE org_id = 1"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM posts"));
    }

    [Fact]
    public async Task Verify_WithPlantedResidue_FindsIt()
    {
        using var bench = Bench();
        await bench.RunAsync(bench.Order());
        bench.File.Run(
            "INSERT INTO stats VALUES (900, 1, '10.0.0.9', 'Ann'); INSERT INTO posts VALUES (100, 11, 'back', NULL);"
        );

        var report = await bench.VerifyAsync();

        Assert.Equal(ErasureOutcome.Unproven, Outcome(report, "stats"));
        Assert.Equal(ErasureOutcome.Unproven, Outcome(report, "posts"));
        Assert.False(report.IsProven);
    }

    [Fact]
    public async Task Erase_WhenANeighbourTookAnErasedKey_SparesTheNeighbour()
    {
        using var bench = Bench();
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", null, CancellationToken.None);
        bench.File.Run("INSERT INTO posts VALUES (103, 20, 'mine now', NULL)");

        var again = await bench.Eraser.EraseAsync(plan.Order.Ref, "posts", null, CancellationToken.None);

        Assert.Equal(4, again.Deleted);
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM posts WHERE id = 103"));
        Assert.Equal(ErasureOutcome.Verified, Outcome(await bench.VerifyAsync(), "posts"));
    }

    [Fact]
    public async Task Erase_WhenANewRowRefersToADoomedOne_NeverCascades()
    {
        using var bench = Bench();
        bench.Gate.Passed = (dataset, _) =>
        {
            if (dataset == "posts")
            {
                bench.File.Run("INSERT OR IGNORE INTO posts VALUES (999, 10, 'late', NULL)");
            }
        };

        var (_, outcomes) = await bench.RunAsync(bench.Order());

        Assert.Equal((true, 1L), (outcomes["users"].Done, outcomes["users"].Remaining));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM posts WHERE id = 999"));
        var report = await bench.VerifyAsync();
        Assert.Equal(ErasureOutcome.Unproven, Outcome(report, "posts"));
        Assert.Equal(ErasureOutcome.Unproven, Outcome(report, "users"));
    }
}
