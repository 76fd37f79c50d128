using System.Text.Json;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.DataMap;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class EraserTests(StorageFixture storage)
{
    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT, status TEXT NOT NULL DEFAULT 'active', closed_at TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, email TEXT NOT NULL UNIQUE, phone TEXT, mentor INTEGER REFERENCES users);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, body TEXT, deleted_at TEXT);
        CREATE TABLE invoices (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, buyer INTEGER REFERENCES users, issued DATE);
        CREATE TABLE lines (invoice_id INTEGER NOT NULL REFERENCES invoices, no INTEGER NOT NULL, what TEXT, booked DATE, PRIMARY KEY (invoice_id, no));
        CREATE TABLE stats (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, ip TEXT, who TEXT);
        CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);
        CREATE TABLE loans (org_id INTEGER REFERENCES orgs, book_id INTEGER REFERENCES books, PRIMARY KEY (org_id, book_id));
        CREATE TABLE wiki (id INTEGER PRIMARY KEY, editor INTEGER REFERENCES users, text TEXT);
        INSERT INTO orgs VALUES (1, 'Leaver', 'active', NULL), (2, 'Neighbour', 'active', NULL);
        INSERT INTO users VALUES (10, 1, 'a@x', '1', NULL), (11, 1, 'b@x', '2', 10), (12, 1, 'c@x', '3', 11), (13, 1, 'd@x', '4', 13), (20, 2, 'n@y', '9', NULL);
        INSERT INTO posts VALUES (100, 10, 'x', NULL), (101, 11, 'y', '2026-01-01'), (102, 12, 'z', NULL), (103, 12, 'z', NULL), (200, 20, 'n', NULL);
        INSERT INTO invoices VALUES (500, 1, 11, '2026-05-05'), (501, 1, 12, '2015-05-05'), (502, 1, NULL, '2019-12-31'), (600, 2, 20, '2026-05-05');
        INSERT INTO lines VALUES (500, 1, 'seat', '2026-05-05'), (500, 2, 'seat', '2026-05-05'), (501, 1, 'old', '2015-05-05'), (502, 1, 'n', '2019-12-31'), (600, 1, 'n', '2026-05-05');
        INSERT INTO stats VALUES (1, 1, '10.0.0.1', 'Ann'), (2, 2, '10.0.0.2', 'Bo');
        INSERT INTO books VALUES (1, 'Shared'); INSERT INTO loans VALUES (1, 1), (2, 1);
        INSERT INTO wiki VALUES (1, 12, 'ours'), (2, 20, 'theirs');
        """;

    private static readonly string Map = $$"""
        {
        {{Systems}}
        "datasets": [
          {{Table("orgs", "\"erase\": { \"tombstone\": [\"status\", \"closed_at\"] }")}},
          {{Table("users", "\"erase\": \"delete\", \"whenKept\": { \"email\": \"hash\" }")}},
          {{Table("posts")}},
          {{Table("invoices", "\"erase\": { \"retain\": \"books\", \"anchor\": \"issued\" }, \"via\": \"org_id\"")}},
          {{Table("lines", "\"erase\": { \"retain\": \"books\", \"anchor\": \"booked\" }")}},
          {{Table("stats", "\"erase\": { \"anonymise\": { \"ip\": \"null\", \"who\": \"hash\" } }")}},
          {{Table("books", "\"erase\": { \"unlinkThrough\": \"loans\" }")}},
          {{Table("loans")}},
          {{Table("wiki", "\"erase\": { \"unlink\": [\"editor\"] }")}}
        ],
        "backups": [{ "class": "nightly", "keepsDays": 35 }],
        "access": [{ "freeze": ["UPDATE orgs SET status = 'frozen' WHERE id = @tenant AND status = 'active'"],
                     "restore": ["UPDATE orgs SET status = 'active' WHERE id = @tenant AND status = 'frozen'"],
                     "close": ["UPDATE orgs SET status = 'closed', closed_at = coalesce(closed_at, @now) WHERE id = @tenant"] }]
        }
        """;

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
    public async Task Release_WhenRetentionEnds_ErasesTheRowsAndTheParentsTheyNeeded()
    {
        using var bench = Bench();
        await bench.RunAsync(bench.Order());
        var later = bench.Order(run: 2, kind: ErasureKind.Release) with
        {
            AsOf = new(2033, 12, 31, 22, 59, 59, TimeSpan.Zero),
        };
        var due = later with { Run = 3, AsOf = new(2033, 12, 31, 23, 0, 0, TimeSpan.Zero) };

        var (early, _) = await bench.RunAsync(later);
        var nothing = early.Datasets.Sum(dataset => dataset.ToDelete);
        var before = bench.File.Count("SELECT count(*) FROM invoices WHERE id = 500");
        await bench.RunAsync(due);
        var report = await bench.VerifyAsync(3);

        Assert.Equal(0, nothing);
        Assert.Equal(1, before);
        Assert.True(report.IsProven);
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM invoices WHERE org_id = 1"));
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM users WHERE org_id = 1"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM orgs WHERE id = 1"));
        Assert.All(report.Datasets, dataset => Assert.Equal(ErasureOutcome.Verified, dataset.Outcome));
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

    [Fact]
    public async Task Seal_WithAnUnclassifiedTable_RefusesBeforeAnyDeletion()
    {
        using var bench = Bench();
        bench.File.Run("CREATE TABLE surprise (id INTEGER PRIMARY KEY)");

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            bench.Eraser.SealAsync(bench.Order(), CancellationToken.None)
        );

        Assert.Contains("surprise", Assert.Single(refused.Blockers), StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            bench.Eraser.EraseAsync(new(bench.CaseId, 1), "posts", null, CancellationToken.None)
        );
    }

    [Theory]
    [InlineData("99", "posts", "no row of any database")]
    [InlineData("1", "postz", "'postz' is no dataset")]
    public async Task Seal_WithAWrongCustomerOrHold_IsRefused(string customer, string held, string reason)
    {
        using var bench = Bench();

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            bench.Eraser.SealAsync(bench.Order(customer: customer, held: held), CancellationToken.None)
        );

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seal_Repeated_GivesTheFirstPlan()
    {
        using var bench = Bench();

        var plans = await Task.WhenAll(
            Enumerable.Range(0, 4).Select(_ => bench.NewEraser().SealAsync(bench.Order(), CancellationToken.None))
        );

        Assert.Single(plans.Select(plan => plan.Seal).Distinct());
    }

    [Fact]
    public async Task Certify_OfAVerifiedRun_ReconcilesAndStaysTheSame()
    {
        using var bench = Bench();
        await bench.RunAsync(bench.Order());
        await bench.VerifyAsync();
        var facts = new CertificateFacts
        {
            ContractId = "k-1",
            StartedAt = bench.Order().AsOf,
            CompletedAt = bench.Order().AsOf,
            StreamVersion = 7,
            StreamHash = "ab",
            Export = 1,
            ManifestSha256 = "cd",
            Exported = new Dictionary<string, long> { ["posts"] = 4 },
        };

        var first = await bench.Eraser.CertifyAsync(new(bench.CaseId, 1), facts, CancellationToken.None);
        var second = await bench
            .NewEraser()
            .CertifyAsync(new(bench.CaseId, 1), facts with { StreamHash = "other" }, CancellationToken.None);

        Assert.Equal(first, second);
        var stored = await bench.Eraser.ReadCertificateAsync(new(bench.CaseId, 1), CancellationToken.None);
        Assert.Equal(first.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(stored!)));
        using var json = JsonDocument.Parse(stored!);
        Assert.Equal("retaining", json.RootElement.GetProperty("status").GetString());
        Assert.Equal("2027-08-05", json.RootElement.GetProperty("backups")[0].GetProperty("expiresOn").GetString());
        foreach (var line in json.RootElement.GetProperty("datasets").EnumerateArray())
        {
            long At(string name) => line.GetProperty(name).GetInt64();
            var parents =
                line.GetProperty("keptParents").ValueKind == JsonValueKind.Null
                    ? 0
                    : line.GetProperty("keptParents").GetProperty("rows").GetInt64();
            Assert.Equal(
                At("before"),
                At("deleted")
                    + At("anonymised")
                    + At("unlinked")
                    + At("retained")
                    + At("held")
                    + At("tombstones")
                    + parents
            );
        }
    }

    [Fact]
    public async Task Access_FrozenRestoredAndClosed_FollowsTheMap()
    {
        using var bench = Bench();
        var access = new AccountAccess(bench.Systems, TimeProvider.System);
        var states = new List<string>();
        async Task Do(Func<string, CancellationToken, Task> step)
        {
            await step("1", CancellationToken.None);
            await step("1", CancellationToken.None);
            states.Add((string)bench.File.Scalar("SELECT status FROM orgs WHERE id = 1")!);
        }

        await Do(access.FreezeAsync);
        await Do(access.RestoreAsync);
        await Do(access.CloseAsync);

        Assert.Equal(["frozen", "active", "closed"], states);
        Assert.Equal("active", bench.File.Scalar("SELECT status FROM orgs WHERE id = 2"));
    }

    private static ErasureOutcome Outcome(VerificationReport report, string dataset) =>
        report.Datasets.Single(found => found.Dataset == dataset).Outcome;

    private static List<string> Neighbour(ErasureBench bench) =>
        [
            .. bench.File.Rows("SELECT * FROM orgs WHERE id = 2"),
            .. bench.File.Rows("SELECT * FROM users WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM posts WHERE user_id = 20"),
            .. bench.File.Rows("SELECT * FROM invoices WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM lines WHERE invoice_id = 600"),
            .. bench.File.Rows("SELECT * FROM stats WHERE id = 2"),
            .. bench.File.Rows("SELECT * FROM books"),
            .. bench.File.Rows("SELECT * FROM loans WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM wiki WHERE id = 2"),
        ];

    private static List<string> Normal(IReadOnlyList<string> rows) =>
        rows.Select(row => row.Replace("INTEGER:", "Int:", StringComparison.Ordinal)).ToList();
}
