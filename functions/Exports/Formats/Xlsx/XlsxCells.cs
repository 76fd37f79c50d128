using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>
/// Values as typed cells of a sheet. What a spreadsheet would change is written as text: whole numbers and decimals of more than
/// 15 digits, reals beyond its range, dates before March 1900, times finer than thousandths or with an offset.
/// </summary>
internal sealed class XlsxCells
{
    private const long LargestWhole = 999_999_999_999_999;
    private const double LargestReal = 9.99999999999999e307;
    private const double SmallestReal = 2.2250738585072014e-308;

    private static readonly DateOnly FirstDay = new(1900, 3, 1);
    private static readonly int Epoch = new DateOnly(1899, 12, 30).DayNumber;

    private readonly byte[][] _letters;
    private readonly ColumnKind[] _kinds;
    private readonly byte[] _row = new byte[8];
    private int _rowLength;

    public XlsxCells(IEnumerable<ColumnKind> kinds)
    {
        _kinds = [.. kinds];
        _letters = [.. Enumerable.Range(0, _kinds.Length).Select(Letters)];
    }

    /// <summary>Begins row number <paramref name="number"/>, from 1.</summary>
    public void BeginRow(RowBuffer output, long number)
    {
        Utf8Formatter.TryFormat(number, _row, out _rowLength);
        output.Write("<row r=\""u8);
        output.Write(_row.AsSpan(0, _rowLength));
        output.Write("\">"u8);
    }

    public static void EndRow(RowBuffer output) => output.Write("</row>"u8);

    /// <summary>
    /// Writes a value; nothing for null. <paramref name="tooLong"/> is set when the text stands elsewhere, and the cell says so.
    /// The result is null, or why the format cannot hold the value.
    /// </summary>
    public string? Write(RowBuffer output, int column, in Cell cell, out bool tooLong)
    {
        tooLong = false;
        switch (cell.Kind)
        {
            case CellKind.Null:
                return null;
            case CellKind.Integer when _kinds[column] == ColumnKind.Boolean && cell.Integer is 0 or 1:
                Begin(output, column, "\" t=\"b\"><v>"u8);
                output.Write(cell.Integer == 1 ? (byte)'1' : (byte)'0');
                output.Write("</v></c>"u8);
                return null;
            case CellKind.Integer when cell.Integer is >= -LargestWhole and <= LargestWhole:
                Begin(output, column, "\"><v>"u8);
                NumberText.WriteInteger(output, cell.Integer);
                output.Write("</v></c>"u8);
                return null;
            case CellKind.Real when cell.Real == 0 || Math.Abs(cell.Real) is >= SmallestReal and <= LargestReal:
                Number(output, column, cell.Real);
                return null;
            case CellKind.Text:
                return Text(output, column, cell.Bytes, out tooLong);
            case CellKind.Blob:
                Blob(output, column, cell.Bytes, out tooLong);
                return null;
            default:
                Rare(output, column, cell);
                return null;
        }
    }

    /// <summary>Writes a text as it is, in a style.</summary>
    public void WriteText(RowBuffer output, int column, ReadOnlySpan<byte> text, int style = 0)
    {
        if (style == 0)
        {
            Begin(output, column, "\" t=\"inlineStr\"><is><t"u8);
        }
        else
        {
            Begin(output, column, "\" s=\""u8);
            NumberText.WriteInteger(output, style);
            output.Write("\" t=\"inlineStr\"><is><t"u8);
        }

        var isEdged = text.Length > 0 && (text[0] <= ' ' || text[^1] <= ' ');
        output.Write(isEdged ? " xml:space=\"preserve\">"u8 : ">"u8);
        XlsxText.Write(output, text);
        output.Write("</t></is></c>"u8);
    }

    /// <summary>A column's letters, from A to XFD.</summary>
    internal static byte[] Letters(int column)
    {
        var text = "";
        for (var rest = column + 1; rest > 0; rest = (rest - 1) / 26)
        {
            text = (char)('A' + ((rest - 1) % 26)) + text;
        }

        return Encoding.ASCII.GetBytes(text);
    }

