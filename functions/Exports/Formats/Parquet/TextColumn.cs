using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text.Unicode;
using Parquet.Schema;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Parquet;

/// <summary>Texts, and everything else as text: numbers as they are written, binary values as base64.</summary>
internal sealed class TextColumn(DataField field, ValueRoom<char> room) : ParquetColumn<ReadOnlyMemory<char>>(field)
{
    private const int LongestNumber = 40;

    /// <summary>False for a text that is not valid UTF-8 only.</summary>
    protected override bool TryRead(in Cell cell, out ReadOnlyMemory<char> value)
    {
        if (cell.Kind == CellKind.Text)
        {
            return TryDecode(cell.Bytes, out value);
        }

        value = cell.Kind switch
        {
            CellKind.Blob => Encoded(cell.Bytes),
            CellKind.Integer => Integer(cell.Integer),
            _ => Real(cell.Real),
        };
        return true;
    }

    private bool TryDecode(ReadOnlySpan<byte> text, out ReadOnlyMemory<char> value)
    {
        // A text never has more characters than bytes.
        var free = room.Reserve(text.Length);
        var status = Utf8.ToUtf16(text, free.Span, out _, out var length, replaceInvalidSequences: false);
        value = status == OperationStatus.Done ? room.Take(free, length) : default;
        return status == OperationStatus.Done;
    }

    private ReadOnlyMemory<char> Encoded(ReadOnlySpan<byte> bytes)
    {
        var free = room.Reserve(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Convert.TryToBase64Chars(bytes, free.Span, out var length);
        return room.Take(free, length);
    }

    private ReadOnlyMemory<char> Integer(long number)
    {
        var free = room.Reserve(LongestNumber);
        number.TryFormat(free.Span, out var length, default, CultureInfo.InvariantCulture);
        return room.Take(free, length);
    }

    /// <summary>With a point or an exponent, which tells a real from a whole number.</summary>
    private ReadOnlyMemory<char> Real(double number)
    {
        var free = room.Reserve(LongestNumber);
        var text = free.Span;
        number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        if (double.IsFinite(number) && text[..length].IndexOfAny('.', 'E') < 0)
        {
            ".0".CopyTo(text[length..]);
            length += 2;
        }

        return room.Take(free, length);
    }
}
