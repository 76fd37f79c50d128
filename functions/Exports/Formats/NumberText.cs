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
        if (!TryShort(span, number, out var written))
        {
            number.TryFormat(span, out written, default, CultureInfo.InvariantCulture);
            written = WithPoint(span, written);
        }

        output.Advance(written);
    }

    /// <summary>SQL that SQLite, of any age, evaluates to exactly this number.</summary>
    /// <remarks>
    /// SQLite's parser promises 15 digits only, and less for very large and small numbers. A number that needs more is
    /// written with 20, so close to its exact value that no rounding on the way can miss it; one far from 1 is written as an
    /// integer times or divided by powers of two, which is exact in every step.
    /// </remarks>
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

        if (number != 0 && Math.Abs(number) is < 1e-8 or >= 1e27)
        {
            WriteProduct(output, number);
            return;
        }

        var span = output.GetSpan(Longest);
        if (TryShort(span, number, out var written))
        {
            output.Advance(written);
            return;
        }

        number.TryFormat(span, out written, default, CultureInfo.InvariantCulture);
        if (Digits(span[..written]) > 15)
        {
            number.TryFormat(span, out written, "E19", CultureInfo.InvariantCulture);
        }

        output.Advance(WithPoint(span, written));
    }

    private static void WriteProduct(RowBuffer output, double number)
    {
        const int Step = 62;
        var bits = BitConverter.DoubleToInt64Bits(number);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        mantissa |= exponent == 0 ? 0 : 1L << 52;
        var power = Math.Max(exponent, 1) - 1075;
        output.Write(number < 0 ? "(-1.0*"u8 : "(1.0*"u8);
        WriteInteger(output, mantissa);
        for (var left = Math.Abs(power); left > 0; left -= Step)
        {
            output.Write(power > 0 ? (byte)'*' : (byte)'/');
            WriteInteger(output, 1L << Math.Min(left, Step));
        }

        output.Write((byte)')');
    }

    /// <summary>True for an optional sign, digits, and at most one point and exponent: harmless in a spreadsheet.</summary>
    public static bool IsNumber(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out double _, out var used)
        && used == text.Length
        && text[^1] is >= (byte)'0' and <= (byte)'9';

    /// <summary>
    /// The shortest text of a number that has at most four decimals, as most numbers in tables have, in a fraction of the general
    /// way's time. Decimals of up to 15 digits are each the shortest text of a number of their own, so that one which reads as the
    /// number is its shortest text.
    /// </summary>
    private static bool TryShort(Span<byte> text, double number, out int length)
    {
        const double MostScaled = 1e15;
        length = 0;
        var scaled = Math.Round(number * 10_000);
        // Minus zero has a sign, and a division of whole numbers below 2^53 is the nearest double to the decimal.
        if (scaled == 0 || !(Math.Abs(scaled) < MostScaled) || scaled / 10_000 != number)
        {
            return false;
        }

        var whole = (long)Math.Abs(scaled);
        if (scaled < 0)
        {
            text[length++] = (byte)'-';
        }

        var (integer, rest) = Math.DivRem(whole, 10_000L);
        Utf8Formatter.TryFormat(integer, text[length..], out var written);
        length += written;
        text[length++] = (byte)'.';
        do
        {
            var (digit, less) = Math.DivRem(rest, 1000L);
            text[length++] = (byte)('0' + digit);
            rest = less * 10;
        } while (rest != 0);

        return true;
    }

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
