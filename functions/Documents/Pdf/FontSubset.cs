using System.Buffers.Binary;
using System.Text;

namespace Portability.Documents.Pdf;

/// <summary>A TrueType font file with a few of a font's glyphs, numbered anew: what a PDF embeds.</summary>
internal sealed class FontSubset
{
    private const int WordsArguments = 0x0001;
    private const int HasScale = 0x0008;
    private const int MoreComponents = 0x0020;
    private const int HasTwoScales = 0x0040;
    private const int HasMatrix = 0x0080;

    private readonly TrueTypeFont _font;
    private readonly List<int> _glyphs = [0];
    private readonly Dictionary<int, int> _numbers = new() { [0] = 0 };

    public FontSubset(TrueTypeFont font)
    {
        _font = font;
    }

    /// <summary>The number in the subset of one of the font's glyphs.</summary>
    public int Add(int glyph)
    {
        if (!_numbers.TryGetValue(glyph, out var number))
        {
            _numbers[glyph] = number = _glyphs.Count;
            _glyphs.Add(glyph);
        }

        return number;
    }

    /// <summary>The font file: no names and no character map, which a PDF brings itself.</summary>
    public byte[] ToBytes()
    {
        var glyf = new MemoryStream();
        var loca = new MemoryStream();
        var hmtx = new MemoryStream();
        // Composite glyphs bring their components, which join the list while it is walked.
        for (var i = 0; i < _glyphs.Count; i++)
        {
            Write32(loca, (uint)glyf.Length);
            glyf.Write(Renumbered(_font.OutlineOf(_glyphs[i])));
            while (glyf.Length % 4 != 0)
            {
                glyf.WriteByte(0);
            }

            Write16(hmtx, _font.AdvanceOf(_glyphs[i]));
            Write16(hmtx, _font.BearingOf(_glyphs[i]));
        }

        Write32(loca, (uint)glyf.Length);
        var head = _font.Table("head").ToArray();
        BinaryPrimitives.WriteUInt32BigEndian(head.AsSpan(8), 0);
        BinaryPrimitives.WriteInt16BigEndian(head.AsSpan(50), 1);
        var hhea = _font.Table("hhea").ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(hhea.AsSpan(34), (ushort)_glyphs.Count);
        var maxp = _font.Table("maxp").ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(maxp.AsSpan(4), (ushort)_glyphs.Count);
        var tables = new List<(string Name, byte[] Bytes)>
        {
            // In the order of their names, as the format wants them.
            ("cvt ", _font.Table("cvt ").ToArray()),
            ("fpgm", _font.Table("fpgm").ToArray()),
            ("glyf", glyf.ToArray()),
            ("head", head),
            ("hhea", hhea),
            ("hmtx", hmtx.ToArray()),
            ("loca", loca.ToArray()),
            ("maxp", maxp),
            ("prep", _font.Table("prep").ToArray()),
        };
        tables.RemoveAll(table => table.Bytes.Length == 0);
        return Assemble(tables);
    }

    /// <summary>An outline whose components, if it has any, go by their numbers in the subset.</summary>
    private byte[] Renumbered(ReadOnlySpan<byte> outline)
    {
        var copy = outline.ToArray();
        if (copy.Length == 0 || BinaryPrimitives.ReadInt16BigEndian(copy) >= 0)
        {
            return copy;
        }

        int flags;
        var at = 10;
        do
        {
            flags = BinaryPrimitives.ReadUInt16BigEndian(copy.AsSpan(at));
            var component = BinaryPrimitives.ReadUInt16BigEndian(copy.AsSpan(at + 2));
            BinaryPrimitives.WriteUInt16BigEndian(copy.AsSpan(at + 2), (ushort)Add(component));
            at += 4 + ((flags & WordsArguments) != 0 ? 4 : 2);
            at +=
                (flags & HasScale) != 0 ? 2
                : (flags & HasTwoScales) != 0 ? 4
                : (flags & HasMatrix) != 0 ? 8
                : 0;
        } while ((flags & MoreComponents) != 0);

        return copy;
    }

    private static byte[] Assemble(List<(string Name, byte[] Bytes)> tables)
    {
        var file = new MemoryStream();
        var log = (int)Math.Log2(tables.Count);
        Write32(file, 0x00010000);
        Write16(file, tables.Count);
        Write16(file, 16 << log);
        Write16(file, log);
        Write16(file, (16 * tables.Count) - (16 << log));
        var offset = 12 + (16 * tables.Count);
        foreach (var (name, bytes) in tables)
        {
            file.Write(Encoding.ASCII.GetBytes(name));
            Write32(file, Checksum(bytes));
            Write32(file, (uint)offset);
            Write32(file, (uint)bytes.Length);
            offset += Padded(bytes.Length);
        }

        foreach (var (_, bytes) in tables)
        {
            file.Write(bytes);
            file.Write(new byte[Padded(bytes.Length) - bytes.Length]);
        }

        return file.ToArray();
    }

    private static int Padded(int length) => (length + 3) & ~3;

    private static uint Checksum(byte[] bytes)
    {
        var padded = new byte[Padded(bytes.Length)];
        bytes.CopyTo(padded, 0);
        uint sum = 0;
        for (var i = 0; i < padded.Length; i += 4)
        {
            sum = unchecked(sum + BinaryPrimitives.ReadUInt32BigEndian(padded.AsSpan(i)));
        }

        return sum;
    }

    private static void Write16(Stream stream, int value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, unchecked((ushort)value));
        stream.Write(bytes);
    }

    private static void Write32(Stream stream, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        stream.Write(bytes);
    }
}
