using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.Erasure;

/// <summary>Batches that go in two halves at once, each on a connection of its own.</summary>
[Collection("storage")]
public sealed class PostgresHalvesTests(StorageFixture storage) : IDisposable
{
    private const string Schema = """
        CREATE TABLE orgs (id bigint PRIMARY KEY, name text);
        CREATE TABLE notes (id bigint PRIMARY KEY, org bigint NOT NULL REFERENCES orgs, text text);
        CREATE TABLE tally (n bigint);
        INSERT INTO tally VALUES (0);
        INSERT INTO orgs VALUES (1, 'Leaving Learning AB'), (2, 'Staying AB');
        INSERT INTO notes SELECT i, 1 + i % 2, 'Note ' || i FROM generate_series(1, 12000) i;
        """;

    private const string Map = """
        {
          "systems": [{ "name": "lms", "kind": "sql", "provider": "postgres", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
          "categories": { "data": "Data" },
          "datasets": [
            { "table": "orgs", "category": "data", "erase": "delete" },
            { "table": "notes", "category": "data", "erase": "delete" }
          ],
          "excluded": [{ "system": "lms", "table": "tally", "reason": "Counts only" }]
        }
        """;

    // Transactions of an eraser that have done their work and wait for leave; the oldest has the run's lock.
    private const string Waiting =
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'portability' AND state = 'idle in transaction' ORDER BY xact_start";

    private readonly string folder = Directory.CreateTempSubdirectory("portability-halves-").FullName;
    private readonly TestClock clock = new();
    private readonly AskingGate gate = new();

    [Fact]
    public async Task Erasure_OfManyRows_DeletesHalvesAtOnceAndOnlyTheLeavers()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var neighbour = await database.RowsAsync("SELECT * FROM notes WHERE org = 2 ORDER BY id");
        var atOnce = new List<int>();
        gate.Asked = async () => atOnce.Add((await database.RowsAsync(Waiting)).Count);

