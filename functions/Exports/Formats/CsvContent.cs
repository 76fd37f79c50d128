using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Unicode;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>
/// A table as RFC 4180 CSV: UTF-8 without a byte order mark, CRLF, a header row. A null is an empty field, an empty text is
/// <c>""</c>; blobs are base64; infinite numbers are <c>Infinity</c> and <c>-Infinity</c>.
/// </summary>
/// <remarks>
/// <para>Formula guard: a text that a spreadsheet would run as a formula gets an apostrophe in front, and so does a text that
/// begins with an apostrophe itself. So the guard can be undone without knowing the data: take one leading apostrophe off
/// every field that has one.</para>
/// <para>Numbers stay as they are, also in columns declared numeric that keep them as text.</para>
/// </remarks>
internal sealed class CsvContent(ContentInput input) : IFileContent
{
    /// <summary>How the guard is described to whoever reads the files, in the manifest.</summary>
    public const string GuardNote =
        "CSV: a field that begins with an apostrophe had one put in front, because its text begins with = + - @, a tab or a line "
        + "break (also after spaces or in full-width form), which spreadsheets run as a formula, or with an apostrophe of its "
        + "own. Take one leading apostrophe off every field that has one to get the exact value. A null is an empty field, an "
        + "empty text is \"\"; binary values are base64.";

    // What ends the fast path: quotes and separators, NUL, and everything that is not ASCII and must be checked as UTF-8.
    private static readonly SearchValues<byte> Special = SearchValues.Create([
        (byte)'"',
        (byte)',',
        (byte)'\r',
        (byte)'\n',
        0,
        .. Enumerable.Range(128, 128).Select(b => (byte)b),
    ]);

    private static readonly SearchValues<byte> Quoted = SearchValues.Create("\",\r\n"u8);

    private readonly ReadAheadReader _rows = input.OpenRows();
    private readonly IReadOnlyList<ColumnInfo> _columns = input.Root.ExportColumns;
    private readonly bool[] _numeric =
    [
        .. input.Root.ExportColumns.Select(column =>
            column.Kind is ColumnKind.Integer or ColumnKind.Decimal or ColumnKind.Real
        ),
    ];

    private bool _begun;
    private RowBatch? _batch;
    private int _row;

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot => input.Snapshot;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        if (!_begun)
        {
            _begun = true;
            WriteHeader(output);
            _batch = _rows.ReadBatch();
        }

        return ValueTask.FromResult(WriteRows(output));
    }

    public async ValueTask DisposeAsync()
    {
        _rows.Dispose();
        await input.Connection.DisposeAsync();
    }

    /// <summary>True when the output is full, false when the rows have ended.</summary>
    private bool WriteRows(RowBuffer output)
    {
        while (_batch is { } batch)
        {
            while (_row < batch.Rows)
            {
                WriteRow(output, batch, _row++);
                Rows++;
                if (output.IsFull)
                {
                    return true;
                }
            }

            _batch = _rows.ReadBatch();
            _row = 0;
        }

        return false;
    }

    private void WriteHeader(RowBuffer output)
    {
        for (var i = 0; i < _columns.Count; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            WriteText(output, Encoding.UTF8.GetBytes(_columns[i].Name), i);
        }

        output.Write("\r\n"u8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteRow(RowBuffer output, RowBatch batch, int row)
    {
        batch.Get(row, out var kinds, out var numbers);
        for (var i = 0; i < kinds.Length; i++)
        {
            if (i > 0)
            {
                output.Write((byte)',');
            }

            switch (kinds[i])
            {
                case CellKind.Integer:
                    NumberText.WriteInteger(output, numbers[i]);
                    break;
                case CellKind.Real:
                    WriteReal(output, BitConverter.Int64BitsToDouble(numbers[i]));
                    break;
                case CellKind.Text:
                    WriteText(output, batch.Bytes(numbers[i]), i);
                    break;
                case CellKind.Blob:
                    WriteBlob(output, batch.Bytes(numbers[i]));
                    break;
                default:
                    break;
            }
        }

        output.Write("\r\n"u8);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteText(RowBuffer output, ReadOnlySpan<byte> text, int column)
    {
        if (text.IsEmpty)
        {
            output.Write("\"\""u8);
            return;
        }

        var special = text.IndexOfAny(Special);
        var quote = text[0] == ' ' || text[^1] == ' ';
        if (special >= 0)
        {
            CheckText(text, column);
            quote |= text[special..].IndexOfAny(Quoted) >= 0;
        }

        var guard = IsRisky(text) && !(_numeric[column] && NumberText.IsNumber(text));
        if (!quote)
        {
            if (guard)
            {
                output.Write((byte)'\'');
            }

            output.Write(text);
            return;
        }

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

    private static void WriteReal(RowBuffer output, double number)
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

    private static void WriteBlob(RowBuffer output, ReadOnlySpan<byte> bytes)
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

    private void CheckText(ReadOnlySpan<byte> text, int column)
    {
        if (text.Contains((byte)0))
        {
            throw Unwritable(column, "the text contains a NUL character");
        }

        if (!Utf8.IsValid(text))
        {
            throw Unwritable(column, "the text is not valid UTF-8");
        }
    }

    private UnwritableValueException Unwritable(int column, string reason) =>
        new("CSV", input.Root.Table.Name, _columns[column].Name, Rows + 1, reason);

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
