using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Terminations;
using Portability.Tests.DataMap;
using Portability.Tests.Http;
using Portability.Tests.Sources;

namespace Portability.Tests.Erasure;

/// <summary>
/// A plan is refused as a whole, before anything is deleted. After each refusal every row and every blob is there, nothing is sealed, and
/// the reason says what stands in the way and what to do about it.
/// </summary>
[Collection("storage")]
public sealed class PlanRefusalTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, name TEXT);
        CREATE TABLE invoices (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, issued DATE);
        CREATE TABLE stats (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs, who TEXT);
        INSERT INTO orgs VALUES (1, 'Leaver'), (2, 'Neighbour');
        INSERT INTO users VALUES (10, 1, 'Ann'), (20, 2, 'Bo');
        INSERT INTO invoices VALUES (50, 1, '2026-05-05'), (51, 1, '2010-05-05'), (60, 2, '2026-05-05');
        INSERT INTO stats VALUES (1, 1, 'Ann'), (2, 2, 'Bo');
        """;

    private static readonly DateTimeOffset Now = new(2027, 7, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly StorageFixture storage;
    private readonly SqliteFile file = new(Schema);
    private readonly BlobContainerClient media;
    private readonly string caseId = $"case-{Guid.NewGuid():N}";

    public PlanRefusalTests(StorageFixture storage)
    {
        this.storage = storage;
        media = new(storage.ConnectionString, $"media-{Guid.NewGuid():N}");
        media.Create();
        media.UploadBlob("customers/1/a.txt", BinaryData.FromString("a"));
        media.UploadBlob("customers/2/n.txt", BinaryData.FromString("n"));
    }

    private string Map =>
        $$"""
            {
              "systems": [
                { "name": "lms", "kind": "sql", "provider": "sqlite", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } },
                { "name": "media", "kind": "blob", "connection": "Media", "container": "{{media.Name}}" }
              ],
              "categories": { "data": "Data" },
              "retention": { "books": { "period": "P7Y", "from": "fiscalYearEnd", "legalBasis": "The bookkeeping act" }, "support": { "period": "P1Y", "from": "effectiveEnd", "legalBasis": "The agreement" } },
              "datasets": [
                { "table": "orgs", "category": "data", "erase": "delete" },
                { "table": "users", "category": "data", "erase": "delete" },
                { "table": "invoices", "category": "data", "erase": { "retain": "books", "anchor": "issued" } },
                { "table": "stats", "category": "data", "erase": { "anonymise": { "who": "hash" } } },
                { "name": "files", "prefix": "customers/{tenant}/", "category": "data", "erase": "delete" }
              ],
              "excluded": []
            }
            """;

    private Eraser Eraser(string? map = null, string? database = null) =>
        new(
            new MappedSystems(
                MapFile.Load(file.Folder, map ?? Map),
                new ConfigurationBuilder()
                    .AddInMemoryCollection(
                        new Dictionary<string, string?>
                        {
                            ["Lms"] = database ?? file.ConnectionString,
                            ["Media"] = storage.ConnectionString,
                        }
                    )
                    .Build()
            ),
            new BlobServiceClient(storage.ConnectionString),
            ErasureBench.Keys,
            new TestGate(),
            new SettableTime(Now)
        );

    private ErasureOrder Order(params string[] held) =>
        new()
        {
            CaseId = caseId,
            Run = 1,
            CustomerId = "1",
            Kind = ErasureKind.Full,
            AsOf = Now,
            EffectiveEnd = new(2027, 3, 31, 22, 0, 0, TimeSpan.Zero),
            TimeZone = "Europe/Stockholm",
            HeldDatasets = held,
        };

    private async Task<List<string>> EverythingAsync()
    {
        var all = new List<string>();
        foreach (var table in new[] { "orgs", "users", "invoices", "stats" })
        {
            all.AddRange(file.Rows($"SELECT * FROM {table} ORDER BY id"));
        }
        await foreach (var blob in media.GetBlobsAsync(states: BlobStates.All))
        {
            all.Add($"{blob.Name} {blob.Properties.ETag}");
        }
        return all;
    }

    /// <summary>The run is refused, twice over, for the reason; and nothing has been touched.</summary>
    private async Task<ErasureRefusedException> RefusedAsync(
        Eraser eraser,
        ErasureOrder order,
        string what,
        string todo
    )
    {
        var before = await EverythingAsync();

        var early = await Assert.ThrowsAnyAsync<ErasureRefusedException>(() => eraser.CheckAsync(order, default));
        var refused = await Assert.ThrowsAnyAsync<ErasureRefusedException>(() => eraser.SealAsync(order, default));

        Assert.Equal(early.Blockers.Count, refused.Blockers.Count);
        Assert.Contains(refused.Blockers, blocker => blocker.Contains(what, StringComparison.Ordinal));
        Assert.Contains(refused.Blockers, blocker => blocker.Contains(todo, StringComparison.Ordinal));
        Assert.Equal(before, await EverythingAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => eraser.EraseAsync(order.Ref, "users", null, default));
        return refused;
    }

    [Fact]
    public async Task Table_ThatCameSinceTheMap_StopsTheRun()
    {
        file.Run("CREATE TABLE surprise (id INTEGER PRIMARY KEY)");

        await RefusedAsync(Eraser(), Order(), "surprise", "\"excluded\"");
    }

    [Fact]
    public async Task Blobs_ThatTheMapDoesNotName_StopTheRun()
    {
        await media.UploadBlobAsync("exports/x.zip", BinaryData.FromString("?"));

        await RefusedAsync(Eraser(), Order(), "'exports/'", "add their prefix");
    }

    [Fact]
    public async Task Database_OutOfReach_StopsTheRunForBlobsToo() =>
        await RefusedAsync(
            Eraser(database: $"Data Source={file.Folder}/elsewhere.db"),
            Order(),
            "'lms'",
            "cannot be reached"
        );

    [Fact]
    public async Task Container_OutOfReach_StopsTheRunForRowsToo() =>
        await RefusedAsync(
            Eraser(Map.Replace(media.Name, "nowhere", StringComparison.Ordinal)),
            Order(),
            "'media'",
            "cannot be reached"
        );

    [Fact]
    public async Task Hold_OnEveryDataset_StopsTheRun() =>
        await RefusedAsync(
            Eraser(),
            Order("orgs", "users", "invoices", "stats", "files"),
            "a hold covers every dataset",
            "release one"
        );

    [Fact]
    public async Task Customer_WhomNoDatabaseKnows_StopsTheRun()
    {
        var before = await EverythingAsync();

        var refused = await Assert.ThrowsAsync<ErasureRefusedException>(() =>
            Eraser().SealAsync(Order() with { CustomerId = "99" }, default)
        );

        Assert.Contains("the id is wrong", Assert.Single(refused.Blockers), StringComparison.Ordinal);
        Assert.Equal(before, await EverythingAsync());
    }

    [Theory]
    [InlineData(
        "\"users\", \"category\": \"data\", \"erase\": \"delete\"",
        "\"delete\"",
        "{ \"anonymise\": { \"name\": \"null\" } }",
        "table lms.users"
    )]
    [InlineData("P7Y", "P7Y", "P1Y", "table lms.invoices")]
    [InlineData("\"who\": \"hash\"", "hash", "null", "table lms.stats")]
    [InlineData(
        "{tenant}/\", \"category\": \"data\", \"erase\": \"delete\"",
        "\"delete\"",
        "{ \"retain\": \"support\" }",
        "blobs media/customers/"
    )]
    public async Task Plan_OfAnotherKindThanThePreviewShowed_WaitsUntilItIsShownAgain(
        string place,
        string was,
        string becomes,
        string thing
    )
    {
        await ShowAsync(Eraser());
        var changed = Map.Replace(
            place,
            place.Replace(was, becomes, StringComparison.Ordinal),
            StringComparison.Ordinal
        );
        Assert.NotEqual(Map, changed);
        var eraser = Eraser(changed);

        var refused = await RefusedAsync(eraser, Order(), thing, "ask for the preview again");

        Assert.IsType<PlanDiffersException>(refused);
        Assert.Single(refused.Blockers);
        Assert.Contains(thing, Assert.Single(await ShowAsync(eraser)), StringComparison.Ordinal);
        Assert.NotEmpty((await eraser.SealAsync(Order(), default)).Datasets);
    }

    [Fact]
    public async Task Plan_WithATableMore_NamesIt()
    {
        await ShowAsync(Eraser());
        file.Run("CREATE TABLE notes (id INTEGER PRIMARY KEY, org INTEGER NOT NULL REFERENCES orgs)");
        var changed = Map.Replace(
            "{ \"table\": \"users\"",
            "{ \"table\": \"notes\", \"category\": \"data\", \"erase\": \"delete\" },\n{ \"table\": \"users\"",
            StringComparison.Ordinal
        );

        var refused = await RefusedAsync(Eraser(changed), Order(), "table lms.notes is new (delete", "preview again");

        Assert.Single(refused.Blockers);
    }

    [Fact]
    public async Task Plan_WithAColumnMoreInRowsThatStay_IsOfAnotherKind()
    {
        await ShowAsync(Eraser());
        file.Run("ALTER TABLE users ADD COLUMN phone TEXT");
        await Eraser().CheckAsync(Order(), default);
        file.Run("ALTER TABLE stats ADD COLUMN phone TEXT");

        await RefusedAsync(Eraser(), Order(), "phone", "ask for the preview again");
    }

    [Fact]
    public async Task Plan_WithOtherNumbersAndOtherWords_IsOfTheSameKind()
    {
        await ShowAsync(Eraser());
        file.Run("INSERT INTO users VALUES (11, 1, 'Cai'); DELETE FROM invoices WHERE id = 50");
        await media.UploadBlobAsync("customers/1/b.txt", BinaryData.FromString("b"));
        var worded = Map.Replace("\"Data\"", "\"Everything\"", StringComparison.Ordinal);

        var plan = await Eraser(worded).SealAsync(Order(), default);

        Assert.Equal(2, plan.Datasets.Single(dataset => dataset.Name == "users").Before);
    }

    [Fact]
    public async Task Preview_ThatIsBlocked_TakesNoOthersPlace()
    {
        await ShowAsync(Eraser());
        file.Run("CREATE TABLE surprise (id INTEGER PRIMARY KEY)");
        Assert.Empty(await ShowAsync(Eraser()));
        file.Run("DROP TABLE surprise");

        await Eraser().CheckAsync(Order(), default);
    }

    public void Dispose() => file.Dispose();

    private async Task<IReadOnlyList<string>> ShowAsync(Eraser eraser)
    {
        var preview = await eraser.PreviewAsync(Order(), default);
        return await eraser.ShownAsync(caseId, preview, "officer-1", default);
    }
}
