namespace Portability.Local.ParquetFormat;

/// <summary>The distinct texts of a column in order of appearance, and for each value the number of its text.</summary>
internal sealed class TextDictionary
{
    private int[] _slots = new int[1024];
    private readonly List<ReadOnlyMemory<char>> _texts = [];
    private readonly List<int> _hashes = [];

    private TextDictionary(int count) => Indexes = new int[count];

    public IReadOnlyList<ReadOnlyMemory<char>> Texts => _texts;

    public int[] Indexes { get; }

    /// <summary>Bits that hold the largest index; at least one, as some readers stumble over none.</summary>
    public int Bits => Math.Max(1, 32 - int.LeadingZeroCount(_texts.Count - 1));

    /// <summary>Null when more than a share of the values, or of the first few of them, are distinct.</summary>
    public static TextDictionary? TryBuild(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold, int sample)
    {
        if (values.IsEmpty || (sample > 0 && values.Length > sample && Fill(values[..sample], threshold) is null))
        {
            return null;
        }

        return Fill(values, threshold);
    }

    private static TextDictionary? Fill(ReadOnlySpan<ReadOnlyMemory<char>> values, double threshold)
    {
        var most = (int)(values.Length * threshold);
        var dictionary = new TextDictionary(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            dictionary.Indexes[i] = dictionary.IndexOf(values[i]);
            if (dictionary._texts.Count > most)
            {
                return null;
            }
        }

        return dictionary;
    }

    private int IndexOf(ReadOnlyMemory<char> text)
    {
        var span = text.Span;
        var hash = string.GetHashCode(span, StringComparison.Ordinal);
        var mask = _slots.Length - 1;
        for (var slot = hash & mask; ; slot = (slot + 1) & mask)
        {
            var index = _slots[slot] - 1;
            if (index < 0)
            {
                _slots[slot] = _texts.Count + 1;
                _texts.Add(text);
                _hashes.Add(hash);
                if (_texts.Count * 2 > _slots.Length)
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
        _slots = new int[_slots.Length * 4];
        var mask = _slots.Length - 1;
        for (var i = 0; i < _texts.Count; i++)
        {
            var slot = _hashes[i] & mask;
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & mask;
            }

            _slots[slot] = i + 1;
        }
    }
}
