using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;
using System.Xml;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Xml;

/// <summary>Values and names as XML 1.0.</summary>
internal static class XmlText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create("&<>\r"u8);

    private static readonly SearchValues<byte> Controls = SearchValues.Create([
        .. Enumerable.Range(0, 32).Where(b => b is not ('\t' or '\n' or '\r')).Select(b => (byte)b),
    ]);

    /// <summary>A name as an element: signs that elements cannot have become <c>_xHHHH_</c>.</summary>
    public static string Element(string name) => XmlConvert.EncodeLocalName(name) ?? "_";

    /// <summary>True for a value that XML cannot hold as it is, and that base64 carries: bytes, and texts with control characters.</summary>
    public static bool IsEncoded(in Cell cell) =>
        cell.Kind == CellKind.Blob || (cell.Kind == CellKind.Text && IndexOfForbidden(cell.Bytes) >= 0);

    /// <summary>Null, or why a value cannot be written: as in the other formats for people, NUL and invalid UTF-8 are refused.</summary>
    public static string? WhyNot(in Cell cell) =>
        cell.Kind != CellKind.Text ? null
        : !Utf8.IsValid(cell.Bytes) ? "the text is not valid UTF-8"
        : cell.Bytes.Contains((byte)0) ? "the text contains a NUL character"
        : null;

    /// <summary>Writes a value as content of an element; base64 for one that <see cref="IsEncoded" />.</summary>
    public static void Write(RowBuffer output, in Cell cell, ColumnKind kind, bool encoded)
    {
        switch (cell.Kind)
        {
            case CellKind.Integer when kind == ColumnKind.Boolean && cell.Integer is 0 or 1:
                output.Write(cell.Integer == 1 ? "true"u8 : "false"u8);
                break;
            case CellKind.Integer:
                NumberText.WriteInteger(output, cell.Integer);
                break;
            case CellKind.Real when double.IsFinite(cell.Real):
                NumberText.WriteReal(output, cell.Real);
                break;
            case CellKind.Real:
                output.Write(
                    cell.Real > 0 ? "INF"u8
                    : cell.Real < 0 ? "-INF"u8
                    : "NaN"u8
                );
                break;
            default:
                if (encoded)
                {
                    WriteBase64(output, cell.Bytes);
                }
                else
                {
                    WriteText(output, cell.Bytes);
                }

                break;
        }
    }

    private static void WriteBase64(RowBuffer output, ReadOnlySpan<byte> bytes)
    {
        var span = output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length));
        Base64.EncodeToUtf8(bytes, span, out _, out var written);
        output.Advance(written);
    }

    /// <summary>Place of the first character that XML 1.0 does not know; -1 for none.</summary>
    private static int IndexOfForbidden(ReadOnlySpan<byte> text)
    {
        var control = text.IndexOfAny(Controls);
        return control >= 0 ? control : Math.Max(text.IndexOf("\uFFFE"u8), text.IndexOf("\uFFFF"u8));
    }

    private static void WriteText(RowBuffer output, ReadOnlySpan<byte> text)
    {
        while (text.IndexOfAny(Special) is var at and >= 0)
        {
            output.Write(text[..at]);
            output.Write(
                text[at] switch
                {
                    (byte)'&' => "&amp;"u8,
                    (byte)'<' => "&lt;"u8,
                    (byte)'>' => "&gt;"u8,
                    // As it is, a reader would make a line feed of it.
                    _ => "&#13;"u8,
                }
            );
            text = text[(at + 1)..];
        }

        output.Write(text);
    }

    /// <summary>A text inside a tag, between quotation marks.</summary>
    public static string Attribute(string text) => System.Security.SecurityElement.Escape(text);

    /// <summary>Bytes of a text.</summary>
    public static byte[] Utf8Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
