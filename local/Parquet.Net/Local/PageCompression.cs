using System.IO.Compression;
using Parquet;

namespace Portability.Local.ParquetFormat;

/// <summary>Compresses a page with what the framework has.</summary>
internal static class PageCompression
{
    public static void Require(CompressionMethod method)
    {
        if (method is not (CompressionMethod.None or CompressionMethod.Gzip or CompressionMethod.Brotli))
        {
            throw new NotSupportedException(
                $"The embedded Parquet writer has no {method}: set CompressionMethod to Gzip, Brotli or None."
            );
        }
    }

    public static void Compress(ReadOnlySpan<byte> page, ByteBuffer output, ParquetOptions options)
    {
        switch (options.CompressionMethod)
        {
            case CompressionMethod.Gzip:
                using (var gzip = new GZipStream(output, options.CompressionLevel, leaveOpen: true))
                {
                    gzip.Write(page);
                }

                break;
            case CompressionMethod.Brotli:
                using (var brotli = new BrotliStream(output, options.CompressionLevel, leaveOpen: true))
                {
                    brotli.Write(page);
                }

                break;
            default:
                output.Write(page);
                break;
        }
    }
}
