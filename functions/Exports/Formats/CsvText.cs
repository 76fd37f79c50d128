using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Text.Unicode;

namespace Portability.Exports.Formats;

/// <summary>Values as the fields of a CSV file; <see cref="CsvContent"/> says by which rules.</summary>
internal static class CsvText
{
    private static readonly SearchValues<byte> QuotedOrNul = SearchValues.Create("\",\r\n\0"u8);

    /// <summary>Writes a text; null when it is written, else why it cannot be.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">UTF-8, so far as is known.</param>
    /// <param name="isNumeric">True in a column that is declared numeric, whose numbers stay as they are.</param>
    public static string? WriteText(RowBuffer output, ReadOnlySpan<byte> text, bool isNumeric)
    {
        if (text.IsEmpty)
        {
            output.Write("\"\""u8);
            return null;
        }

        var quote = text[0] == ' ' || text[^1] == ' ';
        if (!quote && char.IsAsciiLetterOrDigit((char)text[0]) && TryCopy(text, output.GetSpan(text.Length)))
        {
            output.Advance(text.Length);
            return null;
        }

        if (text.IndexOfAny(QuotedOrNul) is var at and >= 0)
        {
            quote = true;
            if (text[at..].Contains((byte)0))
            {
                return "the text contains a NUL character";
            }
        }

        if (!Utf8.IsValid(text))
        {
            return "the text is not valid UTF-8";
        }

        var guard = IsRisky(text) && !(isNumeric && NumberText.IsNumber(text));
        if (quote)
        {
            WriteQuoted(output, text, guard);
            return null;
        }

        if (guard)
        {
            output.Write((byte)'\'');
        }

        output.Write(text);
        return null;
    }

    public static void WriteReal(RowBuffer output, double number)
    {
        if (double.IsFinite(number))
        {
            NumberText.WriteReal(output, number);
        }
        else
        {
            output.Write(
                number > 0 ? "Infinity"u8
                : number < 0 ? "-Infinity"u8
                : "NaN"u8
            );
        }
    }

    public static void WriteBlob(RowBuffer output, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            output.Write("\"\""u8);
            return;
        }

        // One byte more than the text: base64 may begin with a plus.
        var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length) + 1);
        Base64.EncodeToUtf8(bytes, span, out _, out var written);
        if (span[0] == '+')
        {
            span[..written].CopyTo(span[1..]);
            span[0] = (byte)'\'';
            written++;
        }

        output.Advance(written);
    }

    /// <summary>Copies a text in which nothing needs care, looking at it in the same go; false when something may.</summary>
    private static bool TryCopy(ReadOnlySpan<byte> text, Span<byte> output)
    {
        if (text.Length < sizeof(ulong))
        {
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] is (byte)'"' or (byte)',' or < (byte)' ' or >= 128)
                {
                    return false;
                }

                output[i] = text[i];
            }

            return true;
        }

        // What is left at the end is taken with some bytes before it, which are copied twice.
        if (text.Length < Vector128<byte>.Count)
        {
            var last = text.Length - sizeof(ulong);
            var low = BinaryPrimitives.ReadUInt64LittleEndian(text);
            var high = BinaryPrimitives.ReadUInt64LittleEndian(text[last..]);
            BinaryPrimitives.WriteUInt64LittleEndian(output, low);
            BinaryPrimitives.WriteUInt64LittleEndian(output[last..], high);
            return !NeedsCare(Vector128.Create(low, high).AsByte());
        }

        for (var at = 0; ; at += Vector128<byte>.Count)
        {
            at = Math.Min(at, text.Length - Vector128<byte>.Count);
            var bytes = Vector128.Create(text[at..]);
            if (NeedsCare(bytes))
            {
                return false;
            }

            bytes.CopyTo(output[at..]);
            if (at == text.Length - Vector128<byte>.Count)
            {
                return true;
            }
        }
    }

    /// <summary>True for quotes and separators, control characters, and everything that is not ASCII and must be checked as UTF-8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool NeedsCare(Vector128<byte> bytes) =>
        // As signed numbers, bytes beyond ASCII are below all others.
        (
            Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)','))
            | Vector128.LessThan(bytes.AsSByte(), Vector128.Create((sbyte)' ')).AsByte()
        ) != Vector128<byte>.Zero;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteQuoted(RowBuffer output, ReadOnlySpan<byte> text, bool guard)
    {
        output.Write(guard ? "\"'"u8 : "\""u8);
        while (text.IndexOf((byte)'"') is var at and >= 0)
        {
            output.Write(text[..(at + 1)]);
            output.Write((byte)'"');
            text = text[(at + 1)..];
        }

        output.Write(text);
        output.Write((byte)'"');
    }

    private static bool IsRisky(ReadOnlySpan<byte> text)
    {
        if (text[0] == '\'')
        {
            return true;
        }

        if (text[0] == ' ')
        {
            // Some programs drop leading spaces when they open a file, and see the formula then.
            text = text.TrimStart((byte)' ');
            if (text.IsEmpty)
            {
                return false;
            }
        }

        return text[0] switch
        {
            (byte)'=' or (byte)'+' or (byte)'-' or (byte)'@' or (byte)'\t' or (byte)'\r' or (byte)'\n' => true,
            // U+FF1D, U+FF0B, U+FF0D and U+FF20, the full-width forms of the same signs.
            0xEF => text.Length >= 3 && text[1] == 0xBC && text[2] is 0x9D or 0x8B or 0x8D or 0xA0,
            _ => false,
        };
    }
}
