using System.Globalization;
using System.Security;
using System.Text;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>The parts of a workbook beside its rows, and the styles that cells name by number.</summary>
internal static class XlsxParts
{
    public const int Header = 1;
    public const int Date = 2;
    public const int Elsewhere = 7;

    private const string Declaration = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    private const string Main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    private const string Office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    private const string Package = "http://schemas.openxmlformats.org/package/2006";

    /// <summary>The style of a time: with or without thousandths, and for UTC with a Z behind, as the source has it.</summary>
    public static int Time(bool isUtc, bool thousandths) => 3 + (isUtc ? 1 : 0) + (thousandths ? 2 : 0);

    public static string SheetPath(int number) =>
        string.Create(CultureInfo.InvariantCulture, $"xl/worksheets/sheet{number}.xml");

    /// <summary>What stands before the rows: a header that stays while one scrolls, and widths to begin with.</summary>
    public static string SheetBegin(IEnumerable<int> widths)
    {
        var columns = widths.Select(
            (width, i) =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"<col min=\"{i + 1}\" max=\"{i + 1}\" width=\"{width}\" customWidth=\"1\"/>"
                )
        );
        return $"{Declaration}<worksheet xmlns=\"{Main}\"><sheetViews><sheetView workbookViewId=\"0\">"
            + "<pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>"
            + "<selection pane=\"bottomLeft\" activeCell=\"A2\" sqref=\"A2\"/></sheetView></sheetViews>"
            + $"<sheetFormatPr defaultRowHeight=\"15\"/><cols>{string.Concat(columns)}</cols><sheetData>";
    }

    public const string SheetEnd = "</sheetData></worksheet>";

    /// <summary>Everything else, to be written once the sheets are known.</summary>
    public static IEnumerable<(string Path, string Text)> Others(IReadOnlyList<string> sheets)
    {
        var numbers = Enumerable.Range(1, sheets.Count).ToList();
        yield return (
            "[Content_Types].xml",
            $"{Declaration}<Types xmlns=\"{Package}/content-types\">"
                + $"<Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>"
                + "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                + Override("xl/workbook.xml", "sheet.main")
                + Override("xl/styles.xml", "styles")
                + string.Concat(numbers.Select(number => Override(SheetPath(number), "worksheet")))
                + "</Types>"
        );
        yield return ("_rels/.rels", Relationships([("rId1", "officeDocument", "xl/workbook.xml")]));
        yield return (
            "xl/workbook.xml",
            $"{Declaration}<workbook xmlns=\"{Main}\" xmlns:r=\"{Office}\"><sheets>"
                + string.Concat(
                    sheets.Zip(
                        numbers,
                        (name, number) =>
                            string.Create(
                                CultureInfo.InvariantCulture,
                                $"<sheet name=\"{SecurityElement.Escape(name)}\" sheetId=\"{number}\" r:id=\"rId{number}\"/>"
                            )
                    )
                )
                + "</sheets></workbook>"
        );
        yield return (
            "xl/_rels/workbook.xml.rels",
            Relationships([
                .. numbers.Select(number => (Id(number), "worksheet", SheetPath(number)["xl/".Length..])),
                (Id(sheets.Count + 1), "styles", "styles.xml"),
            ])
        );
        yield return ("xl/styles.xml", Styles());
    }

    private static string Id(int number) => string.Create(CultureInfo.InvariantCulture, $"rId{number}");

    private static string Override(string path, string kind) =>
        $"<Override PartName=\"/{path}\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml\"/>";

    private static string Relationships(IEnumerable<(string Id, string Kind, string Target)> entries) =>
        $"{Declaration}<Relationships xmlns=\"{Package}/relationships\">"
        + string.Concat(
            entries.Select(entry =>
                $"<Relationship Id=\"{entry.Id}\" Type=\"{Office}/{entry.Kind}\" Target=\"{entry.Target}\"/>"
            )
        )
        + "</Relationships>";

    private static string Styles()
    {
        string[] formats =
        [
            "yyyy\\-mm\\-dd",
            "yyyy\\-mm\\-dd\\ hh:mm:ss",
            "yyyy\\-mm\\-dd\\ hh:mm:ss\\Z",
            "yyyy\\-mm\\-dd\\ hh:mm:ss.000",
            "yyyy\\-mm\\-dd\\ hh:mm:ss.000\\Z",
        ];
        const int FirstOwn = 164;
        var text = new StringBuilder(Declaration).Append(
            CultureInfo.InvariantCulture,
            $"<styleSheet xmlns=\"{Main}\">"
        );
        text.Append(CultureInfo.InvariantCulture, $"<numFmts count=\"{formats.Length}\">");
        for (var i = 0; i < formats.Length; i++)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"<numFmt numFmtId=\"{FirstOwn + i}\" formatCode=\"{formats[i]}\"/>"
            );
        }

        text.Append("</numFmts><fonts count=\"3\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font>")
            .Append("<font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>")
            .Append("<font><i/><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>")
            .Append("<fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill>")
            .Append("<fill><patternFill patternType=\"gray125\"/></fill></fills>")
            .Append("<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>")
            .Append(
                "<cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>"
            )
            .Append("<cellXfs count=\"8\">")
            .Append(Style(0, 0))
            .Append(Style(0, 1));
        for (var i = 0; i < formats.Length; i++)
        {
            text.Append(Style(FirstOwn + i, 0));
        }

        return text.Append(Style(0, 2))
            .Append(
                "</cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles>"
            )
            .Append("</styleSheet>")
            .ToString();
    }

    private static string Style(int format, int font) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"<xf numFmtId=\"{format}\" fontId=\"{font}\" fillId=\"0\" borderId=\"0\" xfId=\"0\"{(format > 0 ? " applyNumberFormat=\"1\"" : "")}{(font > 0 ? " applyFont=\"1\"" : "")}/>"
        );
}
