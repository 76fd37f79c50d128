using Portability.DataMap;
using Portability.Documents;
using Portability.Documents.Docx;
using Portability.Documents.Pdf;

namespace Portability.Exports.Formats;

/// <summary>
/// A report or certificate on pages: a table over all rows, or a page for each row. What it draws on is a document writer,
/// which makes it a PDF or a Word file.
/// </summary>
internal sealed class ReportContent : IFileContent
{
    // Rows looked at before a table begins, to give each column the width that its texts need.
    private const int Sample = 200;

    private readonly ContentInput _input;
    private readonly Func<Stream, DocumentFacts, IDocumentWriter> _open;
    private readonly ReportWords _words;
    private readonly string _format;
    private readonly IEnumerator<bool> _steps;
    private readonly List<IDisposable> _used = [];
    private RowBuffer? _output;

    private ReportContent(ContentInput input, string format, Func<Stream, DocumentFacts, IDocumentWriter> open)
    {
        (_input, _format, _open) = (input, format, open);
        _words = ReportWords.For(input.Order.Locale);
        _steps = (input.Template is { Map.Page.Count: > 0 } template ? Pages(template) : Table()).GetEnumerator();
    }

    public static IFileContent Pdf(ContentInput input) =>
        new ReportContent(input, "PDF", (stream, facts) => new PdfWriter(stream, facts));

    public static IFileContent Docx(ContentInput input) =>
        new ReportContent(input, "Word", (stream, facts) => new DocxWriter(stream, facts));

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot => _input.Snapshot;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _output = output;
        return ValueTask.FromResult(_steps.MoveNext());
    }

    public async ValueTask DisposeAsync()
    {
        _steps.Dispose();
        foreach (var used in _used)
        {
            used.Dispose();
        }

        await _input.Connection.DisposeAsync();
    }

    /// <summary>One table; yields whenever the output is full.</summary>
    private IEnumerable<bool> Table()
    {
        var template = _input.Template;
        var rows = Open(template?.Table ?? AllColumns(), _input.Range);
        var titles = template?.Map.Columns.Select(column => column.Title) ?? rows.Columns.Select(column => column.Path);
        var table = new ReportTable(rows, [.. titles]);
        var first = table.Sample(rows.Read, Sample);
        using var writer = OpenWriter(template?.Map, table);
        writer.Heading(TitleOf(template?.Map), 1);
        writer.BeginTable(table.Columns);
        foreach (var row in first.Concat(table.Rest(rows.Read)))
        {
            writer.Row(row);
            Rows++;
            if (_output!.IsFull)
            {
                yield return true;
            }
        }

        writer.EndTable();
        writer.End();
    }

    /// <summary>A page for each row; yields whenever the output is full.</summary>
    private IEnumerable<bool> Pages(ScopedTemplate template)
    {
        var pages = Open(template.Page, range: null);
        var rows = template.Table is { } wanted ? Open(wanted, range: null) : null;
        var titles = template.Map.Columns.Select(column => column.Title).ToArray();
        using var writer = OpenWriter(template.Map, table: null);
        while (pages.Read())
        {
            writer.NewPage();
            WriteLines(writer, template.Map.Page, pages.Texts());
            if (rows is not null)
            {
                var table = new ReportTable(rows, titles);
                bool Next() => rows.ReadWithin(pages);
                var first = table.Sample(Next, Sample);
                writer.BeginTable(table.Columns);
                foreach (var row in first.Concat(table.Rest(Next)))
                {
                    writer.Row(row);
                    if (_output!.IsFull)
                    {
                        yield return true;
                    }
                }

                writer.EndTable();
            }

            Rows++;
            if (_output!.IsFull)
            {
                yield return true;
            }
        }

        rows?.ThrowIfRowsAreLeft();
        writer.End();
    }

    private static void WriteLines(IDocumentWriter writer, IReadOnlyList<TemplateLine> lines, string[] values)
    {
        var next = 0;
        foreach (var line in lines)
        {
            var text = string.Concat(line.Parts.Select(part => part.IsColumn ? values[next++] : part.Text));
            if (line.Level > 0)
            {
                writer.Heading(text, line.Level);
            }
            else
            {
                writer.Paragraph(text);
            }
        }
    }

    private IDocumentWriter OpenWriter(TemplateDataset? map, ReportTable? table)
    {
        var writer = _open(
            new PieceStream(() => _output!),
            new DocumentFacts
            {
                Title = TitleOf(map),
                Reference = _input.Order.CustomerId,
                Language = _words.Language,
                PageLabel = _words.PageLabel,
                Paper = map?.Paper switch
                {
                    "portrait" => PaperSize.Portrait,
                    "landscape" => PaperSize.Landscape,
                    _ => table?.Paper ?? PaperSize.Portrait,
                },
                FontSize = table?.FontSize ?? (map?.Columns.Count > 0 ? 9 : 11),
            }
        );
        _used.Add(writer);
        return writer;
    }

    private JoinedRows Open(JoinedColumns wanted, KeyRange? range)
    {
        var rows = new JoinedRows(wanted, _input.Open(_input.Queries.Joined(wanted, range)), _words, _format);
        _used.Add(rows);
        return rows;
    }

    private string TitleOf(TemplateDataset? map) =>
        (map?.Title ?? _input.Name) + (_input.Range is { } part ? $" ({part.Part}/{part.Parts})" : "");

    /// <summary>A table without a template has all its exported columns.</summary>
    private JoinedColumns AllColumns() =>
        new()
        {
            Root = _input.Root,
            Joins = [],
            Columns = [.. _input.Root.ExportColumns.Select(column => new JoinedColumn(column.Name, "n0", column))],
        };
}
