using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;
using Parquet.Schema;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Parquet;

/// <summary>Texts, and everything else as text: numbers as they are written, binary values as base64.</summary>
/// <remarks>Characters lie one after the other in large blocks: a text costs no object of its own.</remarks>
internal sealed class TextColumn(DataField field) : ParquetColumn<ReadOnlyMemory<char>>(field)
{
    private const int BlockSize = 64 * 1024;

    private readonly List<char[]> _blocks = [new char[BlockSize]];
    private int _block;
    private int _used;
    private long _characters;

    public override long Bytes => base.Bytes + (_characters * 2);

    public override void Clear()
    {
        base.Clear();
        // Blocks that one huge value made are given up.
        _blocks.RemoveAll(block => block.Length > BlockSize);
        if (_blocks.Count == 0)
        {
            _blocks.Add(new char[BlockSize]);
        }

        (_block, _used, _characters) = (0, 0, 0);
    }

    /// <summary>False for a text that is not valid UTF-8 only.</summary>
    protected override bool TryRead(in Cell cell, out ReadOnlyMemory<char> value)
    {
        if (cell.Kind == CellKind.Text)
        {
            var isValid = TryDecode(cell.Bytes, out value);
            _characters += value.Length;
            return isValid;
        }

        value = cell.Kind switch
        {
            CellKind.Blob => Encoded(cell.Bytes),
            CellKind.Integer => Written(cell.Integer),
            _ => Real(cell.Real),
        };
        _characters += value.Length;
        return true;
    }

    private bool TryDecode(ReadOnlySpan<byte> text, out ReadOnlyMemory<char> value)
    {
        // A text never has more characters than bytes.
        var room = Room(text.Length);
        var status = Utf8.ToUtf16(text, room.Span, out _, out var length, replaceInvalidSequences: false);
        value = status == OperationStatus.Done ? Take(room, length) : default;
        return status == OperationStatus.Done;
    }

    private ReadOnlyMemory<char> Encoded(ReadOnlySpan<byte> bytes)
    {
        var room = Room(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Convert.TryToBase64Chars(bytes, room.Span, out var length);
        return Take(room, length);
    }

    /// <summary>With a point or an exponent, which tells a real from a whole number.</summary>
    private ReadOnlyMemory<char> Real(double number)
    {
        var text = Written(number);
        if (!double.IsFinite(number) || text.Span.IndexOfAny('.', 'E') >= 0)
        {
            return text;
        }

        // The room taken for a number has space behind it.
        var room = _blocks[_block].AsMemory(_used - text.Length);
        ".0".CopyTo(room.Span[text.Length..]);
        _used += 2;
        return room[..(text.Length + 2)];
    }

    private ReadOnlyMemory<char> Written<T>(T number)
        where T : ISpanFormattable
    {
        var room = Room(40);
        number.TryFormat(room.Span, out var length, default, CultureInfo.InvariantCulture);
        return Take(room, length);
    }

    private Memory<char> Room(int length)
    {
        if (_blocks[_block].Length - _used < length)
        {
            _block++;
            _used = 0;
            if (_block == _blocks.Count || _blocks[_block].Length < length)
            {
                _blocks.Insert(_block, new char[Math.Max(BlockSize, length)]);
            }
        }

        return _blocks[_block].AsMemory(_used);
    }

    private ReadOnlyMemory<char> Take(Memory<char> room, int length)
    {
        _used += length;
        return room[..length];
    }
}
