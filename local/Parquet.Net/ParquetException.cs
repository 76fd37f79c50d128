namespace Parquet;

/// <summary>A file that cannot be written as asked.</summary>
public class ParquetException : Exception
{
    public ParquetException() { }

    public ParquetException(string message)
        : base(message) { }

    public ParquetException(string message, Exception inner)
        : base(message, inner) { }
}
