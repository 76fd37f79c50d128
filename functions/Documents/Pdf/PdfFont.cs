using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Portability.Documents.Pdf;

/// <summary>A piece of text that is drawn as one: a character, or a letter with its marks.</summary>
/// <param name="Code">The number under which pages draw it.</param>
/// <param name="Width">In thousandths of the font's size.</param>
/// <param name="CodePoint">The first character, for line breaks and direction.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct PdfGlyph(ushort Code, float Width, int CodePoint);

/// <summary>
/// The glyphs that one document uses. Every different character gets a code of its own, also one that the font lacks: it is
/// drawn as a replacement, while the code's entry in <c>ToUnicode</c>, which copying and searching read, names the true
/// character.
/// </summary>
internal sealed class PdfFont
{
    // Codes are two bytes. A document with more different characters than this shows the rest as one replacement.
    private const int MostCodes = 60_000;
    private const int Replacement = 0xFFFD;

    private readonly TrueTypeFont _font;
    private readonly FontSubset _subset;
    private readonly Dictionary<int, PdfGlyph> _characters = [];
    private readonly Dictionary<string, PdfGlyph> _clusters = new(StringComparer.Ordinal);
    private readonly List<(int Subset, float Width, string Text)> _codes = [(0, 600, "")];

    public PdfFont(TrueTypeFont font)
    {
        _font = font;
        _subset = new FontSubset(font);
    }

    public double Ascent => 1000.0 * _font.Ascent / _font.UnitsPerEm;

    /// <summary>A text's glyphs in the order of reading. Controls other than line breaks are shown as replacements.</summary>
    public List<PdfGlyph> Shape(string text)
    {
        var glyphs = new List<PdfGlyph>(text.Length);
        for (var at = 0; at < text.Length; )
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var length);
            var end = at + length;
            while (end < text.Length && text[end] >= 0x0300 && IsMark(text, end))
            {
                end += char.IsSurrogatePair(text, end) ? 2 : 1;
            }

            if (end > at + length && Composed(text[at..end]) is { } cluster)
            {
                glyphs.Add(cluster);
                at = end;
                continue;
            }

            glyphs.Add(Of(rune));
            at += length;
        }

        return glyphs;
    }

    /// <summary>Writes the font under its number, and what belongs to it.</summary>
    public void WriteTo(PdfObjects objects, int number)
    {
        var (descendant, descriptor, file) = (objects.Reserve(), objects.Reserve(), objects.Reserve());
        var (unicode, map) = (objects.Reserve(), objects.Reserve());
        var program = _subset.ToBytes();
        var name = $"{Tag()}+{_font.Name}";
        string Units(int value) => (1000 * value / _font.UnitsPerEm).ToString(CultureInfo.InvariantCulture);

        objects.Add(
            number,
            $"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
                + $"/DescendantFonts [{descendant} 0 R] /ToUnicode {unicode} 0 R >>"
        );
        var widths = string.Join(' ', _codes.Select(code => code.Width.ToString("0.##", CultureInfo.InvariantCulture)));
        objects.Add(
            descendant,
            $"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} /FontDescriptor {descriptor} 0 R /DW 600 "
                + "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
                + $"/CIDToGIDMap {map} 0 R /W [0 [{widths}]] >>"
        );
        objects.Add(
            descriptor,
            $"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /ItalicAngle 0 /StemV 80 "
                + $"/Ascent {Units(_font.Ascent)} /Descent {Units(_font.Descent)} /CapHeight {Units(_font.Ascent)} "
                + $"/FontBBox [{string.Join(' ', _font.Box.Select(Units))}] /FontFile2 {file} 0 R >>"
        );
        objects.AddStream(file, $"/Length1 {program.Length}", program);
        objects.AddStream(unicode, "", Encoding.ASCII.GetBytes(ToUnicode()));
        objects.AddStream(
            map,
            "",
            [.. _codes.SelectMany(code => new[] { (byte)(code.Subset >> 8), (byte)code.Subset })]
        );
    }

    private PdfGlyph Of(Rune rune)
    {
        if (_characters.TryGetValue(rune.Value, out var known))
        {
            return known;
        }

        var glyph = _font.GlyphOf(rune.Value);
        var isInvisible =
            Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format || rune.Value is >= 0xFE00 and <= 0xFE0F;
        var text = Rune.IsControl(rune) ? "\uFFFD" : rune.ToString();
        known =
            isInvisible ? Take(_font.GlyphOf(' '), 0, text, rune.Value)
            : glyph > 0 ? Take(glyph, Width(glyph), text, rune.Value)
            : Take(_font.GlyphOf(Replacement), Width(_font.GlyphOf(Replacement)), text, rune.Value);
        _characters[rune.Value] = known;
        return known;
    }

    /// <summary>A letter with marks as the one glyph that the font has for both, or null where it has none.</summary>
    private PdfGlyph? Composed(string cluster)
    {
        if (_clusters.TryGetValue(cluster, out var known))
        {
            return known;
        }

        var runes = cluster.Normalize(NormalizationForm.FormC).EnumerateRunes().ToList();
        if (runes.Count != 1 || _font.GlyphOf(runes[0].Value) is not (> 0 and var glyph) || _clusters.Count > MostCodes)
        {
            return null;
        }

        return _clusters[cluster] = Take(glyph, Width(glyph), cluster, runes[0].Value);
    }

    private PdfGlyph Take(int glyph, float width, string text, int codePoint)
    {
        if (_codes.Count >= MostCodes)
        {
            return codePoint == Replacement ? new PdfGlyph(0, 600, codePoint) : Of(new Rune(Replacement));
        }

        _codes.Add((_subset.Add(glyph), width, text));
        return new PdfGlyph((ushort)(_codes.Count - 1), width, codePoint);
    }

    private float Width(int glyph) => 1000f * _font.AdvanceOf(glyph) / _font.UnitsPerEm;

    private static bool IsMark(string text, int at) =>
        CharUnicodeInfo.GetUnicodeCategory(text, at) == UnicodeCategory.NonSpacingMark;

    /// <summary>Six letters that tell subsets of one font apart; the same document gives the same.</summary>
    private string Tag()
    {
        uint hash = 2166136261;
        foreach (var (_, _, text) in _codes)
        {
            foreach (var c in text)
            {
                hash = unchecked((hash ^ c) * 16777619);
            }
        }

        var letters = new char[6];
        for (var i = 0; i < letters.Length; i++, hash /= 26)
        {
            letters[i] = (char)('A' + (hash % 26));
        }

        return new string(letters);
    }

    private string ToUnicode()
    {
        var map = new StringBuilder(
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
                + "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
                + "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
                + "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        );
        // A block holds a hundred entries at most.
        foreach (var block in _codes.Select((code, i) => (code.Text, Code: i)).Skip(1).Chunk(100))
        {
            map.Append(CultureInfo.InvariantCulture, $"{block.Length} beginbfchar\n");
            foreach (var (text, code) in block)
            {
                var utf16 = Convert.ToHexString(Encoding.BigEndianUnicode.GetBytes(text));
                map.Append(CultureInfo.InvariantCulture, $"<{code:X4}> <{utf16}>\n");
            }

            map.Append("endbfchar\n");
        }

        return map.Append("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n").ToString();
    }
}
