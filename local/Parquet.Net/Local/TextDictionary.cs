namespace Portability.Local.ParquetFormat;

/// <summary>The distinct texts of a column in order of appearance, and for each value the number of its text.</summary>
/// <remarks>All lists come from the pool: made anew for each row group they were large objects, which only a full collection frees.</remarks>
internal sealed class TextDictionary : IDisposable
{
    private const int FirstSlots = 1024;

    private readonly int[] _indexes;
    private readonly int _values;
    private int[] _slots = Slots(FirstSlots);
    private int _mask = FirstSlots - 1;

    // Slots are half full at most.
    private ReadOnlyMemory<char>[] _texts = Lent<ReadOnlyMemory<char>>.Pool.Rent(FirstSlots / 2);
    private int[] _hashes = Lent<int>.Pool.Rent(FirstSlots / 2);

    private TextDictionary(int values)
    {
        _indexes = Lent<int>.Pool.Rent(values);
        _values = values;
    }

    /// <summary>Number of distinct texts.</summary>
    public int Count { get; private set; }

    public ReadOnlySpan<ReadOnlyMemory<char>> Texts => _texts.AsSpan(0, Count);

    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, _values);

    /// <summary>Bits that hold the largest index; at least one, as some readers stumble over none.</summary>
    public int Bits => Math.Max(1, 32 - int.LeadingZeroCount(Count - 1));

    /// <summary>Null when more than a share of the values, or of the first few of them, are distinct.</summary>
    public static TextDictionary? TryBuild(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold, int sample)
    {
        if (values.IsEmpty)
        {
            return null;
        }

        if (sample > 0 && values.Length > sample)
        {
            using var first = Fill(values[..sample], threshold);
            if (first is null)
            {
                return null;
            }
        }

        return Fill(values, threshold);
    }

    public void Dispose()
    {
        Lent<int>.Pool.Return(_indexes);
        Lent<int>.Pool.Return(_slots);
        Lent<int>.Pool.Return(_hashes);
        // Not to keep the texts themselves.
        Lent<ReadOnlyMemory<char>>.Pool.Return(_texts, clearArray: true);
    }

    private static TextDictionary? Fill(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold)
    {
        var most = (int)(values.Length * threshold);
        var dictionary = new TextDictionary(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            dictionary._indexes[i] = dictionary.IndexOf(values[i]);
            if (dictionary.Count > most)
            {
                dictionary.Dispose();
                return null;
            }
        }

        return dictionary;
    }

    private int IndexOf(ReadOnlyMemory<char> text)
    {
        var span = text.Span;
        var hash = string.GetHashCode(span, StringComparison.Ordinal);
        for (var slot = hash & _mask; ; slot = (slot + 1) & _mask)
        {
            var index = _slots[slot] - 1;
            if (index < 0)
            {
                _slots[slot] = Count + 1;
                return Add(text, hash);
            }

            if (_hashes[index] == hash && _texts[index].Span.SequenceEqual(span))
            {
                return index;
            }
        }
    }

    private int Add(ReadOnlyMemory<char> text, int hash)
    {
        _texts[Count] = text;
        _hashes[Count] = hash;
        Count++;
        if (Count * 2 > _mask)
        {
            Grow();
        }

        return Count - 1;
    }

    private void Grow()
    {
        Lent<int>.Pool.Return(_slots);
        _mask = (_mask * 4) + 3;
        _slots = Slots(_mask + 1);
        for (var i = 0; i < Count; i++)
        {
            var slot = _hashes[i] & _mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & _mask;
            }

            _slots[slot] = i + 1;
        }

        _hashes = Larger(_hashes, clear: false);
        _texts = Larger(_texts, clear: true);
    }

    private T[] Larger<T>(T[] array, bool clear)
    {
        var larger = Lent<T>.Pool.Rent((_mask + 1) / 2);
        array.AsSpan(0, Count).CopyTo(larger);
        Lent<T>.Pool.Return(array, clear);
        return larger;
    }

    private static int[] Slots(int count)
    {
        var slots = Lent<int>.Pool.Rent(count);
        slots.AsSpan(0, count).Clear();
        return slots;
    }
}
