using System.Buffers;
using System.Runtime.CompilerServices;

namespace Portability.Exports.Formats;

/// <summary>
/// Bytes on their way from rows to a file: filled by a format, emptied by whoever writes it out. Small enough to stay in the
/// processor's cache; grows only for a value that is larger.
/// </summary>
internal sealed class RowBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>A format stops filling here and lets the bytes be written out.</summary>
    public const int Full = 192 * 1024;

    private const int Capacity = 256 * 1024;
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Capacity);

    public int Length { get; private set; }

    public bool IsFull => Length >= Full;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, Length);

    /// <summary>Empties the buffer; one that a huge value has stretched goes back to its usual size.</summary>
    public void Clear()
    {
        Length = 0;
        if (_bytes.Length > Capacity)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(Capacity);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        if (_bytes.Length - Length < Math.Max(sizeHint, 1))
        {
            Grow(sizeHint);
        }

        return _bytes.AsSpan(Length);
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        GetSpan(sizeHint);
        return _bytes.AsMemory(Length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance(int count) => Length += count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(byte value)
    {
        GetSpan(1)[0] = value;
        Length++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(GetSpan(bytes.Length));
        Length += bytes.Length;
    }

    public void Dispose()
    {
        if (_bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = [];
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int sizeHint)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(Length + Math.Max(sizeHint, 1), _bytes.Length * 2)));
        Written.Span.CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
