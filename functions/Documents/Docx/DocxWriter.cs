using System.IO.Compression;
using System.Text;
using System.Xml;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Wordprocessing;

namespace Portability.Documents.Docx;

/// <summary>
/// Writes a Word document (WordprocessingML, ISO/IEC 29500) paragraph by paragraph, row by row, into a ZIP package that is
/// only ever appended to.
/// </summary>
internal sealed class DocxWriter : IDocumentWriter
{
    // Twentieths of a point, which the format counts in.
    private const int Margin = 840;

    private readonly ZipArchive _package;
    private readonly DocumentFacts _facts;
    private readonly Stream _body;
    private readonly OpenXmlWriter _xml;
    private int[] _widths = [];
    private IReadOnlyList<DocumentColumn> _columns = [];
    private bool _isEmpty = true;
    private bool _breakNext;

    /// <param name="output">Only ever written to, forwards; left open.</param>
    /// <param name="facts">What holds for the whole document.</param>
    public DocxWriter(Stream output, DocumentFacts facts)
    {
        _facts = facts;
        _package = new ZipArchive(output, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (path, content) in DocxParts.All(facts))
        {
            using var part = Open(path);
            part.Write(Encoding.UTF8.GetBytes(content));
        }

        _body = Open("word/document.xml");
        _xml = OpenXmlWriter.Create(_body, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        _xml.WriteStartDocument();
        _xml.WriteStartElement(new Document());
        _xml.WriteStartElement(new Body());
    }

    public void Heading(string text, int level) => Write(text, level == 1 ? "Title" : $"Heading{level - 1}");

    public void Paragraph(string text) => Write(text, style: null);

    public void NewPage() => _breakNext = !_isEmpty;

    public void BeginTable(IReadOnlyList<DocumentColumn> columns)
    {
        BreakIfAsked();
        _columns = columns;
        var (width, shares) = ((_facts.Paper.Width * 20) - (2 * Margin), columns.Sum(column => column.Share));
        _widths = [.. columns.Select(column => (int)(width * column.Share / shares))];
        _xml.WriteStartElement(new Table());
        _xml.WriteElement(
            new TableProperties(
                new TableStyle { Val = "TableGrid" },
                new TableWidth { Width = Text(_widths.Sum()), Type = TableWidthUnitValues.Dxa },
                new TableLayout { Type = TableLayoutValues.Fixed }
            )
        );
        _xml.WriteElement(new TableGrid(_widths.Select(column => new GridColumn { Width = Text(column) })));
        Row([.. columns.Select(column => column.Title)], isHeader: true);
    }

    public void Row(IReadOnlyList<string> cells) => Row(cells, isHeader: false);

    public void EndTable()
    {
        _xml.WriteEndElement();
        // Two tables in a row would become one.
        _xml.WriteElement(new Paragraph());
        _isEmpty = false;
    }

    public void End()
    {
        if (_isEmpty)
        {
            Paragraph("");
        }

        var paper = _facts.Paper;
        _xml.WriteElement(
            new SectionProperties(
                new HeaderReference { Type = HeaderFooterValues.Default, Id = DocxParts.HeaderId },
                new FooterReference { Type = HeaderFooterValues.Default, Id = DocxParts.FooterId },
                new PageSize
                {
                    Width = (uint)(paper.Width * 20),
                    Height = (uint)(paper.Height * 20),
                    Orient =
                        paper.Width > paper.Height ? PageOrientationValues.Landscape : PageOrientationValues.Portrait,
                },
                new PageMargin
                {
                    Top = 1300,
                    Bottom = 1100,
                    Left = Margin,
                    Right = Margin,
                    Header = 600,
                    Footer = 500,
                    Gutter = 0,
                }
            )
        );
        _xml.WriteEndElement();
        _xml.WriteEndElement();
        _xml.Close();
        _body.Dispose();
        _package.Dispose();
    }

    /// <summary>Lets go without finishing: what was written so far is of no use then.</summary>
    public void Dispose() => GC.SuppressFinalize(this);

    private Stream Open(string path)
    {
        var entry = _package.CreateEntry(path, CompressionLevel.Optimal);
        // The same document gives the same bytes whenever it is written.
        entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return entry.Open();
    }

    private void Row(IReadOnlyList<string> cells, bool isHeader)
    {
        _xml.WriteStartElement(new TableRow());
        if (isHeader)
        {
            _xml.WriteElement(new TableRowProperties(new TableHeader()));
        }

        for (var i = 0; i < cells.Count; i++)
        {
            _xml.WriteStartElement(new TableCell());
            _xml.WriteElement(
                new TableCellProperties(
                    new TableCellWidth { Width = Text(_widths[i]), Type = TableWidthUnitValues.Dxa }
                )
            );
            var justification =
                _columns[i].IsNumber && !isHeader ? JustificationValues.Right : (JustificationValues?)null;
            WriteParagraph(cells[i], isHeader ? "TableHead" : "TableText", justification, breakBefore: false);
            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    private void Write(string text, string? style)
    {
        WriteParagraph(text, style, justification: null, _breakNext);
        _breakNext = false;
        _isEmpty = false;
    }

    private void BreakIfAsked()
    {
        if (_breakNext)
        {
            Write("", style: null);
        }
    }

    private void WriteParagraph(string text, string? style, JustificationValues? justification, bool breakBefore)
    {
        _xml.WriteStartElement(new Paragraph());
        var properties = new ParagraphProperties();
        if (style is not null)
        {
            properties.Append(new ParagraphStyleId { Val = style });
        }

        if (breakBefore)
        {
            properties.Append(new PageBreakBefore());
        }

        if (justification is { } side)
        {
            properties.Append(new Justification { Val = side });
        }

        if (properties.HasChildren)
        {
            _xml.WriteElement(properties);
        }

        if (text.Length > 0)
        {
            _xml.WriteStartElement(new Run());
            var lines = Readable(text).ReplaceLineEndings("\n").Split('\n');
            for (var i = 0; i < lines.Length; i++)
            {
                if (i > 0)
                {
                    _xml.WriteElement(new Break());
                }

                _xml.WriteElement(new Text(lines[i]) { Space = SpaceProcessingModeValues.Preserve });
            }

            _xml.WriteEndElement();
        }

        _xml.WriteEndElement();
    }

    /// <summary>Characters that XML cannot hold become U+FFFD.</summary>
    private static string Readable(string text)
    {
        if (IsXml(text))
        {
            return text;
        }

        var readable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var isAllowed = !rune.IsBmp || XmlConvert.IsXmlChar((char)rune.Value);
            readable.Append(isAllowed ? rune.ToString() : "\uFFFD");
        }

        return readable.ToString();
    }

    private static bool IsXml(string text)
    {
        foreach (var c in text)
        {
            if (!XmlConvert.IsXmlChar(c))
            {
                return false;
            }
        }

        return true;
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
