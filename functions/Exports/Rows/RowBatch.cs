using System.Buffers;

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

    /// <summary>Copies the reader's current row.</summary>
    public void Add(RowReader row)
    {
        var at = Rows * width;
        for (var i = 0; i < width; i++)
        {
            row.Get(i, out var cell);
            _kinds[at + i] = cell.Kind;
            switch (cell.Kind)
            {
                case CellKind.Text or CellKind.Blob:
                    _numbers[at + i] = Copy(cell.Bytes);
                    break;
                case CellKind.Real:
                    _numbers[at + i] = BitConverter.DoubleToInt64Bits(cell.Real);
                    break;
                default:
                    _numbers[at + i] = cell.Integer;
                    break;
            }
        }

        Rows++;
    }

    public void Get(int row, int column, out Cell cell)
    {
        var at = (row * width) + column;
        var number = _numbers[at];
        cell = _kinds[at] switch
        {
            CellKind.Integer => new Cell(number),
            CellKind.Real => new Cell(BitConverter.Int64BitsToDouble(number)),
            CellKind.Null => default,
            var kind => new Cell(kind, _bytes.AsSpan((int)(number >> 32), (int)number)),
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

    /// <summary>Where the bytes are now: their place in the upper half, their number in the lower.</summary>
    private long Copy(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length - _used < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(checked(Math.Max(_used + bytes.Length, _bytes.Length * 2)));
            _bytes.AsSpan(0, _used).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }

        bytes.CopyTo(_bytes.AsSpan(_used));
        var place = ((long)_used << 32) | (uint)bytes.Length;
        _used += bytes.Length;
        return place;
    }
}
