using System.Buffers;
using System.Runtime.CompilerServices;

namespace Portability.Exports.Rows;

/// <summary>Some rows copied out of a reader: kinds and numbers side by side, the bytes of texts one after the other.</summary>
internal sealed class RowBatch(int width) : IDisposable
{
    public const int MostRows = 512;

    private const int Usual = 128 * 1024;
    private const int EnoughBytes = 96 * 1024;

    private readonly CellKind[] _kinds = new CellKind[MostRows * width];
    private readonly long[] _numbers = new long[MostRows * width];
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(Usual);
    private int _used;

    public int Rows { get; private set; }

    /// <summary>True when these are the last rows.</summary>
    public bool IsLast { get; set; }

    public bool IsFull => Rows == MostRows || _used >= EnoughBytes;

    /// <summary>Begins a further row: the caller sets every kind and number, by <see cref="Keep"/> for texts and blobs.</summary>
    public void Begin(out Span<CellKind> kinds, out Span<long> numbers)
    {
        kinds = _kinds.AsSpan(Rows * width, width);
        numbers = _numbers.AsSpan(Rows * width, width);
        Rows++;
    }

    /// <summary>Copies the reader's current row.</summary>
    public void Add(RowReader row)
    {
        Begin(out var kinds, out var numbers);
        for (var i = 0; i < kinds.Length; i++)
        {
            row.Get(i, out var cell);
            kinds[i] = cell.Kind;
            numbers[i] = cell.Kind switch
            {
                CellKind.Text or CellKind.Blob => Keep(cell.Bytes),
                CellKind.Real => BitConverter.DoubleToInt64Bits(cell.Real),
                _ => cell.Integer,
            };
        }
    }

    /// <summary>The values of a row: what each is, and its number, the bits of its real, or the place of its bytes.</summary>
    public void Get(int row, out ReadOnlySpan<CellKind> kinds, out ReadOnlySpan<long> numbers)
    {
        kinds = _kinds.AsSpan(row * width, width);
        numbers = _numbers.AsSpan(row * width, width);
    }

    /// <summary>The bytes that were kept at a place.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> Bytes(long place) => _bytes.AsSpan((int)(place >> 32), (int)place);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Get(int row, int column, out Cell cell)
    {
        var at = (row * width) + column;
        var number = _numbers[at];
        cell = _kinds[at] switch
        {
            CellKind.Integer => new Cell(number),
            CellKind.Real => new Cell(BitConverter.Int64BitsToDouble(number)),
            CellKind.Null => default,
            var kind => new Cell(kind, Bytes(number)),
        };
    }

    public void Clear()
    {
        (Rows, _used, IsLast) = (0, 0, false);
        if (_bytes.Length > Usual * 8)
        {
            // One huge value is no reason to keep its room.
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = ArrayPool<byte>.Shared.Rent(Usual);
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    /// <summary>Copies bytes. Where they are now: their place in the upper half, their number in the lower.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Keep(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Room(bytes.Length));
        return Kept(bytes.Length);
    }

    /// <summary>Room for at least so many bytes, for a value that is made in place; <see cref="Kept"/> says how long it became.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Room(int length)
    {
        if (_bytes.Length - _used < length)
        {
            Grow(length);
        }

        return _bytes.AsSpan(_used);
    }

    /// <summary>The place of a value made in the last <see cref="Room"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Kept(int length)
    {
        var place = ((long)_used << 32) | (uint)length;
        _used += length;
        return place;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int length)
    {
        var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_used + length, _bytes.Length * 2)));
        _bytes.AsSpan(0, _used).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
