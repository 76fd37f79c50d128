using Parquet;
using Parquet.Schema;

namespace Local.Tests.Parquet;

/// <summary>A column without nulls and what a reader shows of it.</summary>
internal sealed record Column(DataField Field, Func<ParquetRowGroupWriter, Task> Write, string[] Expected)
{
    public static Column Of<T>(string name, T[] values, params string[] expected)
        where T : struct => Of(new DataField<T>(name), values, expected);

    public static Column Of<T>(DataField field, T[] values, params string[] expected)
        where T : struct => new(field, group => group.WriteAsync<T>(field, values), expected);
}

/// <summary>Takes bytes and knows nothing of places.</summary>
internal sealed class ForwardStream(Stream inner) : Stream
{
    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
