using System.Buffers.Text;
using System.Globalization;

namespace Portability.Exports.Formats;

/// <summary>Numbers as text, exact in both directions and the same in every culture.</summary>
internal static class NumberText
{
    private const int Longest = 40;

    public static void WriteInteger(RowBuffer output, long number)
    {
        Utf8Formatter.TryFormat(number, output.GetSpan(Longest), out var written);
        output.Advance(written);
    }

    /// <summary>The shortest text that reads back as the same number, always with a point or an exponent. Finite numbers only.</summary>
    public static void WriteReal(RowBuffer output, double number)
    {
        var span = output.GetSpan(Longest);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        output.Advance(WithPoint(span, written));
    }

    /// <summary>
    /// A literal that SQLite reads back as the same number. Its parser promises 15 digits only: a number that needs more is
    /// written with 20, so close to its exact value that no rounding on the way can miss it.
    /// </summary>
    public static void WriteSqlReal(RowBuffer output, double number)
    {
        if (!double.IsFinite(number))
        {
            output.Write(
                number > 0 ? "9e999"u8
                : number < 0 ? "-9e999"u8
                : "NULL"u8
            );
            return;
        }

        var span = output.GetSpan(Longest);
        number.TryFormat(span, out var written, default, CultureInfo.InvariantCulture);
        if (Digits(span[..written]) > 15)
        {
            number.TryFormat(span, out written, "E19", CultureInfo.InvariantCulture);
        }

        output.Advance(WithPoint(span, written));
    }

    /// <summary>True for an optional sign, digits, and at most one point and exponent: harmless in a spreadsheet.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double _, out var used)
        && used == text.Length
        && text[^1] is >= (byte)'0' and <= (byte)'9';

    private static int Digits(ReadOnlySpan<byte> text)
    {
        var digits = 0;
        foreach (var c in text)
        {
            if (c == 'E')
            {
                break;
            }

            // Leading zeros carry nothing; counting inner and trailing ones too only errs to the safe side.
            if (c is >= (byte)'1' and <= (byte)'9' || (c == '0' && digits > 0))
            {
                digits++;
            }
        }

        return digits;
    }

    private static int WithPoint(Span<byte> text, int length)
    {
        if (text[..length].IndexOfAny((byte)'.', (byte)'E') < 0)
        {
            ".0"u8.CopyTo(text[length..]);
            return length + 2;
        }

        return length;
    }
}
