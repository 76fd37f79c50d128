using System.IO.Compression;
using System.Text;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>
/// A table as a workbook: one sheet, or several where rows or bytes are too many for one, each with the header. Texts that are
/// too long for a cell stand in pieces on sheets of their own, read a second time from the same snapshot: memory stays as it is.
/// </summary>
internal sealed class XlsxContent : IFileContent
{
    /// <summary>How values are written, for the manifest.</summary>
    public const string Note =
        "XLSX: cells have types; no value is a formula. An empty cell is a null, an empty text is a cell with no text. A time shows "
        + "Z where the source says UTC. As text stand: whole numbers and decimals of more than 15 digits, dates before March "
        + "1900, times finer than thousandths of a second or with an offset, base64 of binary values. A text of more than "
        + "32,767 characters stands in pieces on the sheet 'Long texts', and its cell says so in italics. After 1,048,575 rows a "
        + "further sheet begins.";

    /// <summary>Name of the sheet for what is too long for a cell.</summary>
    public const string LongTexts = "Long texts";

    // A sheet of 4 GiB and more needs an extension of ZIP that not all readers of a stream understand.
    private const long LargestSheet = 3L << 30;

    private static readonly DateTimeOffset Undated = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly ContentInput _input;
    private readonly long _rowsASheet;
    private readonly RowBuffer _rows = new();
    private readonly BufferStream _file = new();
    private readonly ZipArchive _zip;
    private readonly IEnumerator<bool> _steps;
    private readonly List<string> _sheets = [];
    private readonly List<long> _firstRows = [];
    private Stream? _sheet;
    private RowReader? _reader;
    private long _sheetBytes;
    private bool _hasLongTexts;

    /// <param name="input">The table.</param>
    /// <param name="rowsASheet">Rows below the header.</param>
    public XlsxContent(ContentInput input, long rowsASheet = 1_048_575)
    {
        _input = input;
        _rowsASheet = rowsASheet;
        _zip = new ZipArchive(_file, ZipArchiveMode.Create, leaveOpen: true);
        _steps = WriteAll().GetEnumerator();
    }

    public long Rows { get; private set; }

    public DateTimeOffset Snapshot => _input.Snapshot;

    private IReadOnlyList<ColumnInfo> Columns => _input.Root.ExportColumns;

    public ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _file.Target = output;
        return ValueTask.FromResult(_steps.MoveNext());
    }

    public async ValueTask DisposeAsync()
    {
        _steps.Dispose();
        _reader?.Dispose();
        // What a file that is given up still wants to write goes nowhere.
        using var nowhere = new RowBuffer();
        _file.Target = nowhere;
        if (_sheet is not null)
        {
            await _sheet.DisposeAsync();
        }

        _zip.Dispose();
        _rows.Dispose();
        await _input.Connection.DisposeAsync();
    }

    private IEnumerable<bool> WriteAll()
    {
        var name = SheetNames.Of(_input.Name);
        foreach (var full in WriteRows(name))
        {
            yield return full;
        }

        foreach (var full in _hasLongTexts ? WriteLongTexts() : [])
        {
            yield return full;
        }

        foreach (var (path, text) in XlsxParts.Others(_sheets))
        {
            using var part = Create(path);
            part.Write(Encoding.UTF8.GetBytes(text));
        }

        _zip.Dispose();
    }

    private IEnumerable<bool> WriteRows(string name)
    {
        var cells = new XlsxCells(Columns.Select(column => column.Kind));
        var header = Columns.Select(column => column.Name).ToList();
        BeginSheet(name, header, Columns.Select(Width), cells);
        _reader = _input.OpenRows();
        var inSheet = 0L;
        while (_reader.Read())
        {
            if (inSheet == _rowsASheet || _sheetBytes > LargestSheet)
            {
                EndSheet();
                BeginSheet(name, header, Columns.Select(Width), cells);
                inSheet = 0;
            }

            inSheet++;
            WriteRow(cells, inSheet + 1);
            Rows++;
            if (_rows.IsFull)
            {
                Flush();
                yield return true;
            }
        }

        EndSheet();
        _reader.Dispose();
        _reader = null;
    }

    private void WriteRow(XlsxCells cells, long number)
    {
        cells.BeginRow(_rows, number);
        for (var i = 0; i < Columns.Count; i++)
        {
            _reader!.Get(i, out var cell);
            if (cells.Write(_rows, i, cell, out var tooLong) is { } reason)
            {
                throw new UnwritableValueException("XLSX", _input.Root.Table.Name, Columns[i].Name, Rows + 1, reason);
            }

            _hasLongTexts |= tooLong;
        }

        XlsxCells.EndRow(_rows);
    }

    /// <summary>Reads the rows again for the texts that did not fit, and writes them in pieces that do.</summary>
    private IEnumerable<bool> WriteLongTexts()
    {
        var pieces = new LongTextRows(_firstRows, _sheets, Columns);
        var cells = new XlsxCells(LongTextRows.Kinds);
        int[] widths = [20, 12, 20, 8, 80];
        BeginSheet(LongTexts, LongTextRows.Header, widths, cells);
        _reader = _input.OpenRows();
        var inSheet = 0L;
        while (_reader.Read())
        {
            for (var i = 0; i < Columns.Count; i++)
            {
                foreach (var piece in pieces.Of(_reader, i))
                {
                    if (inSheet == _rowsASheet)
                    {
                        EndSheet();
                        BeginSheet(LongTexts, LongTextRows.Header, widths, cells);
                        inSheet = 0;
                    }

                    inSheet++;
                    piece.Write(_rows, cells, inSheet + 1);
                    if (_rows.IsFull)
                    {
                        Flush();
                        yield return true;
                    }
                }
            }

            pieces.Next();
        }

        EndSheet();
    }

    private void BeginSheet(string name, IReadOnlyList<string> header, IEnumerable<int> widths, XlsxCells cells)
    {
        _sheets.Add(SheetNames.Free(name, _sheets));
        _firstRows.Add(Rows);
        _sheet = Create(XlsxParts.SheetPath(_sheets.Count));
        _sheetBytes = 0;
        _rows.Write(Encoding.UTF8.GetBytes(XlsxParts.SheetBegin(widths)));
        cells.BeginRow(_rows, 1);
        for (var i = 0; i < header.Count; i++)
        {
            cells.WriteText(_rows, i, Encoding.UTF8.GetBytes(header[i]), XlsxParts.Header);
        }

        XlsxCells.EndRow(_rows);
    }

    private void EndSheet()
    {
        _rows.Write(Encoding.UTF8.GetBytes(XlsxParts.SheetEnd));
        Flush();
        _sheet!.Dispose();
        _sheet = null;
    }

    private void Flush()
    {
        _sheet!.Write(_rows.Written.Span);
        _sheetBytes += _rows.Length;
        _rows.Clear();
    }

    private Stream Create(string path)
    {
        var entry = _zip.CreateEntry(path, CompressionLevel.Fastest);
        entry.LastWriteTime = Undated;
        return entry.Open();
    }

    private static int Width(ColumnInfo column) =>
        column.Kind switch
        {
            ColumnKind.Integer or ColumnKind.Real or ColumnKind.Decimal or ColumnKind.Date => 12,
            ColumnKind.Boolean => 8,
            ColumnKind.DateTime => 20,
            _ => 30,
        };
}
