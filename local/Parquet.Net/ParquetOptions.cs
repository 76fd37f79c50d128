using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;

namespace Parquet;

/// <summary>How a file is written.</summary>
public class ParquetOptions
{
    /// <summary>The default is not to be had in the stand-in: name gzip, Brotli or none.</summary>
    public CompressionMethod CompressionMethod { get; set; } = CompressionMethod.Snappy;

    public CompressionLevel CompressionLevel { get; set; } = CompressionLevel.SmallestSize;

    /// <summary>Encodings by column path. Only text columns take <see cref="EncodingHint.Dictionary"/>; others stay plain.</summary>
    [SuppressMessage("Design", "CA1051", Justification = "A field officially.")]
    public readonly IDictionary<string, EncodingHint> ColumnEncodingHints = new Dictionary<string, EncodingHint>();

    /// <summary>The largest share of distinct values, from 0 to 1, with which a column gets a dictionary.</summary>
    public double DictionaryEncodingThreshold { get; set; } = 0.8;

    /// <summary>Values looked at before the whole column is; 0 for none.</summary>
    public int DictionaryEncodingSampleSize { get; set; }
}
