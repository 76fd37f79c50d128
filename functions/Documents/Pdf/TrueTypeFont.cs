using System.Buffers.Binary;
using System.Text;

namespace Portability.Documents.Pdf;

/// <summary>
/// A TrueType font as far as embedding needs it: which glyph a character has, how wide it is, its outline. Tables as in the
/// OpenType specification; numbers are big-endian throughout.
/// </summary>
internal sealed class TrueTypeFont
{
    private static readonly Lazy<TrueTypeFont> Shipped = new(LoadShipped);

    private readonly byte[] _file;
    private readonly Dictionary<string, (int Offset, int Length)> _tables = new(StringComparer.Ordinal);
    private readonly Dictionary<int, ushort> _glyphs = [];
    private readonly bool _longOffsets;
    private readonly int _metrics;

    public TrueTypeFont(byte[] file)
    {
        _file = file;
        int tables = U16(4);
        for (int i = 0, at = 12; i < tables; i++, at += 16)
        {
            _tables[Encoding.ASCII.GetString(file, at, 4)] = ((int)U32(at + 8), (int)U32(at + 12));
        }

        var head = Offset("head");
        UnitsPerEm = U16(head + 18);
        Box = [S16(head + 36), S16(head + 38), S16(head + 40), S16(head + 42)];
        _longOffsets = U16(head + 50) == 1;
        GlyphCount = U16(Offset("maxp") + 4);
        var hhea = Offset("hhea");
        Ascent = S16(hhea + 4);
        Descent = S16(hhea + 6);
        _metrics = U16(hhea + 34);
        ReadCharacters();
    }

    /// <summary>The font that comes with the program: DejaVu Sans Condensed.</summary>
    public static TrueTypeFont Default => Shipped.Value;

    /// <summary>PostScript name.</summary>
    public string Name { get; private init; } = "DejaVuSansCondensed";

    public int UnitsPerEm { get; }

    /// <summary>xMin, yMin, xMax, yMax over all glyphs, in font units.</summary>
    public IReadOnlyList<int> Box { get; }

    public int Ascent { get; }

    public int Descent { get; }

    public int GlyphCount { get; }

    /// <summary>The glyph of a code point; 0 when the font has none.</summary>
    public int GlyphOf(int codePoint) => _glyphs.GetValueOrDefault(codePoint);

    /// <summary>Width of a glyph in font units.</summary>
    public int AdvanceOf(int glyph) => U16(Offset("hmtx") + (4 * Math.Min(glyph, _metrics - 1)));

    /// <summary>Space before the outline, in font units.</summary>
    public int BearingOf(int glyph) =>
        glyph < _metrics
            ? S16(Offset("hmtx") + (4 * glyph) + 2)
            : S16(Offset("hmtx") + (4 * _metrics) + (2 * (glyph - _metrics)));

    /// <summary>A glyph's outline; empty for a space.</summary>
    public ReadOnlySpan<byte> OutlineOf(int glyph)
    {
        var loca = Offset("loca");
        var (from, to) = _longOffsets
            ? ((int)U32(loca + (4 * glyph)), (int)U32(loca + (4 * glyph) + 4))
            : (2 * U16(loca + (2 * glyph)), 2 * U16(loca + (2 * glyph) + 2));
        return _file.AsSpan(Offset("glyf") + from, to - from);
    }

    /// <summary>A table's bytes; empty when the font has none of that name.</summary>
    public ReadOnlySpan<byte> Table(string name) =>
        _tables.TryGetValue(name, out var place) ? _file.AsSpan(place.Offset, place.Length) : [];

    private static TrueTypeFont LoadShipped()
    {
        using var stream =
            typeof(TrueTypeFont).Assembly.GetManifestResourceStream("DejaVuSansCondensed.ttf")
            ?? throw new InvalidOperationException("The font is not in the assembly.");
        var file = new byte[stream.Length];
        stream.ReadExactly(file);
        return new TrueTypeFont(file);
    }

    /// <summary>Reads the Unicode character maps: segments (format 4), and groups (format 12) for what is beyond U+FFFF.</summary>
    private void ReadCharacters()
    {
        var cmap = Offset("cmap");
        for (int i = 0, maps = U16(cmap + 2); i < maps; i++)
        {
            var record = cmap + 4 + (8 * i);
            var isUnicode = U16(record) == 0 || (U16(record) == 3 && U16(record + 2) is 1 or 10);
            var map = cmap + (int)U32(record + 4);
            switch (isUnicode ? U16(map) : 0)
            {
                case 4:
                    ReadSegments(map);
                    break;
                case 12:
                    ReadGroups(map);
                    break;
            }
        }
    }

    private void ReadSegments(int map)
    {
        var twice = U16(map + 6);
        var (ends, starts) = (map + 14, map + 16 + twice);
        for (var s = 0; s < twice; s += 2)
        {
            int delta = U16(starts + twice + s);
            var rangeAt = starts + (2 * twice) + s;
            int range = U16(rangeAt);
            for (int c = U16(starts + s), end = U16(ends + s); c <= end && c != 0xFFFF; c++)
            {
                var listed = range == 0 ? c : U16(rangeAt + range + (2 * (c - U16(starts + s))));
                Learn(c, range != 0 && listed == 0 ? 0 : (listed + delta) & 0xFFFF);
            }
        }
    }

    private void ReadGroups(int map)
    {
        for (uint i = 0, groups = U32(map + 12); i < groups; i++)
        {
            var group = map + 16 + (12 * (int)i);
            var (first, last, glyph) = (U32(group), U32(group + 4), U32(group + 8));
            for (var c = first; c <= last; c++)
            {
                Learn((int)c, (int)(glyph + c - first));
            }
        }
    }

    private void Learn(int codePoint, int glyph)
    {
        if (glyph > 0 && glyph < GlyphCount)
        {
            _glyphs.TryAdd(codePoint, (ushort)glyph);
        }
    }

    private int Offset(string table) =>
        _tables.TryGetValue(table, out var place)
            ? place.Offset
            : throw new InvalidDataException($"The font has no table '{table}'.");

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16BigEndian(_file.AsSpan(at));

    private short S16(int at) => BinaryPrimitives.ReadInt16BigEndian(_file.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32BigEndian(_file.AsSpan(at));
}
