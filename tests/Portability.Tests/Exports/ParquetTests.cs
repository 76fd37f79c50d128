using System.Text.Json;
using Portability.Demo;
using Portability.Exports;
using Portability.Exports.Formats.Parquet;

namespace Portability.Tests.Exports;

/// <summary>Parquet files as hyparquet and DuckDB read them.</summary>
[Collection(ExportTests.Name)]
public sealed class ParquetTests(ExportHouse house)
{
    [Fact]
    public async Task Parquet_OfFittingValues_HasTheDeclaredTypes()
    {
        var source = HostileSource.Create(house);
        // Its double, in a generated column, is just still an integer.
        source.AddItem(1, "whole", long.MaxValue / 2);
        source.AddItem(2, "number", 0.1);
        source.AddItem(3, "flag", 1L);
        source.AddItem(4, "day", "9999-12-31");
        source.AddItem(5, "at", "2026-02-03T04:05:06.789012Z");
        source.AddItem(6, "amount", "1234567890.10");
        source.AddItem(7, "amount", 0.1);
        source.AddItem(8, "amount", 3L);
        source.AddItem(9, "data", new byte[] { 0, 255 });
        source.AddItem(10, "label", "");

        var file = await ExportAsync(source);

        Assert.Equal("BIGINT", file.Types["whole"]);
        Assert.Equal("DOUBLE", file.Types["number"]);
        Assert.Equal("BOOLEAN", file.Types["flag"]);
        Assert.Equal("DATE", file.Types["day"]);
        Assert.Equal("TIMESTAMP WITH TIME ZONE", file.Types["at"]);
        Assert.Equal("DECIMAL(12,2)", file.Types["amount"]);
        Assert.Equal("BLOB", file.Types["data"]);
        Assert.Equal("VARCHAR", file.Types["label"]);
        Assert.Equal("4611686018427387903", file.Value(1, "whole"));
        Assert.Equal("true", file.Value(3, "flag"));
        Assert.Equal("9999-12-31", file.Value(4, "day"));
        Assert.Equal("2026-02-03 04:05:06.789012+00", file.Value(5, "at"));
        Assert.Equal(["1234567890.10", "0.10", "3.00"], file.Values("amount", 6, 7, 8));
        Assert.Equal(@"\x00\xFF", file.Value(9, "data"));
        Assert.Equal(("", null), (file.Value(10, "label"), file.Value(9, "label")));
        Assert.Null(file.AsText);
    }

