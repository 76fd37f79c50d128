namespace Portability.Local.ParquetFormat;

/// <summary>Bytes that grow, from the pool.</summary>
internal sealed class ByteBuffer : Stream
{
    private byte[] _bytes = Lent<byte>.Pool.Rent(64 * 1024);
    private int _length;

    public int Count => _length;

    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, _length);

    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, _length);

    /// <summary>Room for so many bytes, to be followed by <see cref="Advance"/>.</summary>
    public Span<byte> Reserve(int count)
    {
        if (_bytes.Length - _length < count)
        {
            var larger = Lent<byte>.Pool.Rent(checked(Math.Max(_length + count, _bytes.Length * 2)));
            Span.CopyTo(larger);
            Lent<byte>.Pool.Return(_bytes);
            _bytes = larger;
        }

        return _bytes.AsSpan(_length);
    }

    /// <summary>Bytes from a place on that were written before.</summary>
    public Span<byte> At(int start) => _bytes.AsSpan(start, _length - start);

    public void Advance(int count) => _length += count;

    public override void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        _length++;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        buffer.CopyTo(Reserve(buffer.Length));
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (_bytes.Length > 0)
        {
            Lent<byte>.Pool.Return(_bytes);
            _bytes = [];
            _length = 0;
        }

        base.Dispose(disposing);
    }
}