    private string? Text(RowBuffer output, int column, ReadOnlySpan<byte> text, out bool tooLong)
    {
        tooLong = false;
        if (XlsxText.WhyNot(text) is { } reason)
        {
            return reason;
        }

        var isTyped = _kinds[column] switch
        {
            ColumnKind.Date or ColumnKind.DateTime => Dated(output, column, text),
            ColumnKind.Decimal => Decimal(output, column, text),
            _ => false,
        };
        if (!isTyped)
        {
            tooLong = XlsxText.IsTooLong(text);
            Fitting(output, column, text, tooLong ? Encoding.UTF8.GetCharCount(text) : 0);
        }

        return null;
    }

    private void Fitting(RowBuffer output, int column, ReadOnlySpan<byte> text, int tooMany)
    {
        if (tooMany == 0)
        {
            WriteText(output, column, text);
            return;
        }

        var note = string.Create(
            CultureInfo.InvariantCulture,
            $"[{tooMany} characters: see the sheet {XlsxContent.LongTexts}]"
        );
        WriteText(output, column, Encoding.UTF8.GetBytes(note), XlsxParts.Elsewhere);
    }

    private void Blob(RowBuffer output, int column, ReadOnlySpan<byte> bytes, out bool tooLong)
    {
        var length = Base64.GetMaxEncodedToUtf8Length(bytes.Length);
        tooLong = length > XlsxText.Longest;
        var text = ArrayPool<byte>.Shared.Rent(Math.Max(length, 1));
        if (!tooLong)
        {
            Base64.EncodeToUtf8(bytes, text, out _, out length);
        }

        Fitting(output, column, text.AsSpan(0, tooLong ? 0 : length), tooLong ? length : 0);
        ArrayPool<byte>.Shared.Return(text);
    }

    private bool Dated(RowBuffer output, int column, ReadOnlySpan<byte> text)
    {
        if (DateText.TryDate(text, out var day))
        {
            if (day < FirstDay)
            {
                return false;
            }

            Begin(output, column, "\" s=\"2\"><v>"u8);
            NumberText.WriteInteger(output, day.DayNumber - Epoch);
            output.Write("</v></c>"u8);
            return true;
        }

        if (
            !DateText.TryDateTime(text, out var time, out var isUtc)
            || time.Ticks % TimeSpan.TicksPerMillisecond != 0
            || DateOnly.FromDateTime(time) < FirstDay
        )
        {
            return false;
        }

        Begin(output, column, "\" s=\""u8);
        NumberText.WriteInteger(output, XlsxParts.Time(isUtc, time.Ticks % TimeSpan.TicksPerSecond != 0));
        output.Write("\"><v>"u8);
        var serial = ((time.Ticks / TimeSpan.TicksPerMillisecond) - (Epoch * 86_400_000L)) / 86_400_000.0;
        NumberText.WriteReal(output, serial);
        output.Write("</v></c>"u8);
        return true;
    }

    private bool Decimal(RowBuffer output, int column, ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > 18 || !NumberText.IsNumber(text))
        {
            return false;
        }

        var digits = 0;
        foreach (var character in text.TrimStart("-+0."u8))
        {
            digits += character is >= (byte)'0' and <= (byte)'9' ? 1 : 0;
        }

        // An exponent, a sign or a bare point in front: rare, and then the text is the safer form.
        if (digits > 15 || text.IndexOfAny("eE+"u8) >= 0 || text[0] == '.')
        {
            return false;
        }

        Begin(output, column, "\"><v>"u8);
        output.Write(text);
        output.Write("</v></c>"u8);
        return true;
    }

    private void Number(RowBuffer output, int column, double number)
    {
        Begin(output, column, "\"><v>"u8);
        NumberText.WriteReal(output, number);
        output.Write("</v></c>"u8);
    }

    private void Rare(RowBuffer output, int column, in Cell cell)
    {
        Span<byte> text = stackalloc byte[40];
        int length;
        if (cell.Kind == CellKind.Integer)
        {
            cell.Integer.TryFormat(text, out length, default, CultureInfo.InvariantCulture);
        }
        else
        {
            cell.Real.TryFormat(text, out length, default, CultureInfo.InvariantCulture);
        }

        WriteText(output, column, text[..length]);
    }

    private void Begin(RowBuffer output, int column, ReadOnlySpan<byte> rest)
    {
        output.Write("<c r=\""u8);
        output.Write(_letters[column]);
        output.Write(_row.AsSpan(0, _rowLength));
        output.Write(rest);
    }
}
