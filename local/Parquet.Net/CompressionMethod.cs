namespace Parquet;

/// <summary>How pages are compressed. The stand-in has what the framework has: none, gzip and Brotli.</summary>
public enum CompressionMethod
{
    None = 0,
    Snappy = 1,
    Gzip = 2,
    Lzo = 3,
    Brotli = 4,
    LZ4 = 5,
    Zstd = 6,
    Lz4Raw = 7,
}
