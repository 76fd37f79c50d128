using Portability.Exports.Formats.Parquet;
using Portability.Exports.Formats.Xlsx;
using Portability.Exports.Formats.Xml;

namespace Portability.Exports.Formats;

/// <summary>
/// The row formats that are written here. The SQL dump (a file a database) and media (a file a blob) are no row formats and
/// have their own ways through plan and writing.
/// </summary>
internal static class RowFormats
{
    /// <summary>In the order in which a dataset's files are planned.</summary>
    public static IReadOnlyList<RowFormat> All { get; } =
    [
        new(ExportFormats.Csv, "text/csv; charset=utf-8")
        {
            Table = input => new CsvContent(input),
            Note = CsvContent.GuardNote,
        },
        new(ExportFormats.Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        {
            Table = input => new XlsxContent(input),
            Note = XlsxContent.Note,
        },
        new(ExportFormats.Json, "application/json; charset=utf-8")
        {
            Table = input => DocumentContent.Json(input),
            Document = input => DocumentContent.Json(input),
            Note = JsonSyntax.ValueNote,
        },
        new(ExportFormats.Ndjson, "application/x-ndjson; charset=utf-8")
        {
            Table = input => DocumentContent.Ndjson(input),
            Document = input => DocumentContent.Ndjson(input),
            Note = "NDJSON: one JSON object a line, values as in JSON.",
        },
        new(ExportFormats.Xml, "application/xml; charset=utf-8")
        {
            Table = input => new DocumentContent(input, new XmlSyntax(input.Name)),
            Document = input => new DocumentContent(input, new XmlSyntax(input.Name)),
            Schema = new("xsd", "application/xml; charset=utf-8")
            {
                Table = input => new XsdContent(input),
                Document = input => new XsdContent(input),
            },
            Note = XmlSyntax.Note,
        },
        new(ExportFormats.Parquet, "application/vnd.apache.parquet")
        {
            Table = input => new ParquetContent(input),
            Note = ParquetContent.Note,
        },
        new(ExportFormats.Pdf, "application/pdf")
        {
            Table = ReportContent.Pdf,
            Template = ReportContent.Pdf,
            Note =
                "PDF: values are text as the database has it; a character that the font lacks is drawn as a replacement, and "
                + "copied and searched as what it is. Binary values are given by their size.",
        },
        new(ExportFormats.Docx, "application/vnd.openxmlformats-officedocument.wordprocessingml.document")
        {
            Table = ReportContent.Docx,
            Template = ReportContent.Docx,
            Note =
                "Word: values are text as the database has it; characters that XML cannot hold are U+FFFD. Binary values are "
                + "given by their size.",
        },
    ];

    /// <summary>The format of that name, schema formats among them; null when it is none or has no writer.</summary>
    public static RowFormat? Find(string name) =>
        All.FirstOrDefault(format => format.Name == name)
        ?? All.Select(format => format.Schema).FirstOrDefault(schema => schema?.Name == name);
}
