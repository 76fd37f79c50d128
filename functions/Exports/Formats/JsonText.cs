using System.Buffers;
using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>Values as JSON. Numbers keep all their digits, also beyond what a reader that uses doubles can hold.</summary>
internal static class JsonText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        (byte)'"',
        (byte)'\\',
        .. Enumerable.Range(0, 32).Select(b => (byte)b),
        .. Enumerable.Range(127, 129).Select(b => (byte)b),
    ]);

    private static readonly SearchValues<byte> Escaped = SearchValues.Create([
        (byte)'"',
        (byte)'\\',
        127,
        .. Enumerable.Range(0, 32).Select(b => (byte)b),
    ]);

    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 512 };

    /// <summary>Writes a value; false when it is a text that is not valid UTF-8, which JSON cannot hold.</summary>
    /// <param name="oneLine">Embedded JSON gets spaces for the line breaks between its tokens.</param>
    public static bool TryWrite(RowBuffer output, in Cell cell, ColumnKind kind, bool oneLine = false)
    {
        switch (cell.Kind)
        {
            case CellKind.Integer when kind == ColumnKind.Boolean && cell.Integer is 0 or 1:
                output.Write(cell.Integer == 1 ? "true"u8 : "false"u8);
                return true;
            case CellKind.Integer:
                NumberText.WriteInteger(output, cell.Integer);
                return true;
            case CellKind.Real when double.IsFinite(cell.Real):
                NumberText.WriteReal(output, cell.Real);
                return true;
            case CellKind.Real:
                output.Write(
                    cell.Real > 0 ? "\"Infinity\""u8
                    : cell.Real < 0 ? "\"-Infinity\""u8
                    : "\"NaN\""u8
                );
                return true;
            case CellKind.Text when kind == ColumnKind.Json && IsStructure(cell.Bytes):
                WriteStructure(output, cell.Bytes, oneLine);
                return true;
            case CellKind.Text:
                return TryWriteText(output, cell.Bytes);
            case CellKind.Blob:
                WriteBlob(output, cell.Bytes);
                return true;
            default:
                output.Write("null"u8);
                return true;
        }
    }

    /// <summary>A property name with its colon, ready to be copied in front of each value.</summary>
    public static byte[] Name(string name)
    {
        using var output = new RowBuffer();
        TryWriteText(output, Encoding.UTF8.GetBytes(name));
        output.Write((byte)':');
        return output.Written.ToArray();
    }

    private static bool TryWriteText(RowBuffer output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'"');
        var special = text.IndexOfAny(Special);
        if (special >= 0)
        {
            if (!Utf8.IsValid(text[special..]))
            {
                return false;
            }

            while (text.IndexOfAny(Escaped) is var at and >= 0)
            {
                output.Write(text[..at]);
                WriteEscape(output, text[at]);
                text = text[(at + 1)..];
            }
        }

        output.Write(text);
        output.Write((byte)'"');
        return true;
    }

    private static void WriteEscape(RowBuffer output, byte character)
    {
        switch (character)
        {
            case (byte)'"':
                output.Write("\\\""u8);
                break;
            case (byte)'\\':
                output.Write("\\\\"u8);
                break;
            case (byte)'\n':
                output.Write("\\n"u8);
                break;
            case (byte)'\r':
                output.Write("\\r"u8);
                break;
            case (byte)'\t':
                output.Write("\\t"u8);
                break;
            default:
                var span = output.GetSpan(6);
                "\\u00"u8.CopyTo(span);
                span[4] = (byte)"0123456789abcdef"[character >> 4];
                span[5] = (byte)"0123456789abcdef"[character & 15];
                output.Advance(6);
                break;
        }
    }

    private static void WriteBlob(RowBuffer output, ReadOnlySpan<byte> bytes)
    {
        output.Write((byte)'"');
        Base64.EncodeToUtf8(
            bytes,
            output.GetSpan(Base64.GetMaxEncodedToUtf8Length(bytes.Length)),
            out _,
            out var written
        );
        output.Advance(written);
        output.Write((byte)'"');
    }

    /// <summary>Inside a string of well-formed JSON a line break is always escaped: those that are not stand between tokens.</summary>
    private static void WriteStructure(RowBuffer output, ReadOnlySpan<byte> text, bool oneLine)
    {
        var span = output.GetSpan(text.Length)[..text.Length];
        text.CopyTo(span);
        if (oneLine)
        {
            span.Replace((byte)'\n', (byte)' ');
            span.Replace((byte)'\r', (byte)' ');
        }

        output.Advance(text.Length);
    }

    /// <summary>True for one well-formed JSON object or array, which can stand as it is.</summary>
    private static bool IsStructure(ReadOnlySpan<byte> text)
    {
        var start = text.TrimStart(" \t\r\n"u8);
        if (start.IsEmpty || start[0] is not ((byte)'{' or (byte)'[') || !Utf8.IsValid(text))
        {
            return false;
        }

        try
        {
            var reader = new Utf8JsonReader(text, Strict);
            while (reader.Read()) { }

            return true;
        }
        catch (JsonException)
        {
            // Then it is exported as the text it is.
            return false;
        }
    }
}