    [Fact]
    public async Task Parquet_OfValuesThatDoNotFit_HasThoseColumnsAsTextAndLosesNothing()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "whole", 42L);
        source.AddItem(2, "whole", "not a number");
        source.AddItem(3, "amount", "12345678901234567890.10");
        source.AddItem(4, "amount", 12.345);
        source.AddItem(5, "day", "-4713-11-24");
        source.AddItem(6, "at", "2026-02-03 04:05:06");
        source.AddItem(7, "at", "2026-02-03T04:05:06Z");
        source.AddItem(8, "data", new byte[] { 0, 255 });
        source.AddItem(9, "data", "text among blobs");
        source.AddItem(10, "flag", 7L);

        var file = await ExportAsync(source);

        Assert.Equal("whole, amount, flag, day, at, data", file.AsText);
        Assert.Equal(["42", "not a number"], file.Values("whole", 1, 2));
        // As SQLite holds it: a number in a column of decimals.
        Assert.Equal(["1.2345678901234567E+19", "12.345"], file.Values("amount", 3, 4));
        Assert.Equal("-4713-11-24", file.Value(5, "day"));
        Assert.Equal(["2026-02-03 04:05:06", "2026-02-03T04:05:06Z"], file.Values("at", 6, 7));
        Assert.Equal(["AP8=", "text among blobs"], file.Values("data", 8, 9));
        Assert.Equal("7", file.Value(10, "flag"));
    }

    [Fact]
    public async Task Parquet_OfTimesWithoutZone_HasThemWithoutZone()
    {
        var source = HostileSource.Create(house);
        source.AddItem(1, "label", "no time");
        source.AddItem(2, "at", "2026-02-03 04:05:06.5");

        var file = await ExportAsync(source);

        Assert.Equal("TIMESTAMP", file.Types["at"]);
        Assert.Equal("2026-02-03 04:05:06.5", file.Value(2, "at"));
    }

    [Fact]
    public async Task Parquet_OfHostileTexts_ReadsBackExactly()
    {
        var source = HostileSource.Create(house);
        string[] texts = [.. HostileTexts.All, "with \0 NUL"];
        for (var i = 0; i < texts.Length; i++)
        {
            source.AddItem(i + 1, "label", texts[i]);
        }

        var file = await ExportAsync(source);

        Assert.Equal(texts, file.Column("label"));
    }

    /// <summary>Rows are out already when a value turns up that does not fit: the file begins again, in the store too.</summary>
    [Fact]
    public async Task Parquet_OfAMisfitLateInTheTable_BeginsAgainAndHoldsEveryRow()
    {
        const int Rows = 70_000;
        var source = HostileSource.Create(house);
        source.Run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $value) "
                + "INSERT INTO items (id, tenant_id, whole, number, day) SELECT i, 1, i, i / 8.0, date(i, 'unixepoch') FROM n",
            Rows
        );
        source.Run("UPDATE items SET whole = 'seventy thousand', day = 'soon' WHERE id = 70000");
        await using var content = new ParquetContent(await source.InputAsync("items"));
        await ContentFile.WriteAsync(content, Path.Combine(house.Folder.FullName, $"{Guid.NewGuid():N}.parquet"));
        Assert.Equal((1, (long)Rows), (content.Attempt, content.Rows));

        var folder = await source.ExportAsync(ExportFormats.Parquet);

        var counts = await DuckDbAsync(
            Path.Combine(folder, "parquet", "items.parquet"),
            "SELECT count(*)::VARCHAR AS n, sum(try_cast(whole AS BIGINT))::VARCHAR AS s, max(number)::VARCHAR AS m, max(whole) AS w, max(day) AS d FROM file"
        );
        Assert.Equal("""[{"n":"70000","s":"2449965000","m":"8750.0","w":"seventy thousand","d":"soon"}]""", counts);
    }

    [Fact]
    public async Task Parquet_OfNoRows_IsAFileWithColumns()
    {
        var source = HostileSource.Create(house);

        var file = await ExportAsync(source);

        Assert.Empty(file.Rows);
        Assert.Equal("BIGINT", file.Types["id"]);
    }

    [Fact]
    public async Task Parquet_OfTextThatIsNoUtf8_NamesThePlace()
    {
        var source = HostileSource.Create(house);
        source.Run("INSERT INTO items (id, tenant_id, label) VALUES (1, 1, 'fine'), (2, 1, CAST(X'61FF62' AS TEXT))");

        var fault = await Assert.ThrowsAsync<UnwritableValueException>(() => source.ExportAsync(ExportFormats.Parquet));

        Assert.Equal(("items", "label", 2L), (fault.Table, fault.Column, fault.Row));
    }

    private static async Task<string> DuckDbAsync(string path, string sql) =>
        await Tool.RunAsync("node", [Checkout.Find(Path.Combine("tests", "Readers", "duckdb.mjs"))!, path, sql]);

    private static async Task<ParquetFile> ExportAsync(HostileSource source)
    {
        var path = Path.Combine(await source.ExportAsync(ExportFormats.Parquet), "parquet", "items.parquet");
        var script = Checkout.Find(Path.Combine("tests", "Readers", "parquet.mjs"))!;
        using var json = JsonDocument.Parse(await Tool.RunAsync("node", [script, path]));
        var types = await DuckDbAsync(path, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM file)");
        return new ParquetFile(
            json.RootElement.GetProperty("duckdb")
                .GetProperty("rows")
                .Deserialize<List<Dictionary<string, string?>>>()!,
            JsonSerializer
                .Deserialize<List<Dictionary<string, string>>>(types)!
                .ToDictionary(row => row["column_name"], row => row["column_type"]),
            json
                .RootElement.GetProperty("hyparquet")
                .GetProperty("keys")
                .TryGetProperty("portability.columnsAsText", out var named)
                ? named.GetString()
                : null
        );
    }

    private sealed record ParquetFile(
        IReadOnlyList<Dictionary<string, string?>> Rows,
        Dictionary<string, string> Types,
        string? AsText
    )
    {
        public string? Value(int row, string column) => Rows[row - 1][column];

        /// <summary>One column of some rows.</summary>
        public List<string?> Values(string column, params int[] rows) => [.. rows.Select(row => Value(row, column))];

        public IEnumerable<string?> Column(string name) => Rows.Select(row => row[name]);
    }
}
