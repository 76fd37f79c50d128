namespace Portability.Documents.Pdf;

/// <summary>
/// Puts a line's glyphs into the order in which they stand on the page. The common part of the Unicode bidirectional
/// algorithm (UAX 9): letters and numbers of both directions and what stands between them, without explicit embeddings.
/// </summary>
internal static class ReadingOrder
{
    /// <summary>The glyphs from left to right; the same list when nothing in it is written from right to left.</summary>
    public static IReadOnlyList<PdfGlyph> Visual(IReadOnlyList<PdfGlyph> line)
    {
        if (!line.Any(glyph => KindOf(glyph.CodePoint) == Kind.Right))
        {
            return line;
        }

        var levels = Levels(line);
        var order = line.ToArray();
        for (var level = levels.Max(); level > 0; level--)
        {
            for (var from = 0; from < order.Length; from++)
            {
                var to = from;
                while (to < order.Length && levels[to] >= level)
                {
                    to++;
                }

                if (to > from)
                {
                    Array.Reverse(order, from, to - from);
                    Array.Reverse(levels, from, to - from);
                    from = to;
                }
            }
        }

        return order;
    }

    private static int[] Levels(IReadOnlyList<PdfGlyph> line)
    {
        var kinds = line.Select(glyph => KindOf(glyph.CodePoint)).ToArray();
        for (var i = 1; i + 1 < kinds.Length; i++)
        {
            // A separator between two digits belongs to the number.
            var isSeparator = line[i].CodePoint is '.' or ',' or ':' or '/' or '-';
            if (isSeparator && kinds[i - 1] == Kind.Number && kinds[i + 1] == Kind.Number)
            {
                kinds[i] = Kind.Number;
            }
        }

        var first = kinds.FirstOrDefault(kind => kind is Kind.Left or Kind.Right);
        var (baseLevel, last) = first == Kind.Right ? (1, Kind.Right) : (0, Kind.Left);
        var levels = new int[kinds.Length];
        for (var i = 0; i < kinds.Length; i++)
        {
            switch (kinds[i])
            {
                case Kind.Left:
                    (levels[i], last) = (baseLevel == 0 ? 0 : 2, Kind.Left);
                    break;
                case Kind.Right:
                    (levels[i], last) = (1, Kind.Right);
                    break;
                case Kind.Number:
                    // A number reads from left to right, also within text that does not.
                    levels[i] =
                        last == Kind.Right ? 2
                        : baseLevel == 0 ? 0
                        : 2;
                    break;
                default:
                    levels[i] = -1;
                    break;
            }
        }

        // What has no direction goes with its neighbours where they agree, else with the line.
        for (var i = 0; i < levels.Length; i++)
        {
            if (levels[i] >= 0)
            {
                continue;
            }

            var end = i;
            while (end < levels.Length && levels[end] < 0)
            {
                end++;
            }

            var before = i == 0 ? baseLevel : levels[i - 1];
            var after = end == levels.Length ? baseLevel : levels[end];
            var level = IsRight(before) == IsRight(after) ? Math.Min(before, after) : baseLevel;
            if (before == 2 && after == 2 && kinds[i - 1] == Kind.Number)
            {
                level = 1;
            }

            Array.Fill(levels, level, i, end - i);
            i = end - 1;
        }

        return levels;
    }

    private static bool IsRight(int level) => level % 2 == 1;

    private static Kind KindOf(int c) =>
        c switch
        {
            >= '0' and <= '9' or >= 0x0660 and <= 0x0669 or >= 0x06F0 and <= 0x06F9 => Kind.Number,
            // Hebrew, Arabic, Syriac, Thaana, NKo, and the forms that fonts have for them; marks go with their letters.
            >= 0x0590 and <= 0x08FF or >= 0xFB1D and <= 0xFDFF or >= 0xFE70 and <= 0xFEFC or 0x200F => Kind.Right,
            >= 0x10800 and <= 0x10FFF or >= 0x1E800 and <= 0x1EFFF => Kind.Right,
            <= 0x40 or >= 0x5B and <= 0x60 or >= 0x7B and <= 0xA9 or 0xAB or >= 0x2000 and <= 0x2BFF => Kind.None,
            _ => Kind.Left,
        };

    private enum Kind
    {
        None,
        Left,
        Right,
        Number,
    }
}
