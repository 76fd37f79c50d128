namespace Portability.Documents.Pdf;

/// <summary>Breaks text into lines of a width.</summary>
internal static class TextLines
{
    /// <param name="text">May have line breaks of its own, which are kept.</param>
    /// <param name="font">Gives the glyphs.</param>
    /// <param name="width">In thousandths of the font's size.</param>
    public static List<IReadOnlyList<PdfGlyph>> Wrap(string text, PdfFont font, double width)
    {
        var lines = new List<IReadOnlyList<PdfGlyph>>();
        foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
        {
            Wrap(font.Shape(paragraph.Replace("\t", "    ", StringComparison.Ordinal)), width, lines);
        }

        return lines;
    }

    public static double WidthOf(IReadOnlyList<PdfGlyph> glyphs)
    {
        double width = 0;
        foreach (var glyph in glyphs)
        {
            width += glyph.Width;
        }

        return width;
    }

    /// <summary>As many lines as it takes; a word that is longer than a line is broken anywhere.</summary>
    private static void Wrap(List<PdfGlyph> glyphs, double width, List<IReadOnlyList<PdfGlyph>> lines)
    {
        var (start, breakAt) = (0, 0);
        double used = 0;
        for (var i = 0; i < glyphs.Count; i++)
        {
            used += glyphs[i].Width;
            // A space may hang over the edge: nobody sees it.
            if (used > width && i > start && glyphs[i].CodePoint != ' ')
            {
                var end = breakAt > start ? breakAt : i;
                lines.Add(Trimmed(glyphs, start, end));
                start = end;
                used = 0;
                for (var j = start; j <= i; j++)
                {
                    used += glyphs[j].Width;
                }
            }

            if (BreaksAfter(glyphs[i].CodePoint))
            {
                breakAt = i + 1;
            }
        }

        lines.Add(Trimmed(glyphs, start, glyphs.Count));
    }

    private static List<PdfGlyph> Trimmed(List<PdfGlyph> glyphs, int start, int end)
    {
        while (end > start && glyphs[end - 1].CodePoint == ' ')
        {
            end--;
        }

        return glyphs.GetRange(start, end - start);
    }

    private static bool BreaksAfter(int c) =>
        c is ' ' or '-' or '/' or 0x2010 or 0x2013 or 0x2014 or 0x200B or >= 0x2E80;
}
