using System.Security.Cryptography;
using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Exports;
using Portability.Sources;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Erasure;
using Portability.Tests.Exports;

namespace Portability.Tests.DataMap;

/// <summary>Each customer has a database of its own: every row in it is the customer's, and nobody else's database is opened.</summary>
[Collection("storage")]
public sealed class WholeDatabaseTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, boss INTEGER REFERENCES people);
        CREATE TABLE notes (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people, text TEXT);
        CREATE TABLE countries (code TEXT PRIMARY KEY);
        CREATE TABLE state (id INTEGER PRIMARY KEY, frozen INTEGER NOT NULL);
        INSERT INTO people VALUES (1, 'Ann', NULL), (2, 'Bo', 1);
        INSERT INTO notes VALUES (1, 2, 'of Bo'), (2, NULL, 'of nobody');
        INSERT INTO countries VALUES ('SE'); INSERT INTO state VALUES (1, 0);
        """;

    private const string Tables = """
        { "table": "people", "category": "data", "erase": "delete" },
        { "table": "notes", "category": "data", "erase": "delete" },
        { "table": "countries", "category": "data", "erase": { "none": "The same in every database" } },
        { "table": "state", "category": "data", "erase": { "tombstone": ["frozen"] } }
        """;

    private readonly StorageFixture storage;
    private readonly string folder = Directory.CreateTempSubdirectory("portability-whole-").FullName;

    public WholeDatabaseTests(StorageFixture storage)
    {
        this.storage = storage;
        foreach (string customer in (string[])["acme", "other"])
        {
            using var connection = new SqliteConnection($"Data Source={PathOf(customer)};Pooling=False");
            connection.Open();
            using SqliteCommand command = connection.CreateCommand();
            command.CommandText = Schema;
            command.ExecuteNonQuery();
        }
    }

    private string PathOf(string customer) => Path.Combine(folder, $"{customer}.db");

    private TenantDataMap Map(
        string tables = Tables,
        string connection = "Lms",
        string tenant = "{ \"whole\": true }"
    ) =>
        MapFile.Load(
            folder,
            $$"""
            { "systems": [{ "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "{{connection}}", "tenant": {{tenant}} }],
              "categories": { "data": "Data" }, "datasets": [ {{tables}} ],
              "access": [{ "freeze": ["UPDATE state SET frozen = 1"], "restore": ["UPDATE state SET frozen = 0"], "close": [] }] }
            """
        );

    private MappedSystems Systems(TenantDataMap map, string name = "Lms", string? value = null) =>
        new(
            map,
            new ConfigurationBuilder()
                .AddInMemoryCollection([new(name, value ?? $"Data Source={Path.Combine(folder, "{tenant}.db")}")])
                .Build()
        );

    [Fact]
    public async Task Plan_OfADatabaseOfOnesOwn_TakesEveryRow()
    {
        var plan = await Systems(Map()).For("acme").PlanAsync("lms", default);

        Assert.Equal(["notes", "people", "state", "countries"], plan.Datasets.Select(d => d.Name).OrderBy(Place));
        Assert.All(plan.Datasets, dataset => Assert.Equal("1 = 1", dataset.Where));
        Assert.Equal(["every row: the database is the customer's alone"], plan.Dataset("notes").Path);
        Assert.Empty(plan.Dataset("countries").Path);
        int Place(string name) => Array.IndexOf(["notes", "people", "state", "countries"], name);
    }

    [Fact]
    public async Task Erasure_OfOneCustomersDatabase_LeavesTheOtherUntouched()
    {
        byte[] before = SHA256.HashData(await File.ReadAllBytesAsync(PathOf("other")));
        MappedSystems systems = Systems(Map());
        var gate = new TestGate();
        var clock = new TestClock();
        await new AccountAccess(systems, clock).FreezeAsync("acme", default);
        var eraser = new Eraser(
            systems,
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            gate,
            clock
        );
        var order = new ErasureOrder
        {
            CaseId = $"case-{Guid.NewGuid():N}",
            Run = 1,
            CustomerId = "acme",
            Kind = ErasureKind.Full,
            AsOf = clock.GetUtcNow(),
            EffectiveEnd = clock.GetUtcNow(),
            TimeZone = "Europe/Stockholm",
        };

        ErasurePlan plan = await eraser.SealAsync(order, default);
        foreach (PlannedErasure dataset in plan.Datasets)
        {
            await eraser.EraseAsync(order.Ref, dataset.Name, null, default);
        }
        VerificationReport report = await eraser.VerifyAsync(order.Ref, default);

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal("0|0|1|1", await AskAsync("acme"));
        Assert.Equal("1", await Tool.AskAsync(PathOf("acme"), "SELECT frozen FROM state"));
        Assert.Equal(before, SHA256.HashData(await File.ReadAllBytesAsync(PathOf("other"))));
    }

    [Fact]
    public async Task Export_OfOneCustomersDatabase_HoldsAllItsRows()
    {
        var tables = new TableServiceClient(storage.ConnectionString);
        var blobs = new BlobServiceClient(storage.ConnectionString);
        var clock = new TestClock();
        await using var exporter = new Exporter(
            Systems(Map()),
            new ExportStore(blobs),
            new ExportProgress(tables, clock),
            clock
        );
        var order = new ExportOrder
        {
            CaseId = $"case-{Guid.NewGuid():N}",
            Number = 1,
            CustomerId = "acme",
            Locale = "en",
            RequestedAt = clock.GetUtcNow(),
        };

        ExportPlan plan = await exporter.PlanAsync(order, default);
        await ExportHouse.WriteAllAsync(exporter, plan);
        ExportSummary summary = await exporter.CompleteAsync(new(order.CaseId, 1), default);

        Assert.Equal(
            [("people", 2L), ("notes", 2L), ("countries", 1L), ("state", 1L)],
            plan.Datasets.Where(d => d.Columns.Count > 0)
                .Select(d => (d.Name, d.Files.Where(f => f.Format == "csv").Sum(f => f.Expected ?? 0)))
        );
        Assert.True(summary.Files > 0);
    }

    [Fact]
    public void Connection_WithoutACustomer_IsRefused() =>
        Assert.Contains(
            "no customer was named",
            Assert.Throws<SourceUnreachableException>(() => Systems(Map()).Sql("lms")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void Connection_ThatIsTheSameForAll_IsRefused() =>
        Assert.Contains(
            "names one database for all customers",
            Assert
                .Throws<SourceUnreachableException>(() =>
                    Systems(Map(), value: $"Data Source={PathOf("other")}").For("acme").Sql("lms")
                )
                .Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("../other")]
    [InlineData("x;Mode=ReadOnly")]
    [InlineData("a b")]
    public void Connection_OfAnIdThatCouldReachElsewhere_IsRefused(string customer) =>
        Assert.Contains(
            "cannot be part of a connection",
            Assert.Throws<SourceUnreachableException>(() => Systems(Map()).For(customer).Sql("lms")).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Connection_OfASettingForEachCustomer_IsTaken()
    {
        MappedSystems systems = Systems(Map(connection: "Lms-{tenant}"), "Lms-acme", $"Data Source={PathOf("acme")}");

        Assert.Equal(4, (await systems.For("acme").PlanAsync("lms", default)).Datasets.Count);
        Assert.Throws<SourceUnreachableException>(() => systems.For("other").Sql("lms"));
    }

    [Theory]
    [InlineData("\"erase\": { \"unlink\": [\"person_id\"] }")]
    [InlineData("\"erase\": \"delete\", \"via\": \"person_id\"")]
    public async Task Plan_OfSharedRowsInADatabaseOfOnesOwn_IsRefused(string rule)
    {
        TenantDataMap map = Map(
            Tables.Replace(
                "\"table\": \"notes\", \"category\": \"data\", \"erase\": \"delete\"",
                $"\"table\": \"notes\", \"category\": \"data\", {rule}",
                StringComparison.Ordinal
            )
        );

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            Systems(map).For("acme").PlanAsync("lms", default)
        );

        Assert.Equal("notes", Assert.Single(fault.Problems).Subject);
    }

    [Theory]
    [InlineData("Lms-{tenant}", "{ \"table\": \"people\", \"column\": \"id\" }")]
    [InlineData("Lms", "{ \"whole\": false }")]
    [InlineData("Lms", "{ \"whole\": true, \"table\": \"people\" }")]
    public void Load_OfAScopeThatContradictsItself_IsRefused(string connection, string tenant)
    {
        var fault = Assert.Throws<DataMapException>(() => Map(connection: connection, tenant: tenant));

        Assert.Contains(
            fault.Problems,
            problem => problem.Place.JsonPath.StartsWith("systems[0].tenant", StringComparison.Ordinal)
        );
    }

    private Task<string> AskAsync(string customer) =>
        Tool.AskAsync(
            PathOf(customer),
            "SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM notes), (SELECT count(*) FROM countries), (SELECT count(*) FROM state)"
        );

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