        var (outcome, report) = await RunAsync(Eraser(database.ConnectionString));

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(6000, outcome.Deleted);
        Assert.Contains(2, atOnce);
        Assert.DoesNotContain(atOnce, count => count > 2);
        Assert.Equal(neighbour, await database.RowsAsync("SELECT * FROM notes ORDER BY id"));
    }

    [Fact]
    public async Task Erasure_WhenALeaveIsRefused_PutsBothHalvesBack()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var atOnce = 0;
        gate.Asked = async () => atOnce = (await database.RowsAsync(Waiting)).Count;
        gate.MayPass = () => gate.Batches == 1;

        var eraser = Eraser(database.ConnectionString);
        await eraser.SealAsync(Order(), CancellationToken.None);
        var outcome = await eraser.EraseAsync(Order().Ref, "notes", null, CancellationToken.None);

        Assert.True(outcome is { Done: false, Deleted: 1000 }, outcome.ToString());
        Assert.Equal(2, atOnce);
        Assert.Equal(5000, await database.CountAsync("SELECT count(*) FROM notes WHERE org = 1"));
    }

    [Fact]
    public async Task Erasure_WithARuleThatMakesTheHalvesWaitForEachOther_GoesOnOneAfterTheOther()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        await database.RunAsync("CREATE RULE counted AS ON DELETE TO notes DO ALSO UPDATE tally SET n = n + 1");

        var (outcome, report) = await RunAsync(Eraser(database.ConnectionString));

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(6000, outcome.Deleted);
        Assert.Equal(6000, await database.CountAsync("SELECT count(*) FROM notes"));
        Assert.True(await database.CountAsync("SELECT n FROM tally") > 0);
    }

    [Fact]
    public async Task Erasure_WhereTheServerGrantsNoFurtherConnection_GoesOnOverTheOneItHas()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var role = $"eraser_{Guid.NewGuid():N}";
        await database.RunAsync(
            $"""
            CREATE ROLE {role} LOGIN PASSWORD 'halves';
            ALTER TABLE orgs OWNER TO {role}; ALTER TABLE notes OWNER TO {role}; ALTER TABLE tally OWNER TO {role};
            """
        );
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Username = role,
            Password = "halves",
            Pooling = false,
        };
        var atOnce = new List<int>();
        gate.Asked = async () =>
        {
            atOnce.Add((await database.RowsAsync(Waiting)).Count);
            await database.RunAsync($"ALTER ROLE {role} CONNECTION LIMIT {(gate.Batches == 1 ? 1 : -1)}");
        };

        var (outcome, report) = await RunAsync(Eraser(connection.ToString()));

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(6000, outcome.Deleted);
        Assert.All(atOnce, count => Assert.Equal(1, count));
        await database.RunAsync($"REASSIGN OWNED BY {role} TO CURRENT_USER; DROP OWNED BY {role}; DROP ROLE {role}");
    }

    [Fact]
    public async Task Erasure_WhenOneHalfIsCommittedAndTheOtherIsLost_GoesOnAndCountsEachRowOnce()
    {
        await using var database = await PostgresServer.CreateAsync(Schema);
        var lost = false;
        gate.Asked = async () =>
        {
            if (!lost && await database.RowsAsync(Waiting) is [var oldest, _])
            {
                lost = true;
                await database.RunAsync($"SELECT pg_terminate_backend({oldest})");
            }
        };
        var eraser = Eraser(database.ConnectionString);
        await eraser.SealAsync(Order(), CancellationToken.None);

        await Assert.ThrowsAnyAsync<NpgsqlException>(() =>
            eraser.EraseAsync(Order().Ref, "notes", null, CancellationToken.None)
        );
        var left = await database.CountAsync("SELECT count(*) FROM notes WHERE org = 1");
        var (outcome, report) = await FinishAsync(eraser);

        // The first batch, of 1000, went whole; of the next, half.
        Assert.InRange(left, 1000, 4500);
        Assert.Equal(6000, outcome.Deleted);
        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(found => found.Findings)));
        Assert.Equal(6000, await database.CountAsync("SELECT count(*) FROM notes"));
    }

    [Fact]
    public async Task Batch_ThatNobodyGoesOnWith_IsGivenUpByTheServerBeforeItsFenceRunsOut()
    {
        await using var database = await PostgresServer.CreateAsync();
        await using var connection = await database.Source.OpenWriteAsync(CancellationToken.None);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'";

        var limit = TimeSpan.FromMilliseconds((int)(await command.ExecuteScalarAsync())!);

        Assert.InRange(limit, TimeSpan.FromSeconds(1), RowErasure.CommitLimit - TimeSpan.FromSeconds(10));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<(BatchOutcome Notes, VerificationReport Report)> RunAsync(Eraser eraser)
    {
        await eraser.SealAsync(Order(), CancellationToken.None);
        return await FinishAsync(eraser);
    }

    private async Task<(BatchOutcome Notes, VerificationReport Report)> FinishAsync(Eraser eraser)
    {
        var notes = await eraser.EraseAsync(Order().Ref, "notes", null, CancellationToken.None);
        await eraser.EraseAsync(Order().Ref, "orgs", null, CancellationToken.None);
        return (notes, await eraser.VerifyAsync(Order().Ref, CancellationToken.None));
    }

    private Eraser Eraser(string connection) =>
        new(
            new(
                MapFile.Load(folder, Map),
                new ConfigurationBuilder().AddInMemoryCollection([new("Lms", connection)]).Build()
            ),
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            gate,
            clock,
            // However long a batch takes, the next is four times as large.
            new() { BatchTime = TimeSpan.FromMinutes(1) }
        );

    private ErasureOrder Order() =>
        new()
        {
            CaseId = caseId,
            Run = 1,
            CustomerId = "1",
            Kind = ErasureKind.Full,
            AsOf = clock.GetUtcNow(),
            EffectiveEnd = clock.GetUtcNow(),
            TimeZone = "Europe/Stockholm",
        };

    private readonly string caseId = $"case-{Guid.NewGuid():N}";

    /// <summary>Lets a test look at the server between a batch's work and its commit.</summary>
    private sealed class AskingGate : IErasureGate, IErasureAttempt
    {
        public Func<Task> Asked { get; set; } = () => Task.CompletedTask;

        public Func<bool> MayPass { get; set; } = () => true;

        public int Batches { get; private set; }

        public IErasureAttempt Begin(ErasureRef run) => this;

        public async ValueTask<bool> MayPassAsync(BatchPass batch, CancellationToken cancellationToken)
        {
            Batches++;
            await Asked();
            return MayPass();
        }
    }
}
