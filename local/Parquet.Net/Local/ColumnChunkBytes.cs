using System.Runtime.InteropServices;
using Parquet;
using Parquet.Schema;

namespace Portability.Local.ParquetFormat;

/// <summary>
/// One column of one row group, encoded: a dictionary page if it pays, then a data page of the first version. Where it will
/// stand in the file is not known yet.
/// </summary>
internal sealed class ColumnChunkBytes : IDisposable
{
    private const int DataPage = 0;
    private const int DictionaryPage = 2;
    private const int Plain = 0;
    private const int Rle = 3;
    private const int RleDictionary = 8;

    private readonly ByteBuffer _bytes = new();
    private readonly DataField _field;
    private readonly PhysicalType _type;
    private readonly ParquetOptions _options;
    private int? _dataPageAt;
    private bool _hasDictionary;
    private long _uncompressed;
    private long _values;
    private long _nulls;
    private MinMax _range = MinMax.None;

    private ColumnChunkBytes(DataField field, ParquetOptions options)
    {
        _field = field;
        _type = PhysicalType.Of(field);
        _options = options;
    }

    public ReadOnlyMemory<byte> Written => _bytes.Memory;

    /// <param name="field">The column.</param>
    /// <param name="values">The values that are there.</param>
    /// <param name="levels">1 for each that is there, 0 for each null; empty when all are there.</param>
    /// <param name="rows">Values and nulls together.</param>
    /// <param name="options">Encodings and compression.</param>
    public static ColumnChunkBytes Encode<T>(
        DataField field,
        ReadOnlySpan<T> values,
        ReadOnlySpan<int> levels,
        int rows,
        ParquetOptions options
    )
        where T : struct
    {
        if (rows != values.Length && !field.IsNullable)
        {
            throw new ArgumentException($"Column '{field.Name}' takes no nulls.", nameof(levels));
        }

        var chunk = new ColumnChunkBytes(field, options) { _values = rows, _nulls = rows - values.Length };
        using var page = new ByteBuffer();
        if (field.IsNullable)
        {
            HybridEncoder.WriteLevels(page, levels, rows);
        }

        using var dictionary = chunk.Dictionary(values);
        if (dictionary is not null)
        {
            chunk.WriteDictionary(dictionary);
            page.WriteByte((byte)dictionary.Bits);
            HybridEncoder.Write(page, dictionary.Indexes, dictionary.Bits);
        }
        else
        {
            chunk._range = PlainEncoder.Write(page, values, field, chunk._type);
        }

        chunk._dataPageAt = chunk._bytes.Count;
        chunk.WritePage(page, DataPage, thrift => chunk.WriteDataHeader(thrift, rows));
        return chunk;
    }

    /// <summary>What the footer tells of it, once it is known where it begins.</summary>
    public ColumnFacts Facts(long start, IReadOnlyDictionary<string, string>? metadata) =>
        new(_field, _type, (int)_options.CompressionMethod)
        {
            Encodings = _hasDictionary ? [Plain, Rle, RleDictionary] : [Plain, Rle],
            Values = _values,
            Nulls = _nulls,
            Range = _range,
            Uncompressed = _uncompressed,
            Compressed = _bytes.Count,
            DataPage = start + _dataPageAt!.Value,
            DictionaryPage = _hasDictionary ? start : null,
            Metadata = metadata,
        };

    public void Dispose() => _bytes.Dispose();

    private TextDictionary? Dictionary<T>(ReadOnlySpan<T> values)
        where T : struct
    {
        var wanted =
            typeof(T) == typeof(ReadOnlyMemory<char>)
            && _options.ColumnEncodingHints.TryGetValue(string.Join('/', _field.Path.ToList()), out var hint)
            && hint == EncodingHint.Dictionary;
        if (!wanted)
        {
            return null;
        }

        var texts = MemoryMarshal.CreateReadOnlySpan(
            ref System.Runtime.CompilerServices.Unsafe.As<T, ReadOnlyMemory<char>>(
                ref MemoryMarshal.GetReference(values)
            ),
            values.Length
        );
        return TextDictionary.TryBuild(
            texts,
            _options.DictionaryEncodingThreshold,
            _options.DictionaryEncodingSampleSize
        );
    }

    private void WriteDictionary(TextDictionary dictionary)
    {
        _hasDictionary = true;
        using var page = new ByteBuffer();
        _range = PlainEncoder.Write(page, dictionary.Texts, _field, _type);
        var count = dictionary.Count;
        WritePage(
            page,
            DictionaryPage,
            thrift =>
                thrift.Structure(
                    7,
                    () =>
                    {
                        thrift.Int32(1, count);
                        thrift.Int32(2, Plain);
                    }
                )
        );
    }

    private void WriteDataHeader(ThriftWriter thrift, int rows) =>
        thrift.Structure(
            5,
            () =>
            {
                thrift.Int32(1, rows);
                thrift.Int32(2, _hasDictionary ? RleDictionary : Plain);
                thrift.Int32(3, Rle);
                thrift.Int32(4, Rle);
            }
        );

    private void WritePage(ByteBuffer page, int kind, Action<ThriftWriter> header)
    {
        using var compressed = new ByteBuffer();
        PageCompression.Compress(page.Span, compressed, _options);
        var before = _bytes.Count;
        var thrift = new ThriftWriter(_bytes);
        thrift.Structure(() =>
        {
            thrift.Int32(1, kind);
            thrift.Int32(2, page.Count);
            thrift.Int32(3, compressed.Count);
            header(thrift);
        });
        _uncompressed += _bytes.Count - before + page.Count;
        _bytes.Write(compressed.Span);
    }
}
