using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>The rows of the sheet for long texts: where each text belongs, and its pieces in order.</summary>
internal sealed class LongTextRows
{
    private readonly long[] _firstRows;
    private readonly string[] _sheets;
    private readonly IReadOnlyList<ColumnInfo> _columns;
    private long _row;
    private int _sheet;

    /// <param name="firstRows">For each sheet of the table, the number of its first row, from 0.</param>
    /// <param name="sheets">Their names.</param>
    /// <param name="columns">The table's columns.</param>
    public LongTextRows(IEnumerable<long> firstRows, IEnumerable<string> sheets, IReadOnlyList<ColumnInfo> columns)
    {
        _firstRows = [.. firstRows];
        _sheets = [.. sheets];
        _columns = columns;
    }

    public static IReadOnlyList<string> Header { get; } = ["Sheet", "Row", "Column", "Piece", "Text"];

    public static IReadOnlyList<ColumnKind> Kinds { get; } =
    [ColumnKind.Text, ColumnKind.Integer, ColumnKind.Text, ColumnKind.Integer, ColumnKind.Text];

    /// <summary>The pieces of a value of the current row; none when it fits its cell.</summary>
    public IEnumerable<LongTextPiece> Of(RowReader reader, int column)
    {
        reader.Get(column, out var cell);
        var text = cell.Kind switch
        {
            CellKind.Text when XlsxText.IsTooLong(cell.Bytes) => cell.Bytes.ToArray(),
            CellKind.Blob when cell.Bytes.Length > XlsxText.Longest / 4 * 3 => Encoding.ASCII.GetBytes(
                Convert.ToBase64String(cell.Bytes)
            ),
            _ => null,
        };
        return text is null || text.Length <= XlsxText.Longest ? [] : Pieces(text, column);
    }

    /// <summary>Moves on to the next row.</summary>
    public void Next()
    {
        _row++;
        while (_sheet + 1 < _firstRows.Length && _row >= _firstRows[_sheet + 1])
        {
            _sheet++;
        }
    }

    private IEnumerable<LongTextPiece> Pieces(byte[] text, int column)
    {
        var number = 0;
        for (var at = 0; at < text.Length; )
        {
            var length = XlsxText.Fitting(text.AsSpan(at));
            // The header is row 1.
            yield return new LongTextPiece(
                _sheets[_sheet],
                _row - _firstRows[_sheet] + 2,
                _columns[column].Name,
                ++number,
                text.AsMemory(at, length)
            );
            at += length;
        }
    }
}

/// <summary>One piece of a long text.</summary>
internal sealed record LongTextPiece(string Sheet, long Row, string Column, int Number, ReadOnlyMemory<byte> Text)
{
    public void Write(RowBuffer output, XlsxCells cells, long row)
    {
        cells.BeginRow(output, row);
        cells.WriteText(output, 0, Encoding.UTF8.GetBytes(Sheet));
        cells.Write(output, 1, new Cell(Row), out _);
        cells.WriteText(output, 2, Encoding.UTF8.GetBytes(Column));
        cells.Write(output, 3, new Cell(Number), out _);
        cells.WriteText(output, 4, Text.Span);
        XlsxCells.EndRow(output);
    }
}
