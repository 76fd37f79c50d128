using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>
/// Texts of cells: what XML cannot hold is written as <c>_xHHHH_</c>, as the format has it, and so is a text that looks like
/// that itself.
/// </summary>
internal static class XlsxText
{
    /// <summary>UTF-16 units that a cell may hold.</summary>
    public const int Longest = 32_767;

    private static readonly SearchValues<byte> Special = SearchValues.Create([
        (byte)'&',
        (byte)'<',
        (byte)'>',
        (byte)'_',
        0xEF,
        .. Enumerable.Range(0, 32).Where(b => b is not ('\t' or '\n')).Select(b => (byte)b),
    ]);

    private static readonly SearchValues<byte> Hex = SearchValues.Create("0123456789abcdefABCDEF"u8);

    /// <summary>Null, or why a text cannot be written.</summary>
    public static string? WhyNot(ReadOnlySpan<byte> text) =>
        !Utf8.IsValid(text) ? "the text is not valid UTF-8"
        : text.Contains((byte)0) ? "the text contains a NUL character"
        : null;

    public static bool IsTooLong(ReadOnlySpan<byte> text) =>
        text.Length > Longest && Encoding.UTF8.GetCharCount(text) > Longest;

    /// <summary>Writes valid text.</summary>
    public static void Write(RowBuffer output, ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny(Special) is var at and >= 0)
        {
            output.Write(text[..at]);
            text = text[at..];
            text = text[WriteSpecial(output, text)..];
        }

        output.Write(text);
    }

    /// <summary>Length in bytes of the longest beginning that a cell can hold and that cuts no character in two.</summary>
    public static int Fitting(ReadOnlySpan<byte> text)
    {
        var (units, at) = (0, 0);
        while (at < text.Length)
        {
            Rune.DecodeFromUtf8(text[at..], out var rune, out var bytes);
            units += rune.Utf16SequenceLength;
            if (units > Longest)
            {
                break;
            }

            at += bytes;
        }

        return at;
    }

    /// <summary>Writes what stands for the first bytes of the text; how many these are.</summary>
    private static int WriteSpecial(RowBuffer output, ReadOnlySpan<byte> text)
    {
        switch (text[0])
        {
            case (byte)'&':
                output.Write("&amp;"u8);
                return 1;
            case (byte)'<':
                output.Write("&lt;"u8);
                return 1;
            case (byte)'>':
                output.Write("&gt;"u8);
                return 1;
            case (byte)'\r':
                // As it is, a reader would make a line feed of it.
                output.Write("&#13;"u8);
                return 1;
            case (byte)'_':
                output.Write(LooksEscaped(text) ? "_x005F_"u8 : "_"u8);
                return 1;
            case 0xEF:
                // U+FFFE and U+FFFF are no characters of XML.
                var isNone = text.Length >= 3 && text[1] == 0xBF && text[2] >= 0xBE;
                output.Write(
                    !isNone ? text[..1]
                    : text[2] == 0xBE ? "_xFFFE_"u8
                    : "_xFFFF_"u8
                );
                return isNone ? 3 : 1;
            default:
                output.Write("_x00"u8);
                output.Write((byte)"0123456789ABCDEF"[text[0] >> 4]);
                output.Write((byte)"0123456789ABCDEF"[text[0] & 15]);
                output.Write((byte)'_');
                return 1;
        }
    }

    private static bool LooksEscaped(ReadOnlySpan<byte> text) =>
        text.Length >= 7 && text[1] is (byte)'x' or (byte)'X' && text[6] == '_' && text[2..6].IndexOfAnyExcept(Hex) < 0;
}
