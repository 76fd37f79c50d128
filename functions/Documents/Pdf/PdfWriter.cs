using System.Globalization;

namespace Portability.Documents.Pdf;

/// <summary>Lays a document out on pages with header and page number, and writes it as PDF 1.7.</summary>
internal sealed class PdfWriter : IDocumentWriter
{
    private const double Margin = 42;
    private const double Head = 34;
    private const double Foot = 30;
    private const double SmallSize = 8;
    private const double CellPadding = 3;
    private const double LineSpacing = 1.3;

    private readonly PdfPages _pages;
    private readonly DocumentFacts _facts;
    private IReadOnlyList<DocumentColumn>? _columns;
    private double[] _widths = [];
    private double _y;
    private bool _isOpen;

    /// <param name="output">Only ever written to, forwards; left open.</param>
    /// <param name="facts">What holds for the whole document.</param>
    public PdfWriter(Stream output, DocumentFacts facts)
    {
        _facts = facts;
        _pages = new PdfPages(output, facts);
    }

    private double TextWidth => _facts.Paper.Width - (2 * Margin);

    private double Top => _facts.Paper.Height - Margin - Head;

    private static double Bottom => Margin + Foot;

    private double LineHeight => _facts.FontSize * LineSpacing;

    public void Heading(string text, int level)
    {
        var size =
            _facts.FontSize
            + (
                level == 1 ? 7
                : level == 2 ? 3
                : 1
            );
        Open();
        // A heading does not stand alone at the foot of a page.
        if (_y < Top && _y - (size * LineSpacing) - (4 * LineHeight) < Bottom)
        {
            Turn();
        }

        _y -= _y < Top ? size * 0.6 : 0;
        Lines(text, size, isBold: true);
        _y -= size * 0.3;
    }

    public void Paragraph(string text)
    {
        Lines(text, _facts.FontSize, isBold: false);
        _y -= _facts.FontSize * 0.4;
    }

    public void NewPage()
    {
        if (_isOpen)
        {
            Close();
        }
    }

    public void BeginTable(IReadOnlyList<DocumentColumn> columns)
    {
        var shares = columns.Sum(column => column.Share);
        _columns = columns;
        _widths = [.. columns.Select(column => TextWidth * column.Share / shares)];
        Open();
        TableHead();
    }

    public void Row(IReadOnlyList<string> cells)
    {
        var wrapped = new List<IReadOnlyList<PdfGlyph>>[cells.Count];
        var height = 1;
        for (var i = 0; i < wrapped.Length; i++)
        {
            wrapped[i] = TextLines.Wrap(cells[i], _pages.Font, InEms(_widths[i] - (2 * CellPadding), _facts.FontSize));
            height = Math.Max(height, wrapped[i].Count);
        }

        Open();
        // A row goes to the next page whole where it fits there, and is cut only where it is longer than a page.
        if (height > Room() && (height <= RoomOfPage() || Room() < 1))
        {
            Turn();
            TableHead();
        }

        for (var line = 0; line < height; )
        {
            var count = Math.Min(height - line, Math.Max(1, Room()));
            Draw(wrapped, line, count, isBold: false);
            line += count;
            if (line < height)
            {
                Turn();
                TableHead();
            }
        }
    }

    public void EndTable()
    {
        _columns = null;
        _y -= LineHeight * 0.5;
    }

    public void End()
    {
        if (_isOpen || _pages.Count == 0)
        {
            Open();
            Close();
        }

        _pages.End();
    }

    public void Dispose() => _pages.Dispose();

    private int Room() => (int)((_y - Bottom - (2 * CellPadding)) / LineHeight);

    private int RoomOfPage() => (int)((Top - Bottom - (4 * CellPadding)) / LineHeight) - 3;

    private void TableHead()
    {
        var titles = _columns!
            .Select(
                (column, i) =>
                    TextLines.Wrap(column.Title, _pages.Font, InEms(_widths[i] - (2 * CellPadding), _facts.FontSize))
            )
            .ToArray();
        // A title that fills a page would leave no room for rows.
        var height = Math.Min(titles.Max(lines => lines.Count), 4);
        if (height + 1 > Room() && _y < Top)
        {
            Turn();
        }

        var tall = (height * LineHeight) + (2 * CellPadding);
        _pages.Shade(Margin, _y - tall, TextWidth, tall);
        Draw(titles, 0, height, isBold: true);
    }

    private void Draw(List<IReadOnlyList<PdfGlyph>>[] cells, int first, int count, bool isBold)
    {
        var x = Margin;
        for (var i = 0; i < cells.Length; i++)
        {
            for (var line = first; line < Math.Min(first + count, cells[i].Count); line++)
            {
                var glyphs = cells[i][line];
                var left = x + CellPadding;
                if (_columns![i].IsNumber)
                {
                    left = x + _widths[i] - CellPadding - (TextLines.WidthOf(glyphs) * _facts.FontSize / 1000);
                }

                var baseLine = _y - CellPadding - ((line - first) * LineHeight) - _facts.FontSize;
                _pages.Text(glyphs, left, baseLine, _facts.FontSize, isBold);
            }

            x += _widths[i];
        }

        _y -= (count * LineHeight) + (2 * CellPadding);
        _pages.Rule(Margin, _y, TextWidth);
    }

    private void Lines(string text, double size, bool isBold)
    {
        foreach (var line in TextLines.Wrap(text, _pages.Font, InEms(TextWidth, size)))
        {
            Open();
            if (_y - (size * LineSpacing) < Bottom)
            {
                Turn();
            }

            _pages.Text(line, Margin, _y - size, size, isBold);
            _y -= size * LineSpacing;
        }
    }

    private void Turn()
    {
        Close();
        Open();
    }

    private void Open()
    {
        if (_isOpen)
        {
            return;
        }

        _isOpen = true;
        _y = Top;
        var y = _facts.Paper.Height - Margin - SmallSize;
        var reference = OneLine(_facts.Reference, TextWidth * 0.45);
        var width = TextLines.WidthOf(reference) * SmallSize / 1000;
        _pages.Text(OneLine(_facts.Title, TextWidth - width - 12), Margin, y, SmallSize);
        _pages.Text(reference, Margin + TextWidth - width, y, SmallSize);
        _pages.Rule(Margin, y - 6, TextWidth);
    }

    private void Close()
    {
        var before = _facts.PageLabel[..(_facts.PageLabel.IndexOf("{0}", StringComparison.Ordinal) + 3)];
        var label = before.Replace(
            "{0}",
            (_pages.Count + 1).ToString(CultureInfo.InvariantCulture),
            StringComparison.Ordinal
        );
        var glyphs = _pages.Font.Shape(label);
        var width = TextLines.WidthOf(glyphs) * SmallSize / 1000;
        var x = (_facts.Paper.Width / 2) - width;
        _pages.Text(glyphs, x, Margin, SmallSize);
        _pages.Total(x + width, Margin);
        _pages.Finish();
        _isOpen = false;
    }

    /// <summary>The first line of a text: what does not fit is left out.</summary>
    private IReadOnlyList<PdfGlyph> OneLine(string text, double width) =>
        TextLines.Wrap(text, _pages.Font, InEms(width, SmallSize))[0];

    private static double InEms(double points, double size) => Math.Max(points, size) / size * 1000;
}
