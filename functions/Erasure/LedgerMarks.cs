using System.Buffers.Binary;

namespace Portability.Erasure;

/// <summary>
/// For each dataset of an entry the smallest marks of its rows, in order: all of a small dataset, an even sample of a large one. By
/// them a replay tells the rows that were erased from those of a customer who has come since under the same id.
/// </summary>
public sealed class LedgerMarks
{
    private const int Bytes = sizeof(ulong);
    private const int MostOfDataset = 64;
    private const int LeastOfDataset = 4;

    /// <summary>What one property of a table row holds, with room to spare.</summary>
    private const int MostBytes = 48 * 1024;

    private readonly Dictionary<string, ulong[]> byDataset;

    private LedgerMarks(Dictionary<string, ulong[]> byDataset) => this.byDataset = byDataset;

    /// <summary>How many marks are kept of each dataset of an entry.</summary>
    internal static int Share(int datasets) =>
        Math.Clamp(MostBytes / Bytes / Math.Max(1, datasets), LeastOfDataset, MostOfDataset);

    internal static LedgerMarks Of(Dictionary<string, ulong[]> byDataset) => new(byDataset);

    /// <summary>The marks of a dataset, smallest first.</summary>
    internal IReadOnlyList<ulong> Of(string dataset) => byDataset.GetValueOrDefault(dataset) ?? [];

    /// <summary>As they are stored: those of the entry's datasets one after the other.</summary>
    internal byte[] ToBytes(IEnumerable<LedgerDataset> datasets)
    {
        var marks = datasets.SelectMany(dataset => Of(dataset.Dataset)).ToList();
        var bytes = new byte[marks.Count * Bytes];
        for (var i = 0; i < marks.Count; i++)
        {
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(i * Bytes), marks[i]);
        }
        return bytes;
    }

    /// <summary>Throws <see cref="InvalidDataException"/> when there are not as many as the entry says.</summary>
    internal static LedgerMarks Read(IReadOnlyList<LedgerDataset> datasets, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != datasets.Sum(dataset => dataset.Marks) * Bytes)
        {
            throw new InvalidDataException("The entry counts other marks than are stored.");
        }
        var found = new Dictionary<string, ulong[]>(StringComparer.Ordinal);
        foreach (var dataset in datasets)
        {
            var marks = new ulong[dataset.Marks];
            for (var i = 0; i < marks.Length; i++)
            {
                marks[i] = BinaryPrimitives.ReadUInt64BigEndian(bytes[(i * Bytes)..]);
            }
            bytes = bytes[(marks.Length * Bytes)..];
            found[dataset.Dataset] = marks;
        }
        return new(found);
    }

    /// <summary>Keeps the smallest of the marks it is shown.</summary>
    internal sealed class Sample(int most)
    {
        private readonly PriorityQueue<ulong, ulong> kept = new(Comparer<ulong>.Create((a, b) => b.CompareTo(a)));
        private long shown;
        private bool hasUnmarked;

        /// <summary>True when what is kept is all there was.</summary>
        public bool IsAll => !hasUnmarked && shown <= most;

        /// <param name="mark">Null for a row that gets none: then the dataset is left out.</param>
        public void Add(ulong? mark)
        {
            if (mark is not { } value)
            {
                hasUnmarked = true;
                return;
            }
            shown++;
            if (kept.Count < most)
            {
                kept.Enqueue(value, value);
            }
            else if (value < kept.Peek())
            {
                kept.EnqueueDequeue(value, value);
            }
        }

        public ulong[] ToArray() => hasUnmarked ? [] : [.. kept.UnorderedItems.Select(item => item.Element).Order()];
    }
}
