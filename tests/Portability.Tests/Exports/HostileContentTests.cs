using System.Globalization;
using System.Text;
using System.Text.Json;
using CsvHelper;
using CsvHelper.Configuration;
using FsCheck;
using FsCheck.Fluent;
using Portability.Exports;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class HostileContentTests(ExportHouse house)
{
    private const string EveryColumn =
        "SELECT id, tenant_id, kind, region, \"odd \"\"name\"\", =1+1\", label, anything, number, whole, amount, flag, day, at, data, doc, "
        + "twice, hex(label), typeof(anything), typeof(amount) FROM items WHERE tenant_id = 1 ORDER BY id";

    private static readonly object[] Numbers =
    [
        0L,
        -1L,
        long.MaxValue,
        long.MinValue,
        9007199254740993L,
        0.1,
        -0.1,
        1e-320,
        double.Epsilon,
        double.MaxValue,
        double.MinValue,
        1e21,
        123456789012345680.0,
        1.0 / 3,
        2.0,
        -2.0,
        double.PositiveInfinity,
        double.NegativeInfinity,
        9007199254740993.0,
        5e-324,
        1.7976931348623157E+308,
        2.2250738585072014E-308,
    ];

    [Fact]
    public async Task SqlDump_OfHostileValues_LoadsBackExactly()
    {
        var source = Filled();
        var folder = await source.ExportAsync(ExportFormats.Sql);

        var loaded = await Tool.LoadAsync(Path.Combine(folder, "src.sql"));

        Assert.Equal(HostileSource.Values(source.Database, EveryColumn), HostileSource.Values(loaded, EveryColumn));
        Assert.Equal("", await Tool.AskAsync(loaded, "PRAGMA foreign_key_check"));
        Assert.Equal("ok", await Tool.AskAsync(loaded, "PRAGMA integrity_check"));
        Assert.Equal(
            HostileSource.Values(source.Database, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"),
            HostileSource.Values(loaded, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name")
        );
    }

    [Fact]
    public async Task SqlDump_OfRandomNumbersAndTexts_LoadsBackExactly()
    {
        var source = HostileSource.Create(house);
        var id = 0;
        foreach (var text in ArbMap.Default.GeneratorFor<string>().Sample(100, 60))
        {
            source.AddItem(++id, "label", text?.Replace("\0", "", StringComparison.Ordinal));
        }

        var random = new System.Random(7);
        for (var i = 0; i < 400; i++)
        {
            var number = BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
            source.AddItem(++id, "number", double.IsNaN(number) ? i / 7.0 : number);
            source.AddItem(++id, "number", random.NextDouble() * Math.Pow(10, random.Next(-9, 18)));
        }

        var folder = await source.ExportAsync(ExportFormats.Sql);
        var loaded = await Tool.LoadAsync(Path.Combine(folder, "src.sql"));

        Assert.Equal(HostileSource.Values(source.Database, EveryColumn), HostileSource.Values(loaded, EveryColumn));
    }

    [Fact]
    public async Task Csv_OfHostileValues_ReadsBackExactlyOnceTheGuardIsUndone()
    {
        var source = Filled();
        var folder = await source.ExportAsync(ExportFormats.Csv);

        var rows = ReadCsv(Path.Combine(folder, "csv", "items.csv"));

        Assert.Equal(HostileTexts.All.Count, rows.Count(row => long.Parse(row["id"]) is > 100 and < 200));
        foreach (var row in rows)
        {
            var id = long.Parse(row["id"]);
            if (id is > 100 and < 200)
            {
                Assert.Equal(HostileTexts.All[(int)id - 101], row["label"]);
            }
            else if (id is > 200 and < 300)
            {
                var text = row["anything"].Replace("Infinity", "∞", StringComparison.Ordinal);
                switch (Numbers[id - 201])
                {
                    case long whole:
                        Assert.Equal(whole, long.Parse(text, CultureInfo.InvariantCulture));
                        break;
                    case double real:
                        Assert.Equal(real, double.Parse(text.Replace("∞", "Infinity"), CultureInfo.InvariantCulture));
                        break;
                    default:
                        Assert.Fail("no such number");
                        break;
                }
            }
        }

        Assert.Equal(Convert.ToBase64String([0, 255, 13, 10]), rows.Single(row => row["id"] == "301")["data"]);
    }

    [Fact]
    public async Task Csv_OfRiskyTexts_HasNoFieldThatASpreadsheetRuns()
    {
        var source = Filled();
        var folder = await source.ExportAsync(ExportFormats.Csv);

        foreach (var row in ReadCsv(Path.Combine(folder, "csv", "items.csv"), undo: false))
        {
            Assert.DoesNotMatch("^[ ]*[=+\\-@\\t\\r\\n\uFF1D\uFF0B\uFF0D\uFF20]", row["label"]);
        }
    }

    [Fact]
    public async Task Csv_OfNullAndEmpty_TellsThemApart()
    {
        var source = HostileSource.Create(house);
        source.Run("INSERT INTO items (id, tenant_id) VALUES (1, 1)");
        source.Run("INSERT INTO notes VALUES (1, 'a', NULL), (1, 'b', ''), (1, 'c', 'x'), (1, '', NULL)");
        var folder = await source.ExportAsync(ExportFormats.Csv);

        Assert.Equal(
            "item_id,n,body\r\n1,\"\",\r\n1,a,\r\n1,b,\"\"\r\n1,c,x\r\n",
            await File.ReadAllTextAsync(Path.Combine(folder, "csv", "notes.csv"))
        );
    }

    [Fact]
    public async Task Json_OfHostileValues_ReadsBackExactly()
    {
        var source = Filled();
        source.AddItem(900, "label", "with \0 NUL");
        source.AddItem(901, "doc", "{\"a\": [1, 2.50, null]}");
        source.AddItem(902, "doc", "{broken");
        source.AddItem(903, "flag", 1L);
        var folder = await source.ExportAsync(ExportFormats.Json);

        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "json", "items.json")));
        var rows = json.RootElement.EnumerateArray().ToDictionary(row => row.GetProperty("id").GetInt64());
        for (var i = 0; i < HostileTexts.All.Count; i++)
        {
            Assert.Equal(HostileTexts.All[i], rows[101 + i].GetProperty("label").GetString());
        }

        for (var i = 0; i < Numbers.Length; i++)
        {
            var value = rows[201 + i].GetProperty("anything");
            switch (Numbers[i])
            {
                case long whole:
                    Assert.Equal(whole, value.GetInt64());
                    break;
                case double real when double.IsInfinity(real):
                    Assert.Equal(real > 0 ? "Infinity" : "-Infinity", value.GetString());
                    break;
                case double real:
                    Assert.Equal(real, value.GetDouble());
                    break;
                default:
                    Assert.Fail("no such number");
                    break;
            }
        }

        Assert.Equal("with \0 NUL", rows[900].GetProperty("label").GetString());
        Assert.Equal("{\"a\": [1, 2.50, null]}", rows[901].GetProperty("doc").GetRawText());
        Assert.Equal("{broken", rows[902].GetProperty("doc").GetString());
        Assert.True(rows[903].GetProperty("flag").GetBoolean());
        Assert.Equal(JsonValueKind.Null, rows[903].GetProperty("label").ValueKind);
    }

    [Fact]
    public async Task Documents_OfACompositeKeyAndAReference_NestThem()
    {
        var source = Filled();
        source.Run(
            "INSERT INTO notes VALUES (101, 'b', 'second'), (101, 'a', 'first'), (103, 'A', NULL), (103, '', 'x')"
        );
        source.Run("UPDATE items SET region = 'se' WHERE id = 103");
        var folder = await source.ExportAsync(ExportFormats.Json);

        using var json = JsonDocument.Parse(
            await File.ReadAllBytesAsync(Path.Combine(folder, "documents", "items-with-notes.json"))
        );
        var rows = json.RootElement.EnumerateArray().ToDictionary(row => row.GetProperty("id").GetInt64());
        Assert.Equal("first,second", Bodies(rows[101]));
        Assert.Equal("", Bodies(rows[102]));
        Assert.Equal("x,", Bodies(rows[103]));
        Assert.Equal("Sverige", rows[103].GetProperty("where").GetProperty("name").GetString());
        Assert.Equal(JsonValueKind.Null, rows[101].GetProperty("where").ValueKind);
    }

    [Theory]
    [InlineData("CAST(X'610062' AS TEXT)", "NUL")]
    [InlineData("CAST(X'61FF62' AS TEXT)", "UTF-8")]
    public async Task Csv_OfTextItCannotHold_NamesThePlace(string expression, string reason)
    {
        var source = HostileSource.Create(house);
        source.Run($"INSERT INTO items (id, tenant_id, label) VALUES (1, 1, 'fine'), (2, 1, {expression})");
        await using var exporter = source.Exporter();
        var order = source.Order(ExportFormats.Csv);
        var plan = await exporter.PlanAsync(order, default);
        var file = plan.Datasets.Single(dataset => dataset.Name == "items").Files.Single();

        var refusal = await Assert.ThrowsAsync<UnwritableValueException>(() =>
            exporter.WriteFileAsync(new(order.CaseId, 1), file.Index, null, default)
        );

        Assert.Equal(("items", "label", 2L), (refusal.Table, refusal.Column, refusal.Row));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        var progress = await exporter.ProgressAsync(new(order.CaseId, 1), default);
        Assert.Equal(FileState.Failed, progress[file.Index].State);
        Assert.Equal(refusal.Message, progress[file.Index].Error);
        var incomplete = await Assert.ThrowsAsync<ExportFileMissingException>(() =>
            exporter.CompleteAsync(new(order.CaseId, 1), default)
        );
        Assert.Equal(order.CaseId, incomplete.Export.CaseId);
    }

    [Fact]
    public async Task SqlDump_OfTextWithNulOrBrokenUtf8_LoadsBackExactly()
    {
        var source = HostileSource.Create(house);
        source.Run(
            "INSERT INTO items (id, tenant_id, label) VALUES (1, 1, CAST(X'610062' AS TEXT)), (2, 1, CAST(X'61FF62' AS TEXT))"
        );
        var folder = await source.ExportAsync(ExportFormats.Sql);

        var loaded = await Tool.LoadAsync(Path.Combine(folder, "src.sql"));

        Assert.Equal("610062\n61FF62", await Tool.AskAsync(loaded, "SELECT hex(label) FROM items ORDER BY id"));
    }

    [Fact]
    public async Task SqlDump_OfReferencesBeyondTheCustomer_KeepsTheValueAndLeavesTheReferenceOut()
    {
        var source = Filled();
        source.AddItem(5000, "label", "the other tenant's", tenant: 2);
        source.Run("UPDATE items SET reviewed_with = 5000, kind = 'b', region = 'no' WHERE id = 101");
        var folder = await source.ExportAsync(ExportFormats.Sql);

        var dump = Path.Combine(folder, "src.sql");
        var loaded = await Tool.LoadAsync(dump);
        Assert.Equal("", await Tool.AskAsync(loaded, "PRAGMA foreign_key_check"));
        Assert.Equal("5000", await Tool.AskAsync(loaded, "SELECT reviewed_with FROM items WHERE id = 101"));
        Assert.Equal("0", await Tool.AskAsync(loaded, "SELECT count(*) FROM items WHERE tenant_id <> 1"));
        Assert.Contains("-- Reference left out: reviewed_with -> items(id)", await File.ReadAllTextAsync(dump));
        Assert.DoesNotContain("the other tenant's", await File.ReadAllTextAsync(dump), StringComparison.Ordinal);
        Assert.Equal("no", await Tool.AskAsync(loaded, "SELECT group_concat(code) FROM regions"));
        Assert.Equal(HostileSource.Values(source.Database, EveryColumn), HostileSource.Values(loaded, EveryColumn));
    }

    private static string Bodies(JsonElement row) =>
        string.Join(
            ',',
            row.GetProperty("notes").EnumerateArray().Select(note => note.GetProperty("body").GetString())
        );

    private HostileSource Filled()
    {
        var source = HostileSource.Create(house);
        for (var i = 0; i < HostileTexts.All.Count; i++)
        {
            source.AddItem(101 + i, "label", HostileTexts.All[i]);
        }

        for (var i = 0; i < Numbers.Length; i++)
        {
            source.AddItem(201 + i, "anything", Numbers[i]);
        }

        source.AddItem(301, "data", new byte[] { 0, 255, 13, 10 });
        source.AddItem(302, "data", Array.Empty<byte>());
        source.AddItem(303, "odd \"name\", =1+1", "x");
        source.AddItem(304, "day", "9999-12-31");
        source.AddItem(305, "day", "-4713-11-24");
        source.AddItem(306, "amount", "12345678901234567890.10");
        source.AddItem(307, "amount", 0.1);
        source.AddItem(308, "whole", 21L);
        source.AddItem(309, "label", null);
        source.AddItem(310, "whole", "not a number");
        return source;
    }

    private static List<Dictionary<string, string>> ReadCsv(string path, bool undo = true)
    {
        var configuration = new CsvConfiguration(CultureInfo.InvariantCulture) { Mode = CsvMode.RFC4180 };
        using var reader = new CsvReader(new StreamReader(path, new UTF8Encoding(false, true), false), configuration);
        reader.Read();
        reader.ReadHeader();
        var rows = new List<Dictionary<string, string>>();
        while (reader.Read())
        {
            rows.Add(
                reader.HeaderRecord!.ToDictionary(
                    name => name,
                    name => reader.GetField(name) is var text && undo && text!.StartsWith('\'') ? text[1..] : text!
                )
            );
        }

        return rows;
    }
}
