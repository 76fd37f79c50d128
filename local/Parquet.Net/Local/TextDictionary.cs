using System.Buffers;

namespace Portability.Local.ParquetFormat;

/// <summary>The distinct texts of a column in order of appearance, and for each value the number of its text.</summary>
internal sealed class TextDictionary : IDisposable
{
    private const int FirstSlots = 1024;

    private readonly int[] _indexes;
    private readonly int _count;
    private int[] _slots = Slots(FirstSlots);
    private int _mask = FirstSlots - 1;
    private readonly List<ReadOnlyMemory<char>> _texts = [];
    private readonly List<int> _hashes = [];

    private TextDictionary(int count)
    {
        _indexes = ArrayPool<int>.Shared.Rent(count);
        _count = count;
    }

    public IReadOnlyList<ReadOnlyMemory<char>> Texts => _texts;

    public ReadOnlySpan<int> Indexes => _indexes.AsSpan(0, _count);

    /// <summary>Bits that hold the largest index; at least one, as some readers stumble over none.</summary>
    public int Bits => Math.Max(1, 32 - int.LeadingZeroCount(_texts.Count - 1));

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
        ArrayPool<int>.Shared.Return(_indexes);
        ArrayPool<int>.Shared.Return(_slots);
    }

    private static TextDictionary? Fill(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold)
    {
        var most = (int)(values.Length * threshold);
        var dictionary = new TextDictionary(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            dictionary._indexes[i] = dictionary.IndexOf(values[i]);
            if (dictionary._texts.Count > most)
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
                _slots[slot] = _texts.Count + 1;
                _texts.Add(text);
                _hashes.Add(hash);
                if (_texts.Count * 2 > _mask)
                {
                    Grow();
                }

                return _texts.Count - 1;
            }

            if (_hashes[index] == hash && _texts[index].Span.SequenceEqual(span))
            {
                return index;
            }
        }
    }

    private void Grow()
    {
        ArrayPool<int>.Shared.Return(_slots);
        _mask = (_mask * 4) + 3;
        _slots = Slots(_mask + 1);
        for (var i = 0; i < _texts.Count; i++)
        {
            var slot = _hashes[i] & _mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & _mask;
            }

            _slots[slot] = i + 1;
        }
    }

    private static int[] Slots(int count)
    {
        var slots = ArrayPool<int>.Shared.Rent(count);
        slots.AsSpan(0, count).Clear();
        return slots;
    }
}
