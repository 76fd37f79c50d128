using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Http;
using static Portability.Tests.Erasure.RandomSchema;

namespace Portability.Tests.Erasure;

/// <summary>
/// One customer of a random schema is erased, run after run, as the workflow does it: killed at random points and started again
/// from what is stored, stopped by holds that come before and between batches, until nothing is held any more.
/// </summary>
internal sealed class RandomLife : IAsyncDisposable
{
    private const int MostRuns = 4;
    private const int MostCalls = 300;
    private static readonly DateTimeOffset Now = new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RandomSchema schema;
    private readonly RandomDatabase database;
    private readonly Random random;
    private readonly KillPoints kills;
    private readonly RandomHolds holds;
    private readonly BlobServiceClient storage;
    private readonly MappedSystems systems;
    private readonly string folder = Directory.CreateTempSubdirectory("portability-life-").FullName;
    private readonly string caseId = $"case-{Guid.NewGuid():N}";
    private readonly bool staysHeld;
    private readonly Dictionary<string, long> deleted = new(StringComparer.Ordinal);
    private int calls;

    private RandomLife(RandomSchema schema, RandomDatabase database, string storageAccount)
    {
        this.schema = schema;
        this.database = database;
        random = new(schema.Seed);
        kills = new(random, most: random.Next(4));
        holds = new(schema, database, random, kills);
        staysHeld = random.Next(6) == 0;
        var options = new BlobClientOptions();
        options.AddPolicy(kills, HttpPipelinePosition.PerCall);
        storage = new(storageAccount, options);
        systems = new(
            MapFile.Load(folder, schema.Map),
            new ConfigurationBuilder()
                .AddInMemoryCollection(new Dictionary<string, string?> { ["Lms"] = database.ConnectionString })
                .Build()
        );
    }

    public int Kills => kills.Kills;

    public int Holds => holds.Placed;

    public int Runs { get; private set; }

    public static async Task<RandomLife> CreateAsync(int seed, string provider, string storageAccount)
    {
        var made = RandomSchema.Of(seed, provider);
        return new(made, await RandomDatabase.CreateAsync(made), storageAccount);
    }

    /// <summary>Lives it and checks what must hold of every life.</summary>
    public async Task LiveAsync()
    {
        var others = await OthersAsync();
        var before = await OwnAsync();
        if (random.Next(4) == 0)
        {
            await holds.PlaceAsync(mayCoverCase: false);
        }
        while (true)
        {
            Runs++;
            holds.MayCome = Runs == 1 ? random.Next(3) > 0 : Runs < MostRuns && random.Next(4) == 0;
            var (plan, report) = await RunAsync();
            Assert.Equal(others, await OthersAsync());
            await holds.CheckAsync();
            foreach (var line in report.Datasets)
            {
                deleted[line.Dataset] = deleted.GetValueOrDefault(line.Dataset) + line.Deleted;
            }
            if (staysHeld && holds.Datasets.Count > 0)
            {
                await AssertHeldAsync(plan, report);
                return;
            }
            if (holds.Datasets.Count == 0 && !holds.CaseIsHeld && report.Datasets.All(IsSettled))
            {
                await AssertErasedAsync(plan, report, before);
                return;
            }
            Assert.True(Runs < MostRuns, $"After {Runs} runs, {holds.Placed} holds: {Findings(report)}");
            await holds.ReleaseAsync();
        }
    }

    public override string ToString() => schema.ToString();

