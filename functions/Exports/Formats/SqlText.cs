using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats;

/// <summary>Values as SQLite literals that read back exactly, through the <c>sqlite3</c> program too.</summary>
internal static class SqlText
{
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        (byte)'\'',
        (byte)'\r',
        0,
        .. Enumerable.Range(128, 128).Select(b => (byte)b),
    ]);

    /// <summary>A name as an identifier, whatever it contains.</summary>
    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write(RowBuffer output, in Cell cell)
    {
        switch (cell.Kind)
        {
            case CellKind.Integer:
                NumberText.WriteInteger(output, cell.Integer);
                break;
            case CellKind.Real:
                NumberText.WriteSqlReal(output, cell.Real);
                break;
            case CellKind.Text:
                WriteText(output, cell.Bytes);
                break;
            case CellKind.Blob:
                WriteBlob(output, cell.Bytes);
                break;
            default:
                output.Write("NULL"u8);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteText(RowBuffer output, ReadOnlySpan<byte> text)
    {
        var special = text.IndexOfAny(Special);
        if (special < 0)
        {
            var span = output.GetSpan(text.Length + 2);
            span[0] = (byte)'\'';
            text.CopyTo(span[1..]);
            span[text.Length + 1] = (byte)'\'';
            output.Advance(text.Length + 2);
            return;
        }

        var rest = text[special..];
        if (rest.Contains((byte)0) || !Utf8.IsValid(rest))
        {
            // A literal would end at the NUL, and invalid UTF-8 would not survive an editor: the bytes in hexadecimal do.
            output.Write("CAST("u8);
            WriteBlob(output, text);
            output.Write(" AS TEXT)"u8);
        }
        else if (rest.Contains((byte)'\r'))
        {
            WriteWithReturns(output, text);
        }
        else
        {
            WriteQuoted(output, text);
        }
    }

    /// <summary>
    /// The <c>sqlite3</c> program drops a carriage return before a line feed in what it reads, inside literals too. So returns
    /// are written as a mark that the text does not contain, and put back by the statement itself.
    /// </summary>
    private static void WriteWithReturns(RowBuffer output, ReadOnlySpan<byte> text)
    {
        // A backslash only at its start: so a mark never overlaps with itself or with what stands before it.
        var mark = "\\r"u8;
        for (var i = 0; text.IndexOf(mark) >= 0; i++)
        {
            mark = Encoding.ASCII.GetBytes($"\\r{i};");
        }

        output.Write("replace('"u8);
        while (!text.IsEmpty)
        {
            var at = text.IndexOfAny((byte)'\r', (byte)'\'');
            if (at < 0)
            {
                output.Write(text);
                break;
            }

            output.Write(text[..at]);
            output.Write(text[at] == '\r' ? mark : "''"u8);
            text = text[(at + 1)..];
        }

        output.Write("','"u8);
        output.Write(mark);
        output.Write("',char(13))"u8);
    }

    /// <summary>A text in quotes, its own doubled; false when it is not valid UTF-8.</summary>
    public static bool TryWriteQuoted(RowBuffer output, ReadOnlySpan<byte> text)
    {
        var special = text.IndexOfAny(Special);
        if (special >= 0 && !Utf8.IsValid(text[special..]))
        {
            return false;
        }

        WriteQuoted(output, text);
        return true;
    }

    public static void WriteHex(RowBuffer output, ReadOnlySpan<byte> bytes)
    {
        Convert.TryToHexStringLower(bytes, output.GetSpan(bytes.Length * 2), out var written);
        output.Advance(written);
    }

    private static void WriteQuoted(RowBuffer output, ReadOnlySpan<byte> text)
    {
        output.Write((byte)'\'');
        while (text.IndexOf((byte)'\'') is var at and >= 0)
        {
            output.Write(text[..(at + 1)]);
            output.Write((byte)'\'');
            text = text[(at + 1)..];
        }

        output.Write(text);
        output.Write((byte)'\'');
    }

    private static void WriteBlob(RowBuffer output, ReadOnlySpan<byte> bytes)
    {
        output.Write("X'"u8);
        WriteHex(output, bytes);
        output.Write((byte)'\'');
    }
}
