namespace Parquet;

/// <summary>What reader and writer have in common: the stream.</summary>
public class ParquetActor
{
    internal ParquetActor(Stream stream) => Stream = stream ?? throw new ArgumentNullException(nameof(stream));

    /// <summary>The stream that is written; its position is known also where the stream below cannot seek.</summary>
    protected Stream Stream { get; }
}
