using System.Globalization;
using System.IO.Compression;
using Parquet;
using Parquet.Schema;
using Portability.Exports.Rows;

namespace Portability.Exports.Formats.Parquet;

/// <summary>
/// A table as Parquet. While one row group is encoded and compressed, the next is read: memory is two row groups, whatever the
/// table's size.
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

    private const int RowsAGroup = 32 * 1024;
    private const long BytesAGroup = 8L * 1024 * 1024;
    private const int DictionarySample = 2048;

    private readonly ContentInput _input;
    private readonly BufferStream _file = new();
    private readonly RowBuffer _encoded = new();
    private ParquetColumns _filling;
    private ParquetColumns? _resting;
    private Task<ParquetColumns>? _encoding;
    private RowReader _rows;
    private ParquetWriter? _writer;
    private bool _looking;
    private bool _again;
    private long _read;
    private int _encodingRows;

    public ParquetContent(ContentInput input)
    {
        _input = input;
        _filling = new ParquetColumns(input.Root.ExportColumns);
        _rows = input.OpenRows();
        _file.Target = _encoded;
    }

    /// <summary>Rows of the groups that have been handed out.</summary>
    public long Rows { get; private set; }

    public int Attempt { get; private set; }

    public DateTimeOffset Snapshot => _input.Snapshot;

    public async ValueTask<bool> FillAsync(RowBuffer output, CancellationToken cancellationToken)
    {
        var more = ReadGroup();
        if (_looking)
        {
            _filling.Clear();
            if (more is false)
            {
                _looking = false;
                Restart();
            }

            return true;
        }

        if (more is null)
        {
            await BeginAgainAsync();
            return true;
        }

        await EndGroupAsync(output);
        // The schema is settled with the first group; a file without rows has one too.
        _writer ??= await CreateAsync(cancellationToken);
        if (_filling.Count > 0)
        {
            _encodingRows = _filling.Count;
            _encoding = EncodeAsync(_writer, _filling, cancellationToken);
            _filling = _resting ?? _filling.Twin();
            _resting = null;
        }

        if (more is true)
        {
            return true;
        }

        await EndGroupAsync(output);
        await _writer.DisposeAsync();
        Empty(output);
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_encoding is not null)
        {
            await ((Task)_encoding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _rows.Dispose();
        _encoded.Dispose();
        await _input.Connection.DisposeAsync();
    }

    /// <summary>Reads until a group is full (true) or the rows have ended (false); null when a column had to change its type.</summary>
    private bool? ReadGroup()
    {
        while (_filling.Count < RowsAGroup && ((_filling.Count & 7) != 0 || _filling.Bytes < BytesAGroup))
        {
            if (!_again && !_rows.Read())
            {
                return false;
            }

            _again = false;
            while (_filling.TryAdd(_rows) is { } column)
            {
                Widen(column);
                if (!_looking)
                {
                    return null;
                }

                // Looking on: only types count now, and the row is tried again.
                _filling.Clear();
            }

            _read++;
        }

        return true;
    }

    private void Widen(int column)
    {
        if (!_filling.TryWiden(column))
        {
            throw new UnwritableValueException(
                "Parquet",
                _input.Root.Table.Name,
                _input.Root.ExportColumns[column].Name,
                _read + 1,
                "the text is not valid UTF-8"
            );
        }
    }

    /// <summary>A type has changed: rows that are not out yet are read again; if some are, all rows are looked through first.</summary>
    private async Task BeginAgainAsync()
    {
        if (_writer is null)
        {
            Restart();
            return;
        }

        if (_encoding is not null)
        {
            await _encoding;
            _encoding = null;
        }

        // What is encoded is void, here and at whoever took these bytes. The look begins with the row that did not fit.
        _encoded.Clear();
        _filling.Clear();
        _writer = null;
        _looking = true;
        _again = true;
        Attempt++;
    }

    private void Restart()
    {
        _rows.Dispose();
        _rows = _input.OpenRows();
        _filling = _filling.Twin();
        _resting = null;
        _read = Rows = 0;
    }

    private async Task EndGroupAsync(RowBuffer output)
    {
        if (_encoding is not null)
        {
            _resting = await _encoding;
            _encoding = null;
            Rows += _encodingRows;
            Empty(output);
        }
    }

    private void Empty(RowBuffer output)
    {
        output.Write(_encoded.Written.Span);
        _encoded.Clear();
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
        foreach (var text in _filling.All.OfType<TextColumn>())
        {
            options.ColumnEncodingHints[text.Field.Path.ToString(null, CultureInfo.InvariantCulture)] =
                EncodingHint.Dictionary;
        }

        var schema = new ParquetSchema(_filling.All.Select(column => column.Field));
        var writer = await ParquetWriter.CreateAsync(schema, _file, options, cancellationToken: cancellationToken);
        var asText = _filling.AsText.ToList();
        if (asText.Count > 0)
        {
            writer.CustomMetadata = new Dictionary<string, string>
            {
                ["portability.columnsAsText"] = string.Join(", ", asText),
            };
        }

        return writer;
    }

    private static async Task<ParquetColumns> EncodeAsync(
        ParquetWriter writer,
        ParquetColumns columns,
        CancellationToken cancellationToken
    )
    {
        // Leaves the caller's thread, so that the next rows are read meanwhile.
        await Task.Yield();
        using var group = writer.CreateRowGroup();
        foreach (var column in columns.All)
        {
            await column.WriteAsync(group, cancellationToken);
        }

        group.CompleteValidate();
        columns.Clear();
        return columns;
    }
}