    public async ValueTask DisposeAsync()
    {
        await database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<(ErasurePlan Plan, VerificationReport Report)> RunAsync()
    {
        var order = new ErasureOrder
        {
            CaseId = caseId,
            Run = Runs,
            CustomerId = "1",
            Kind = ErasureKind.Full,
            AsOf = Now,
            EffectiveEnd = new(2027, 3, 31, 22, 0, 0, TimeSpan.Zero),
            TimeZone = "Europe/Stockholm",
            HeldDatasets = holds.Datasets,
        };
        var plan = await UntilAsync(eraser => eraser.ContinueSealAsync(order, CancellationToken.None));
        foreach (var planned in plan.Datasets)
        {
            await EraseAsync(plan, planned.Name);
        }
        var report = await UntilAsync(eraser => eraser.ContinueVerifyAsync(order.Ref, CancellationToken.None));
        return (plan, report);
    }

    /// <summary>As the workflow does it: a held case pauses, a held dataset is left to a later run.</summary>
    private async Task EraseAsync(ErasurePlan plan, string dataset)
    {
        string? cursor = null;
        while (true)
        {
            if (holds.CaseIsHeld)
            {
                await holds.ReleaseAsync(onlyOfCase: true);
            }
            if (holds.Covers(dataset))
            {
                return;
            }
            var outcome = await SurviveAsync<BatchOutcome>(async eraser =>
                await eraser.EraseAsync(plan.Order.Ref, dataset, cursor, CancellationToken.None)
            );
            // Stopped by a hold on this dataset, or on one whose rows would have lost their reference to it.
            if (outcome is { Done: true } || (outcome is { Stopped: true } && !holds.CaseIsHeld))
            {
                return;
            }
            // Killed, the caller still has the cursor that it had.
            cursor = outcome is null ? cursor : outcome.Cursor;
        }
    }

    private async Task<T> UntilAsync<T>(Func<Eraser, Task<T?>> call)
        where T : class
    {
        while (true)
        {
            if (await SurviveAsync(call) is { } done)
            {
                return done;
            }
        }
    }

    /// <summary>One call of an activity in a process of its own; null when it was killed.</summary>
    private async Task<T?> SurviveAsync<T>(Func<Eraser, Task<T?>> call)
        where T : class
    {
        Assert.True(++calls < MostCalls, "It does not get on.");
        try
        {
            return await call(
                new Eraser(
                    systems,
                    storage,
                    ErasureBench.Keys,
                    holds,
                    new SettableTime(Now),
                    new()
                    {
                        // On a server, batches of two chunks go in halves.
                        BatchRows = schema.Provider == "postgres" ? 2 : 3,
                        MostBatchRows = schema.Provider == "postgres" ? 4 : 3,
                        // Now and then a call's time is over at once, so that cursors are exercised beside kills.
                        CallBudget = random.Next(4) == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(2),
                    }
                )
            );
        }
        catch (KilledException)
        {
            return null;
        }
    }

    private static bool IsSettled(DatasetVerification line) =>
        line.Outcome is ErasureOutcome.Verified or ErasureOutcome.Retained;

    private static string Findings(VerificationReport report) =>
        string.Join("; ", report.Datasets.Select(line => $"{line.Dataset}: {string.Join(", ", line.Findings)}"));

    private ErasureCertificate Certificate(ErasurePlan plan, VerificationReport report) =>
        new CertificateWriter(systems.Map, "key").Compose(
            plan,
            report,
            new()
            {
                ContractId = "k",
                StartedAt = Now,
                CompletedAt = Now,
                StreamVersion = 1,
                StreamHash = "ab",
            }
        );

    /// <summary>
    /// What a hold covers keeps any certificate from saying that all is done. A hold that came when nothing it covers was left
    /// does not: whether that is so is asked of the database, not of the report.
    /// </summary>
    private async Task AssertHeldAsync(ErasurePlan plan, VerificationReport report)
    {
        var status = Certificate(plan, report).Status;
        var left = await OwnAsync();
        foreach (var line in report.Datasets.Where(line => holds.Covers(line.Dataset)))
        {
            Assert.Equal(left[line.Dataset].Count, line.After);
            if (line.After == 0)
            {
                continue;
            }
            var table = schema.Tables.SingleOrDefault(table => table.Name == line.Dataset);
            // The rows of anonymised tables stay in any case, and so does the customer's own, which is none of the random tables.
            Assert.True(table?.Rule != RandomRule.Delete || line.Outcome != ErasureOutcome.Verified, Findings(report));
            var isDone = left[line.Dataset].All(row => IsDone(table, row.Split('|')));
            Assert.True(isDone || status != CertificateStatus.Complete, $"{line.Dataset}: {Findings(report)}");
        }
    }

    /// <summary>All that was to happen to a row has happened: it was anonymised, or reduced for rows of others that need it.</summary>
    private static bool IsDone(RandomTable? table, string[] cells) =>
        table?.Rule switch
        {
            null => false,
            RandomRule.Anonymise => cells[Value].Contains("erased-", StringComparison.Ordinal),
            _ => (cells[Value], cells[Mail], cells[Gone]) == ("NULL", "NULL", "NULL"),
        };

    private async Task AssertErasedAsync(
        ErasurePlan plan,
        VerificationReport report,
        Dictionary<string, List<string>> before
    )
    {
        Assert.Empty(CertificateReconciliation.Check(Certificate(plan, report)));
        var after = await OwnAsync();
        foreach (var planned in plan.Datasets)
        {
            var (was, left) = (before[planned.Name], after[planned.Name]);
            var listed = planned.Retained.Sum(rows => rows.Rows) + planned.KeptParents + planned.ToAnonymise;
            Assert.True(left.Count == listed, $"{planned.Name}: {left.Count} left, {listed} listed");
            Assert.Equal(was.Count - left.Count, deleted[planned.Name]);
            Assert.Equal(left.Count, report.Datasets.Single(line => line.Dataset == planned.Name).After);
        }
        foreach (var table in schema.Tables)
        {
            AssertFates(table, before[table.Name], after[table.Name], plan);
        }
        if (schema.Provider == "sqlite")
        {
            Assert.Empty(await database.RowsAsync("PRAGMA foreign_key_check"));
        }
    }

    /// <summary>Judged by the rows alone, not by what the plan says of them.</summary>
    private static void AssertFates(RandomTable table, List<string> before, List<string> after, ErasurePlan plan)
    {
        if (table.Rule == RandomRule.Anonymise)
        {
            Assert.Equal(
                before.Select(row => Without(row, Value, Mail)),
                after.Select(row => Without(row, Value, Mail))
            );
            Assert.All(after, row => Assert.Contains("erased-", row.Split('|')[Value], StringComparison.Ordinal));
            Assert.All(after, row => Assert.Equal("NULL", row.Split('|')[Mail]));
            return;
        }
        var retained = before.Where(row => IsRetained(table.Rule, row.Split('|')[Date])).ToList();
        Assert.Equal(
            retained.Count,
            plan.Datasets.Single(planned => planned.Name == table.Name).Retained.Sum(rows => rows.Rows)
        );
        // What the law keeps is as it was; what else is left is parents, of which nothing but keys is left.
        Assert.Empty(retained.Except(after));
        foreach (var parent in after.Except(retained).Select(row => row.Split('|')))
        {
            Assert.Equal(("NULL", "NULL", "NULL"), (parent[Value], parent[Mail], parent[Gone]));
            Assert.True(parent[Date] == "NULL" || !IsRetained(table.Rule, parent[Date]));
        }
    }

    /// <summary>Dates are of 2010 or 2026; a row without one counts from the end of service in 2027.</summary>
    private static bool IsRetained(RandomRule rule, string date) =>
        rule switch
        {
            RandomRule.RetainBooks => date == "NULL" || date.Contains("2026", StringComparison.Ordinal),
            RandomRule.RetainYear => date == "NULL" || date.Contains("2026-11", StringComparison.Ordinal),
            _ => false,
        };

    private static string Without(string row, params int[] columns) =>
        string.Join('|', row.Split('|').Select((value, index) => columns.Contains(index) ? "" : value));

    private async Task<Dictionary<string, List<string>>> OwnAsync()
    {
        var rows = new Dictionary<string, List<string>>
        {
            ["orgs"] = [.. await database.RowsAsync("SELECT * FROM orgs WHERE id = 1")],
        };
        foreach (var table in schema.Tables)
        {
            rows[table.Name] = [.. await database.RowsAsync($"SELECT * FROM {table.Name} WHERE org = 1 ORDER BY no")];
        }
        return rows;
    }

    /// <summary>Every column of every row that is not the leaver's, and of what the map excludes.</summary>
    private async Task<List<string>> OthersAsync()
    {
        var rows = new List<string>(await database.RowsAsync("SELECT * FROM audit ORDER BY no"));
        rows.AddRange(await database.RowsAsync("SELECT * FROM orgs WHERE id <> 1 ORDER BY id"));
        foreach (var table in schema.Tables)
        {
            rows.AddRange(await database.RowsAsync($"SELECT * FROM {table.Name} WHERE org <> 1 ORDER BY no"));
        }
        return rows;
    }
}
