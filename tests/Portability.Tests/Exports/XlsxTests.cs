using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using Portability.Exports;
using Portability.Exports.Formats;
using Portability.Exports.Formats.Xlsx;
using Portability.Exports.Rows;
using Cell = Portability.Exports.Rows.Cell;
using SheetNames = Portability.Exports.Formats.Xlsx.SheetNames;

namespace Portability.Tests.Exports;

/// <summary>Workbooks as exceljs reads them, each found valid by Microsoft's validator first.</summary>
[Collection(ExportTests.Name)]
public sealed class XlsxTests(ExportHouse house)
{
    [Fact]
    public async Task Xlsx_OfHostileTexts_HasThemAsTextsExactly()
    {
        var source = HostileSource.Create(house);
        string[] texts =
        [
            .. HostileTexts.All.Where(text => text.Length > 0),
            "_x0041_ and _xD83D_",
            "\u0001\u0008\u000B\uFFFE\uFFFF",
            "a\rb\r\nc",
            "]]>&lt;",
        ];
        for (var i = 0; i < texts.Length; i++)
        {
            source.AddItem(i + 1, "label", texts[i]);
        }

        var book = await ExportAsync(source);

        Assert.Equal(1, book.Sheets[0].Frozen);
        Assert.True(book.Sheets[0].Bold);
        var longTexts = book.Sheets.Single(sheet => sheet.Name == XlsxContent.LongTexts).ByName();
        for (var i = 0; i < texts.Length; i++)
        {
            var cell = book.Rows[i]["label"];
            Assert.Equal("string", cell.Type);
            if (texts[i].Length <= 32_767)
            {
                Assert.Equal(texts[i], Unescaped(cell.Value!));
                continue;
            }

            var row = (i + 2).ToString(CultureInfo.InvariantCulture);
            var pieces = longTexts
                .Where(piece => piece["Row"].Value == row && piece["Column"].Value == "label")
                .ToList();
            Assert.Equal(texts[i], Unescaped(string.Concat(pieces.Select(piece => piece["Text"].Value))));
            Assert.All(pieces, piece => Assert.Equal("items", piece["Sheet"].Value));
            Assert.Contains(
                texts[i].Length.ToString(CultureInfo.InvariantCulture),
                cell.Value,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public async Task Xlsx_OfTypedValues_HasTypedCells()
    {
        var source = HostileSource.Create(house);
        (string Column, object? Value, SheetCell Expected)[] values =
        [
            ("whole", 42L, Number("42")),
            ("whole", -999_999_999_999_999L, Number("-999999999999999")),
            ("whole", 1_000_000_000_000_000L, Text("1000000000000000")),
            ("whole", long.MinValue, Text("-9223372036854775808")),
            ("whole", "not a number", Text("not a number")),
            ("number", 0.1, Number("0.1")),
            ("number", -1e-300, Number("-1e-300")),
            ("number", 1.0 / 3, Number("0.3333333333333333")),
            ("number", double.MaxValue, Text("1.7976931348623157E+308")),
            ("number", double.Epsilon, Text("5E-324")),
            ("number", double.PositiveInfinity, Text("Infinity")),
            ("flag", 1L, new("boolean", "True", "General")),
            ("flag", 0L, new("boolean", "False", "General")),
            ("flag", 7L, Number("7")),
            ("day", "2026-02-28", new("date", "2026-02-28T00:00:00.000Z", "yyyy-mm-dd")),
            ("day", "9999-12-31", new("date", "9999-12-31T00:00:00.000Z", "yyyy-mm-dd")),
            ("day", "1900-02-28", Text("1900-02-28")),
            ("day", "2026-02-29", Text("2026-02-29")),
            ("at", "2026-02-03T04:05:06Z", new("date", "2026-02-03T04:05:06.000Z", "yyyy-mm-dd hh:mm:ssZ")),
            ("at", "2026-02-03 04:05:06.789", new("date", "2026-02-03T04:05:06.789Z", "yyyy-mm-dd hh:mm:ss.000")),
            ("at", "2026-02-03T04:05:06.7891Z", Text("2026-02-03T04:05:06.7891Z")),
            ("at", "2026-02-03T04:05:06+01:00", Text("2026-02-03T04:05:06+01:00")),
            // SQLite itself made a real of it.
            ("amount", "12345678901234567890.10", Number("12345678901234567000")),
            ("amount", "-12.50", Number("-12.5")),
            ("label", "42", Text("42")),
            ("label", null, new("null", null, "")),
            ("data", new byte[] { 0, 255 }, Text("AP8=")),
        ];
        for (var i = 0; i < values.Length; i++)
        {
            source.AddItem(i + 1, values[i].Column, values[i].Value);
        }

        var rows = (await ExportAsync(source)).Rows;

        for (var i = 0; i < values.Length; i++)
        {
            var actual = rows[i][values[i].Column];
            Assert.Equal(
                values[i].Expected,
                actual.Type == "date" || actual.Type == "null" ? actual : actual with { Format = "General" }
            );
        }
    }

    /// <summary>exceljs takes an empty text for no value, so the cells are looked at as such.</summary>
    [Fact]
    public async Task Xlsx_OfNullAndEmpty_HasNoCellForANullAndOneForAnEmptyText()
    {
        var source = HostileSource.Create(house);
        source.Run("INSERT INTO items (id, tenant_id) VALUES (1, 1)");
        source.Run("INSERT INTO notes VALUES (1, 'a', NULL), (1, 'b', '')");
        var path = Path.Combine(await source.ExportAsync(ExportFormats.Xlsx), "xlsx", "notes.xlsx");

        using var document = SpreadsheetDocument.Open(path, isEditable: false);
        var sheet = document.WorkbookPart!.WorksheetParts.Single().Worksheet;
        var cells = sheet
            .Descendants<DocumentFormat.OpenXml.Spreadsheet.Cell>()
            .ToDictionary(cell => cell.CellReference!.Value!);

        Assert.False(cells.ContainsKey("C2"));
        Assert.Equal((CellValues.InlineString, ""), (cells["C3"].DataType!.Value, cells["C3"].InnerText));
    }

    [Fact]
    public async Task Xlsx_OfMoreRowsThanASheetHolds_GoesOnInFurtherSheets()
    {
        var source = HostileSource.Create(house);
        for (var i = 1; i <= 7; i++)
        {
            source.AddItem(i, "label", i == 5 ? new string('x', 70_000) : $"row {i}");
        }

        var path = Path.Combine(house.Folder.FullName, $"{Guid.NewGuid():N}.xlsx");
        await using (var content = new XlsxContent(await source.InputAsync("items"), rowsASheet: 3))
        {
            await ContentFile.WriteAsync(content, path);
            Assert.Equal(7, content.Rows);
        }

        var book = await ReadWorkbook.ReadAsync(path);

        Assert.Equal(["items", "items (2)", "items (3)", "Long texts"], book.Sheets.Select(sheet => sheet.Name));
        Assert.Equal([4, 4, 2, 4], book.Sheets.Select(sheet => sheet.Rows.Count));
        Assert.All(book.Sheets, sheet => Assert.Equal(1, sheet.Frozen));
        Assert.All(
            book.Sheets[3].ByName(),
            piece => Assert.Equal(("items (2)", "3"), (piece["Sheet"].Value, piece["Row"].Value))
        );
    }

    [Fact]
    public async Task Xlsx_OfATextItCannotHold_NamesThePlace()
    {
        var source = HostileSource.Create(house);
        source.Run("INSERT INTO items (id, tenant_id, label) VALUES (1, 1, 'fine'), (2, 1, CAST(X'610062' AS TEXT))");
        await using var content = new XlsxContent(await source.InputAsync("items"));

        var fault = await Assert.ThrowsAsync<UnwritableValueException>(async () =>
            await ContentFile.WriteAsync(content, Path.Combine(house.Folder.FullName, $"{Guid.NewGuid():N}.xlsx"))
        );

        Assert.Equal(("items", "label", 2L), (fault.Table, fault.Column, fault.Row));
        Assert.Contains("NUL", fault.Message, StringComparison.Ordinal);
    }

    /// <summary>Decimals as engines with real ones hand them over: as text.</summary>
    [Theory]
    [InlineData("12.50", "<c r=\"A2\"><v>12.50</v></c>")]
    [InlineData("-0.000000000000123", "<c r=\"A2\"><v>-0.000000000000123</v></c>")]
    [InlineData("999999999999999", "<c r=\"A2\"><v>999999999999999</v></c>")]
    [InlineData("1234567890123.4567", "<c r=\"A2\" t=\"inlineStr\"><is><t>1234567890123.4567</t></is></c>")]
    [InlineData("NaN", "<c r=\"A2\" t=\"inlineStr\"><is><t>NaN</t></is></c>")]
    [InlineData("+1", "<c r=\"A2\" t=\"inlineStr\"><is><t>+1</t></is></c>")]
    public void Cell_OfADecimalAsText_IsANumberWhereASpreadsheetKeepsIt(string text, string expected)
    {
        var cells = new XlsxCells([Portability.Sources.ColumnKind.Decimal]);
        using var output = new RowBuffer();
        cells.BeginRow(output, 2);
        var begun = output.Length;

        cells.Write(output, 0, new Cell(CellKind.Text, Encoding.UTF8.GetBytes(text)), out _);

        Assert.Equal(expected, Encoding.UTF8.GetString(output.Written.Span[begun..]));
    }

    [Theory]
    [InlineData("a/b:c*d?[e]", "a_b_c_d__e_")]
    [InlineData("'quoted'", "quoted")]
    [InlineData("", "Sheet")]
    [InlineData("0123456789012345678901234567890123", "0123456789012345678901234567890")]
    public void SheetName_OfAnyText_IsAllowed(string name, string expected)
    {
        Assert.Equal(expected, SheetNames.Of(name));
        Assert.True(SheetNames.Free(expected, [expected.ToUpperInvariant()]).Length <= 31);
    }

    /// <summary>exceljs leaves the format's own escapes in inline texts as they are.</summary>
    private static string Unescaped(string text) =>
        Regex.Replace(
            text,
            "_x(?<code>[0-9A-F]{4})_",
            match =>
                (
                    (char)
                        int.Parse(match.Groups["code"].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                ).ToString(),
            RegexOptions.None,
            TimeSpan.FromSeconds(10)
        );

    private static SheetCell Number(string value) => new("number", value, "General");

    private static SheetCell Text(string value) => new("string", value, "General");

    private static async Task<ReadWorkbook> ExportAsync(HostileSource source) =>
        await ReadWorkbook.ReadAsync(Path.Combine(await source.ExportAsync(ExportFormats.Xlsx), "xlsx", "items.xlsx"));
}
