using System.Text.RegularExpressions;
using Azure.Storage.Blobs;
using Portability.DataMap;
using Portability.Tests.Erasure;

namespace Portability.Tests.Docs;

/// <summary>docs/datamap.md says of its example what really happens.</summary>
[Collection("storage")]
public sealed class DataMapPageTests(StorageFixture storage)
{
    internal const string Rows = """
        INSERT INTO companies VALUES ('acme', 'Acme', 'active', NULL), ('other', 'Other', 'active', NULL);
        INSERT INTO employees VALUES (1, 'acme', 'ann@acme', '1', 'x'), (2, 'acme', 'bo@acme', '2', 'x'), (3, 'other', 'cy@other', '3', 'x');
        INSERT INTO rooms VALUES (1, 'acme', 'Blue', 'acme/1.jpg'), (2, 'other', 'Red', 'other/2.jpg');
        INSERT INTO bookings VALUES (1, 1, 1, '2027-01-04', 'a'), (2, 1, 2, '2027-01-05', 'b'), (3, 2, 3, '2027-01-04', 'c');
        INSERT INTO receipts VALUES (1, 1, '2027-01-04', 100.5), (2, 2, '2015-01-04', 90), (3, 3, '2027-01-04', 80);
        INSERT INTO holidays VALUES ('2027-01-01', 'SE', 'New Year'); INSERT INTO migrations VALUES (1, NULL);
        """;

    private static readonly Page Text = Page.Read("docs/datamap.md");

    internal static string Schema => Assert.Single(Text.Blocks("sql"));

    internal static string Map => Assert.Single(Text.Blocks("json"));

    [Fact]
    public async Task Example_LaidOverItsDatabase_TakesTheOrderAndPathsOfThePage()
    {
        using var bench = Bench(Map);

        var plan = await bench.Systems.PlanAsync("booking", CancellationToken.None);

        var owned = plan
            .Datasets.Where(dataset => dataset.IsOwned)
            .Select(dataset => $"{dataset.Name, -10} {string.Join(", ", dataset.Path)}");
        Assert.Equal(Text.Blocks("text")[2].TrimEnd().Split('\n'), owned);
    }

    [Fact]
    public async Task Example_CarriedOut_LeavesWhatThePageSays()
    {
        using var bench = Bench(Map);
        var photos = new BlobContainerClient(storage.ConnectionString, "photos");
        await photos.CreateIfNotExistsAsync();
        await photos.GetBlobClient("acme/1.jpg").UploadAsync(BinaryData.FromString("blue"), overwrite: true);
        await photos.GetBlobClient("other/2.jpg").UploadAsync(BinaryData.FromString("red"), overwrite: true);

        await bench.RunAsync(bench.Order(customer: "acme"));
        var report = await bench.VerifyAsync();

        Assert.True(report.IsProven, string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings)));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM receipts WHERE employee_id IN (1, 2)"));
        Assert.Equal(
            1,
            bench.File.Count(
                "SELECT count(*) FROM employees WHERE id = 1 AND phone IS NULL AND password_hash IS NULL AND email LIKE 'erased-%'"
            )
        );
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM employees WHERE id = 2"));
        Assert.Equal(0, bench.File.Count("SELECT count(*) FROM rooms WHERE company = 'acme'"));
        Assert.Equal(1, bench.File.Count("SELECT count(*) FROM companies WHERE code = 'acme' AND name IS NULL"));
        Assert.Equal(
            (1L, 1L, 1L, 1L),
            (
                bench.File.Count("SELECT count(*) FROM employees WHERE company = 'other'"),
                bench.File.Count("SELECT count(*) FROM rooms WHERE company = 'other'"),
                bench.File.Count("SELECT count(*) FROM bookings"),
                bench.File.Count("SELECT count(*) FROM receipts WHERE employee_id = 3")
            )
        );
        Assert.False(await photos.GetBlobClient("acme/1.jpg").ExistsAsync());
        Assert.True(await photos.GetBlobClient("other/2.jpg").ExistsAsync());
    }

    [Fact]
    public async Task Example_WithoutItsVia_IsRefusedInTheWordsOfThePage()
    {
        using var bench = Bench(Map.Replace("\"via\": \"room_id\", ", "", StringComparison.Ordinal));

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            bench.Systems.PlanAsync("booking", CancellationToken.None)
        );

        Assert.Equal(Text.Blocks("text")[3].Trim(), Assert.Single(fault.Problems).ToString());
    }

    [Fact]
    public async Task OneRoster_OfThePage_FitsTheExample()
    {
        var roster = Text.Blocks("jsonc").Single(block => block.StartsWith("\"oneRoster\"", StringComparison.Ordinal));
        using var bench = Bench(Map.Replace("\"excluded\":", $"{roster},\n\"excluded\":", StringComparison.Ordinal));

        var plan = await bench.Systems.PlanAsync("booking", CancellationToken.None);

        Assert.Equal(["orgs", "users", "roles"], plan.OneRoster!.Sources.Select(source => source.Map.File.Name));
    }

    [Fact]
    public async Task EmptyDatasets_LaidOverTheDatabase_AreRefusedWithALineForEachTable()
    {
        var empty = Regex.Replace(
            Map,
            "\"datasets\": \\[.*?\n  \\],\n  \"documents\": \\[.*?\n  \\],",
            "\"datasets\": [],",
            RegexOptions.Singleline,
            TimeSpan.FromSeconds(1)
        );
        using var bench = Bench(empty);

        var fault = await Assert.ThrowsAsync<DataMapException>(() =>
            bench.Systems.PlanAsync("booking", CancellationToken.None)
        );

        Assert.Equal(
            ["bookings", "companies", "employees", "holidays", "receipts", "rooms"],
            fault.Problems.Select(problem => problem.Subject).Order(StringComparer.Ordinal)
        );
    }

    // The bench knows its settings by other names.
    private ErasureBench Bench(string map) =>
        new(
            storage.ConnectionString,
            Schema + Rows,
            map.Replace("\"BookingPhotos\"", "\"Media\"", StringComparison.Ordinal)
                .Replace("\"Booking\"", "\"Lms\"", StringComparison.Ordinal)
        );
}
