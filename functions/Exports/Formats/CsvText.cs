using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Portability.Exports.Formats;

/// <summary>Values as the fields of a CSV file; <see cref="CsvContent"/> says by which rules.</summary>
internal static class CsvText
{
    // What ends the fast path: quotes and separators, NUL, and everything that is not ASCII and must be checked as UTF-8.
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        (byte)'"',
        (byte)',',
        (byte)'\r',
        (byte)'\n',
        0,
        .. Enumerable.Range(128, 128).Select(b => (byte)b),
    ]);

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

        var special = text.IndexOfAny(Special);
        var quote = text[0] == ' ' || text[^1] == ' ';
        if (special < 0 && !quote && char.IsAsciiLetterOrDigit((char)text[0]))
        {
            output.Write(text);
            return null;
        }

        if (special >= 0)
        {
            var rest = text[special..];
            var at = rest.IndexOfAny(QuotedOrNul);
            if (at >= 0)
            {
                quote = true;
                if (rest[at..].Contains((byte)0))
                {
                    return "the text contains a NUL character";
                }
            }

            if (!Utf8.IsValid(rest))
            {
                return "the text is not valid UTF-8";
            }
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
