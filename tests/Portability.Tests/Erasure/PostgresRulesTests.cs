using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Sources;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Erasure;

/// <summary>What a PostgreSQL database does of its own while it is erased: triggers, deferred constraints, row-level security.</summary>
[Collection("storage")]
public sealed class PostgresRulesTests(StorageFixture storage) : IDisposable
{
    // Orders and their first lines refer to one another, checked at commit only.
    private const string Schema = """
        CREATE TABLE orgs (id bigint PRIMARY KEY, name text);
        CREATE TABLE users (id bigint PRIMARY KEY, org bigint NOT NULL REFERENCES orgs, email text);
        CREATE TABLE orders (id bigint PRIMARY KEY, org bigint NOT NULL REFERENCES orgs, first_line bigint);
        CREATE TABLE lines (id bigint PRIMARY KEY, order_id bigint NOT NULL REFERENCES orders DEFERRABLE INITIALLY DEFERRED, what text);
        ALTER TABLE orders ADD FOREIGN KEY (first_line) REFERENCES lines DEFERRABLE INITIALLY DEFERRED;
        CREATE TABLE log (id serial PRIMARY KEY, line text);
        INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
        INSERT INTO users SELECT i, 1 + i % 2, 'user' || i || '@tenant' || (1 + i % 2) || '.example' FROM generate_series(1, 20) i;
        BEGIN;
        INSERT INTO orders SELECT i, 1 + i % 2, i * 10 FROM generate_series(1, 20) i;
        INSERT INTO lines SELECT i, i / 10, 'x' FROM generate_series(10, 209) i;
        COMMIT;
        """;

