using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.Erasure;
using Portability.Tests.Exports;
using Portability.Tests.Sources;

namespace Portability.Tests.DataMap;

/// <summary>PostgreSQL: a schema, or a database, that one customer has alone.</summary>
[Collection("storage")]
public sealed class WholeSchemaTests(StorageFixture storage) : IDisposable
{
    private const string Schemas = """
        CREATE TABLE countries (code TEXT PRIMARY KEY); INSERT INTO countries VALUES ('SE');
        CREATE SCHEMA t_acme; CREATE SCHEMA t_other;
        CREATE TABLE t_acme.people (id INTEGER PRIMARY KEY, country TEXT REFERENCES countries, boss INTEGER REFERENCES t_acme.people);
        CREATE TABLE t_acme.notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES t_acme.people, text TEXT);
        CREATE TABLE t_other.people (id INTEGER PRIMARY KEY, country TEXT REFERENCES countries, boss INTEGER REFERENCES t_other.people);
        CREATE TABLE t_other.notes (id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES t_other.people, text TEXT);
        INSERT INTO t_acme.people VALUES (1, 'SE', NULL), (2, NULL, 1); INSERT INTO t_acme.notes VALUES (1, 2, 'a');
        INSERT INTO t_other.people VALUES (1, 'SE', NULL); INSERT INTO t_other.notes VALUES (1, 1, 'b');
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("portability-schemas-").FullName;

    private MappedSystems Systems(string connection, string schema)
    {
        TenantDataMap map = MapFile.Load(
            folder,
            $$"""
            { "systems": [{ "name": "lms", "kind": "sql", "provider": "postgres", "connection": "Lms", {{schema}} "tenant": { "whole": true } }],
              "categories": { "data": "Data" },
              "datasets": [{{MapFile.Table("people")}}, {{MapFile.Table("notes")}}] }
            """
        );
        return new(map, new ConfigurationBuilder().AddInMemoryCollection([new("Lms", connection)]).Build());
    }

    [Fact]
    public async Task Erasure_OfASchemaOfOnesOwn_LeavesTheOthersUntouched()
    {
        await using PostgresDatabase database = await PostgresServer.CreateAsync(Schemas);
        MappedSystems systems = Systems(database.ConnectionString, "\"schema\": \"t_{tenant}\",");
        var clock = new TestClock();
        var eraser = new Eraser(
            systems,
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            new TestGate(),
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

        Assert.Equal([("notes", 1L), ("people", 2L)], plan.Datasets.Select(d => (d.Name, d.Before)));
        Assert.Equal(0, await database.CountAsync("SELECT count(*) FROM t_acme.people"));
        Assert.Equal(0, await database.CountAsync("SELECT count(*) FROM t_acme.notes"));
        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM t_other.people"));
        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM t_other.notes"));
        Assert.Equal(1, await database.CountAsync("SELECT count(*) FROM countries"));
    }

    [Fact]
    public async Task Plan_OfADatabaseOfOnesOwn_ReadsTheCustomersDatabase()
    {
        await using PostgresDatabase database = await PostgresServer.CreateAsync(
            """
            CREATE TABLE people (id INTEGER PRIMARY KEY); CREATE TABLE notes (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people);
            """
        );
        string connection = database.ConnectionString.Replace(database.Name, "{tenant}", StringComparison.Ordinal);

        ScopePlan plan = await Systems(connection, "").For(database.Name).PlanAsync("lms", default);

        Assert.Equal(["notes", "people"], plan.Datasets.Select(dataset => dataset.Name));
    }

    [Theory]
    [InlineData("sqlite", "{ \"whole\": true }")]
    [InlineData("postgres", "{ \"table\": \"orgs\", \"column\": \"id\" }")]
    public void Load_OfASchemaWhereNoneIsOnesOwn_IsRefused(string provider, string tenant)
    {
        var fault = Assert.Throws<DataMapException>(() =>
            MapFile.Load(
                folder,
                $$"""
                { "systems": [{ "name": "lms", "kind": "sql", "provider": "{{provider}}", "connection": "Lms", "schema": "s", "tenant": {{tenant}} }],
                  "categories": { "data": "Data" }, "datasets": [] }
                """
            )
        );

        Assert.Equal("systems[0].schema", Assert.Single(fault.Problems).Place.JsonPath);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
