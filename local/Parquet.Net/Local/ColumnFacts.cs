using Parquet.Schema;

namespace Portability.Local.ParquetFormat;

/// <summary>What the footer tells of one column of one row group; offsets count from the begin of the file.</summary>
internal sealed record ColumnFacts(DataField Field, PhysicalType Type, int Codec)
{
    public required IReadOnlyList<int> Encodings { get; init; }

    public required long Values { get; init; }

    public required long Nulls { get; init; }

    public required MinMax Range { get; init; }

    /// <summary>Bytes with headers, uncompressed.</summary>
    public required long Uncompressed { get; init; }

    /// <summary>Bytes with headers, as in the file.</summary>
    public required long Compressed { get; init; }

    public required long DataPage { get; init; }

    /// <summary>Null without a dictionary.</summary>
    public required long? DictionaryPage { get; init; }

    public IReadOnlyDictionary<string, string>? Metadata { get; init; }

    public long Start => DictionaryPage ?? DataPage;

    public void WriteStatistics(ThriftWriter thrift)
    {
        thrift.Int64(3, Nulls);
        thrift.Bytes(5, Range.Max);
        thrift.Bytes(6, Range.Min);
    }
}

/// <summary>What the footer tells of a row group.</summary>
internal sealed class RowGroupFacts
{
    /// <summary>Null until the first column is written.</summary>
    public long? Rows { get; set; }

    public List<ColumnFacts> Columns { get; } = [];
}