    private const string Map = """
        {
          "systems": [{ "name": "lms", "kind": "sql", "provider": "postgres", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
          "categories": { "data": "Data" },
          "datasets": [
            { "table": "orgs", "category": "data", "erase": "delete" },
            { "table": "users", "category": "data", "erase": "delete" },
            { "table": "orders", "category": "data", "erase": "delete", "via": "org" },
            { "table": "lines", "category": "data", "erase": "delete", "via": "order_id" }
          ],
          "excluded": [{ "system": "lms", "table": "log", "reason": "ours" }]
        }
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("portability-rules-").FullName;
    private readonly TestClock clock = new();
    private readonly string caseId = $"case-{Guid.NewGuid():N}";

    private Eraser Eraser(string connection) =>
        new(
            new(
                MapFile.Load(folder, Map),
                new ConfigurationBuilder().AddInMemoryCollection([new("Lms", connection)]).Build()
            ),
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            new TestGate(),
            clock
        );

    private ErasureOrder Order(int run = 1) =>
        new()
        {
            CaseId = caseId,
            Run = run,
            CustomerId = "1",
            Kind = ErasureKind.Full,
            AsOf = clock.GetUtcNow(),
            EffectiveEnd = clock.GetUtcNow(),
            TimeZone = "Europe/Stockholm",
        };

    private async Task<(List<BatchOutcome> Outcomes, VerificationReport Report)> RunAsync(Eraser eraser, int run = 1)
    {
        var plan = await eraser.SealAsync(Order(run), CancellationToken.None);
        var outcomes = new List<BatchOutcome>();
        foreach (var dataset in plan.Datasets)
        {
            outcomes.Add(await eraser.EraseAsync(Order(run).Ref, dataset.Name, null, CancellationToken.None));
        }
        return (outcomes, await eraser.VerifyAsync(Order(run).Ref, CancellationToken.None));
    }

    private static DatasetVerification Of(VerificationReport report, string dataset) =>
        report.Datasets.Single(found => found.Dataset == dataset);

    [Fact]
    public async Task Erasure_OfRowsInADeferredCircle_TakesThemAllAndNoneOfTheNeighbour()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var neighbour = await database.RowsAsync("SELECT * FROM orders WHERE org = 2 ORDER BY id");

        var (_, report) = await RunAsync(Eraser(database.ConnectionString));

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(100, Of(report, "lines").Deleted);
        Assert.Equal(neighbour, await database.RowsAsync("SELECT * FROM orders ORDER BY id"));
        Assert.Equal(100, await database.CountAsync("SELECT count(*) FROM lines"));
    }

    [Fact]
    public async Task Erasure_WithACheckAtCommitThatFails_ChangesNothingAndGoesOnOnceItIsMended()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        await database.RunAsync(
            """
            CREATE FUNCTION stop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'closed for today'; END $$;
            CREATE CONSTRAINT TRIGGER closed AFTER DELETE ON users DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION stop();
            """
        );
        var eraser = Eraser(database.ConnectionString);
        await eraser.SealAsync(Order(), CancellationToken.None);

        var fault = await Assert.ThrowsAsync<PostgresException>(() =>
            eraser.EraseAsync(Order().Ref, "users", null, CancellationToken.None)
        );
        var left = await database.CountAsync("SELECT count(*) FROM users WHERE org = 1");
        await database.RunAsync("DROP TRIGGER closed ON users");
        var (_, report) = await RunAsync(eraser);

        Assert.Equal("closed for today", fault.MessageText);
        Assert.Equal(10, left);
        Assert.True(report.IsProven);
        Assert.Equal(10, Of(report, "users").Deleted);
    }

    [Fact]
    public async Task Erasure_WithATriggerThatKeepsRows_CountsThemAndIsNotProven()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        await database.RunAsync(
            """
            CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.id < 6 THEN RETURN NULL; END IF; RETURN OLD; END $$;
            CREATE TRIGGER soft BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION keep();
            """
        );

        var (outcomes, report) = await RunAsync(Eraser(database.ConnectionString));

        var users = outcomes.Single(outcome => outcome.Dataset == "users");
        Assert.Equal((8, 2), (users.Deleted, users.Remaining));
        Assert.Equal(ErasureOutcome.Unproven, Of(report, "users").Outcome);
        Assert.Contains("2 sealed row(s) that should be gone are still there", Of(report, "users").Findings);
        // The rows that stay keep the tenant's own.
        Assert.Equal(1, outcomes.Single(outcome => outcome.Dataset == "orgs").Remaining);
    }

    [Fact]
    public async Task Erasure_WithATriggerThatCopiesWhatGoes_FindsTheCopies()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        // Fires in an ordinary session only: that it does shows that the run switched no triggers off.
        await database.RunAsync(
            """
            CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
              BEGIN INSERT INTO log (line) VALUES ('gone: ' || OLD.email || ' as ' || current_setting('session_replication_role')); RETURN OLD; END $$;
            CREATE TRIGGER audit AFTER DELETE ON users FOR EACH ROW EXECUTE FUNCTION note();
            """
        );

        var (_, report) = await RunAsync(Eraser(database.ConnectionString));

        Assert.Contains("values of the customer still stand in log.line (10)", Of(report, "users").Findings);
        Assert.Equal(10, await database.CountAsync("SELECT count(*) FROM log WHERE line LIKE '% as origin'"));
    }

    [Fact]
    public async Task Erasure_UnderRowLevelSecurityThatHidesRows_IsRefusedAtEveryStep()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var role = $"limited_{database.Name}";
        await database.RunAsync(
            $"CREATE ROLE {role} LOGIN PASSWORD 'secret'; GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}; GRANT TEMPORARY ON DATABASE {database.Name} TO {role}"
        );
        var limited = Eraser(
            new NpgsqlConnectionStringBuilder(database.ConnectionString)
            {
                Username = role,
                Password = "secret",
                Pooling = false,
            }.ToString()
        );
        const string Hide = "ALTER TABLE users ENABLE ROW LEVEL SECURITY; CREATE POLICY partly ON users USING (id > 4)";
        const string Show = "DROP POLICY partly ON users; ALTER TABLE users DISABLE ROW LEVEL SECURITY";
        try
        {
            await database.RunAsync(Hide);
            var sealing = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
                limited.SealAsync(Order(), CancellationToken.None)
            );
            await database.RunAsync(Show);
            await limited.SealAsync(Order(), CancellationToken.None);
            await database.RunAsync(Hide);
            await Assert.ThrowsAnyAsync<SourceUnreachableException>(() =>
                limited.EraseAsync(Order().Ref, "users", null, CancellationToken.None)
            );
            await Assert.ThrowsAnyAsync<SourceUnreachableException>(() =>
                limited.VerifyAsync(Order().Ref, CancellationToken.None)
            );

            Assert.Contains("row-level security hides rows of users", sealing.Message, StringComparison.Ordinal);
            Assert.Equal(10, await database.CountAsync("SELECT count(*) FROM users WHERE org = 1"));
        }
        finally
        {
            await database.RunAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
