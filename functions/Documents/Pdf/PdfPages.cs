using System.Globalization;
using System.Text;

namespace Portability.Documents.Pdf;

/// <summary>
/// The pages of a PDF file, each written when the next begins, and what frames them: the page tree, the font, and the number
/// of pages, which every footer shows through one object that is written last.
/// </summary>
internal sealed class PdfPages : IDisposable
{
    // Pages hang in groups on a tree of two levels, so that no list grows with each page.
    private const int PagesOfGroup = 200;
    private const double TotalSize = 8;

    private readonly PdfObjects _objects;
    private readonly DocumentFacts _facts;
    private readonly StringBuilder _content = new();
    private readonly List<int> _groups = [];
    private readonly List<int> _group = [];
    private readonly int _catalogue;
    private readonly int _tree;
    private readonly int _font;
    private readonly int _total;
    private int _groupNumber;

    public PdfPages(Stream output, DocumentFacts facts)
    {
        _objects = new PdfObjects(output);
        _facts = facts;
        (_catalogue, _tree) = (_objects.Reserve(), _objects.Reserve());
        (_font, _total) = (_objects.Reserve(), _objects.Reserve());
    }

    public PdfFont Font { get; } = new(TrueTypeFont.Default);

    /// <summary>Pages finished so far.</summary>
    public int Count { get; private set; }

    /// <summary>Draws glyphs on the current page.</summary>
    /// <param name="line">In the order of reading.</param>
    /// <param name="x">Left end, in points from the page's left edge.</param>
    /// <param name="y">Base line, in points from the page's lower edge.</param>
    /// <param name="size">Font size in points.</param>
    /// <param name="isBold">Drawn with a rim in the colour of the letters: one font file is enough.</param>
    public void Text(IReadOnlyList<PdfGlyph> line, double x, double y, double size, bool isBold = false)
    {
        if (line.Count > 0)
        {
            Append(_content, line, x, y, size, isBold);
        }
    }

    /// <summary>A thin grey line across.</summary>
    public void Rule(double x, double y, double width) =>
        _content.Append(
            CultureInfo.InvariantCulture,
            $"0.6 G 0.5 w {x:0.##} {y:0.##} m {x + width:0.##} {y:0.##} l S 0 G\n"
        );

    /// <summary>A light background.</summary>
    public void Shade(double x, double y, double width, double height) =>
        _content.Append(
            CultureInfo.InvariantCulture,
            $"0.92 g {x:0.##} {y:0.##} {width:0.##} {height:0.##} re f 0 g\n"
        );

    /// <summary>Where the number of pages is to stand, once it is known.</summary>
    public void Total(double x, double y) =>
        _content.Append(CultureInfo.InvariantCulture, $"q 1 0 0 1 {x:0.##} {y:0.##} cm /N Do Q\n");

    /// <summary>Writes the current page out.</summary>
    public void Finish()
    {
        if (_group.Count == 0)
        {
            _groupNumber = _objects.Reserve();
            _groups.Add(_groupNumber);
        }

        var (page, content) = (_objects.Reserve(), _objects.Reserve());
        _objects.AddStream(content, "", Encoding.ASCII.GetBytes(_content.ToString()));
        _objects.Add(page, $"<< /Type /Page /Parent {_groupNumber} 0 R /Contents {content} 0 R >>");
        _content.Clear();
        _group.Add(page);
        Count++;
        if (_group.Count == PagesOfGroup)
        {
            FinishGroup();
        }
    }

    /// <summary>Writes what comes last.</summary>
    public void End()
    {
        if (_group.Count > 0)
        {
            FinishGroup();
        }

        AddTotal();
        var paper = Numbers($"[0 0 {_facts.Paper.Width:0.##} {_facts.Paper.Height:0.##}]");
        var kids = string.Join(' ', _groups.Select(group => Numbers($"{group} 0 R")));
        _objects.Add(
            _tree,
            Numbers($"<< /Type /Pages /Count {Count} /Kids [{kids}] /MediaBox {paper} ")
                + Numbers($"/Resources << /Font << /F {_font} 0 R >> /XObject << /N {_total} 0 R >> >> >>")
        );
        Font.WriteTo(_objects, _font);
        var information = _objects.Reserve();
        _objects.Add(
            information,
            $"<< /Title {PdfObjects.Text(_facts.Title)} /Producer {PdfObjects.Text(_facts.Producer)} >>"
        );
        _objects.Add(
            _catalogue,
            Numbers($"<< /Type /Catalog /Pages {_tree} 0 R /Lang ({_facts.Language}) ")
                + "/ViewerPreferences << /DisplayDocTitle true >> >>"
        );
        _objects.Finish(_catalogue, information);
    }

    public void Dispose() => _objects.Dispose();

    private void FinishGroup()
    {
        var kids = string.Join(' ', _group.Select(page => Numbers($"{page} 0 R")));
        _objects.Add(
            _groupNumber,
            Numbers($"<< /Type /Pages /Parent {_tree} 0 R /Count {_group.Count} /Kids [{kids}] >>")
        );
        _group.Clear();
    }

    private void AddTotal()
    {
        var text = new StringBuilder();
        var label = _facts.PageLabel[(_facts.PageLabel.IndexOf("{0}", StringComparison.Ordinal) + 3)..];
        var words = label.Replace("{1}", Count.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Append(text, Font.Shape(words), 0, 0, TotalSize, isBold: false);
        _objects.AddStream(
            _total,
            $"/Type /XObject /Subtype /Form /BBox [0 -4 200 12] /Resources << /Font << /F {_font} 0 R >> >>",
            Encoding.ASCII.GetBytes(text.ToString())
        );
    }

    private static void Append(
        StringBuilder content,
        IReadOnlyList<PdfGlyph> line,
        double x,
        double y,
        double size,
        bool isBold
    )
    {
        content.Append(CultureInfo.InvariantCulture, $"BT /F {size:0.##} Tf ");
        if (isBold)
        {
            content.Append(CultureInfo.InvariantCulture, $"2 Tr {size * 0.03:0.###} w ");
        }

        content.Append(CultureInfo.InvariantCulture, $"{x:0.##} {y:0.##} Td <");
        foreach (var glyph in ReadingOrder.Visual(line))
        {
            content.Append(CultureInfo.InvariantCulture, $"{glyph.Code:X4}");
        }

        content.Append(isBold ? "> Tj 0 Tr ET\n" : "> Tj ET\n");
    }

    private static string Numbers(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
