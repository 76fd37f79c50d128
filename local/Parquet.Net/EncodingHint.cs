namespace Parquet;

/// <summary>How a column's values are encoded. The stand-in knows plain and dictionary.</summary>
public enum EncodingHint
{
    Default = 0,
    Dictionary = 1,
    DeltaBinaryPacked = 2,
    ByteSplitStream = 3,
}
