using System.Globalization;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Parquet;

/// <summary>
/// A table as Parquet: memory is one row group, whatever the table's size. While it is encoded and compressed, rows are read ahead;
/// it was tried to fill a second group meanwhile, which took the memory and, with several parts at once, no time off.
/// </summary>
/// <remarks>
/// A column has the type it was declared with as long as every value fits it exactly; where an engine lets any value stand
/// anywhere and one does not fit, the column is text. The first rows are simply taken again then. If rows are already out, all
/// others are looked through once, so that every column is known, and the file begins again.
/// </remarks>
internal sealed class ParquetContent : IFileContent
{
    /// <summary>How values are written, for the manifest.</summary>
    public const string Note =
        "Parquet: typed by the columns' declarations, gzip. A column with a value that its type cannot hold exactly is text, and the "
        + "file's metadata names it under portability.columnsAsText. Decimals need a declared precision of at most 28; "
        + "times are instants where all values of the column say UTC, else without zone. In text columns numbers are "
        + "written out and binary values are base64.";

    // With what is made of them for a moment, about 15 MB: several parts are written at once.
    private const int RowsAGroup = (32 * 1024) - RowBatch.MostRows;
    private const long BytesAGroup = 8L * 1024 * 1024;
    private const int DictionarySample = 2048;

    private readonly ContentInput _input;
    private readonly BufferStream _file = new();
    private readonly ParquetColumns _columns;
    private ReadAheadReader _rows;
    private RowBatch? _batch;
    private ParquetWriter? _writer;
    private bool _looking;
    private bool _again;
    private long _read;

    public ParquetContent(ContentInput input)
    {
        _input = input;
        _columns = new ParquetColumns(input.Root.ExportColumns);
        _rows = input.OpenRows();
    }

    /// <summary>Rows of the groups that have been handed out.</summary>
    public long Rows { get; private set; }

    public int Attempt { get; private set; }

    public DateTimeOffset Snapshot => _input.Snapshot;

    public async ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        _file.Target = output;
        var more = ReadGroup();
        if (_looking)
        {
            _columns.Clear();
            if (more is false)
            {
                _looking = false;
                Restart();
            }

            return true;
        }

        if (more is null)
        {
            BeginAgain();
            return true;
        }

        // The schema is settled with the first group; a file without rows has one too.
        _writer ??= await CreateAsync(cancellationToken);
        if (_columns.Count > 0)
        {
            await EncodeAsync(_writer, cancellationToken);
        }

        if (more is false)
        {
            await _writer.DisposeAsync();
        }

        return more is true;
    }

    public async ValueTask DisposeAsync()
    {
        _rows.Dispose();
        _columns.Dispose();
        await _input.Connection.DisposeAsync();
    }

    /// <summary>Reads until a group is full (true) or the rows have ended (false); null when a column had to change its type.</summary>
    private bool? ReadGroup()
    {
        while (_columns.Count < RowsAGroup && _columns.Bytes < BytesAGroup)
        {
            _batch = _again ? _batch : _rows.ReadBatch();
            _again = false;
            if (_batch is not { } batch)
            {
                return false;
            }

            while (_columns.Add(batch) is { } unfit)
            {
                Widen(unfit.Column, _read + unfit.Row + 1);
                if (!_looking)
                {
                    return null;
                }

                // Looking on: only types count now, and the batch is tried again.
                _columns.Clear();
            }

            _read += batch.Rows;
        }

        return true;
    }

    private void Widen(int column, long row)
    {
        if (!_columns.TryWiden(column))
        {
            throw new UnwritableValueException(
                "Parquet",
                _input.Root.Table.Name,
                _input.Root.ExportColumns[column].Name,
                row,
                "the text is not valid UTF-8"
            );
        }
    }

    /// <summary>A type has changed: rows that are not out yet are read again; if some are, all rows are looked through first.</summary>
    private void BeginAgain()
    {
        if (_writer is null)
        {
            Restart();
            return;
        }

        // What is encoded is void at whoever took these bytes. The look begins with the batch that did not fit.
        _columns.Clear();
        _writer = null;
        _looking = true;
        _again = true;
        Attempt++;
    }

    private void Restart()
    {
        _rows.Dispose();
        _rows = _input.OpenRows();
        _columns.Clear();
        _read = Rows = 0;
    }

    private async Task<ParquetWriter> CreateAsync(CancellationToken cancellationToken)
    {
        var options = new ParquetOptions
        {
            CompressionMethod = CompressionMethod.Gzip,
            CompressionLevel = CompressionLevel.Fastest,
            DictionaryEncodingThreshold = 0.5,
            DictionaryEncodingSampleSize = DictionarySample,
        };
        foreach (var text in _columns.All.OfType<TextColumn>())
        {
            options.ColumnEncodingHints[text.Field.Path.ToString(null, CultureInfo.InvariantCulture)] =
                EncodingHint.Dictionary;
        }

        var schema = new ParquetSchema(_columns.All.Select(column => column.Field));
        var writer = await ParquetWriter.CreateAsync(schema, _file, options, cancellationToken: cancellationToken);
        var asText = _columns.AsText.ToList();
        if (asText.Count > 0)
        {
            writer.CustomMetadata = new Dictionary<string, string>
            {
                ["portability.columnsAsText"] = string.Join(", ", asText),
            };
        }

        return writer;
    }

    private async Task EncodeAsync(ParquetWriter writer, CancellationToken cancellationToken)
    {
        using var group = writer.CreateRowGroup();
        foreach (var column in _columns.All)
        {
            await column.WriteAsync(group, cancellationToken);
        }

        group.CompleteValidate();
        Rows += _columns.Count;
        _columns.Clear();
    }
}
