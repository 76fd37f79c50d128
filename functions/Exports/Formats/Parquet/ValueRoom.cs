namespace Portability.Exports.Formats.Parquet;

/// <summary>
/// Where the values of varying length of one row group lie, one after the other in large blocks: a value costs no object of its own,
/// and all columns of a file share the blocks. They come from the pool and go back to it, so that one file after the other uses
/// the same ones.
/// </summary>
internal sealed class ValueRoom<T> : IDisposable
    where T : unmanaged
{
    private const int BlockSize = Lent<T>.Longest;

    private readonly List<T[]> _blocks = [];
    private int _block = -1;
    private int _used;

    /// <summary>Values taken since it was last emptied.</summary>
    public long Taken { get; private set; }

    /// <summary>Room for at least so many, of which <see cref="Take"/> keeps some.</summary>
    public Memory<T> Reserve(int length)
    {
        if (_block < 0 || _blocks[_block].Length - _used < length)
        {
            _block++;
            _used = 0;
            if (_block == _blocks.Count || _blocks[_block].Length < length)
            {
                _blocks.Insert(_block, Lent<T>.Pool.Rent(Math.Max(BlockSize, length)));
            }
        }

        return _blocks[_block].AsMemory(_used);
    }

    /// <summary>Keeps the first of what was reserved last.</summary>
    public ReadOnlyMemory<T> Take(Memory<T> reserved, int length)
    {
        _used += length;
        Taken += length;
        return reserved[..length];
    }

    /// <summary>Gives up all values. Blocks that one huge value made go back at once, the others are used again.</summary>
    public void Clear()
    {
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            if (_blocks[i].Length > BlockSize)
            {
                Lent<T>.Pool.Return(_blocks[i]);
                _blocks.RemoveAt(i);
            }
        }

        (_block, _used, Taken) = (_blocks.Count > 0 ? 0 : -1, 0, 0);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
        {
            Lent<T>.Pool.Return(block);
        }

        _blocks.Clear();
        (_block, _used, Taken) = (-1, 0, 0);
    }
}
