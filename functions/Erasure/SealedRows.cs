using System.Buffers.Binary;
using System.Collections;
using System.Text;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Rows out of a sealed file, as the bytes they were sealed as. They are read from there each time they are asked for: a batch has
/// tens of thousands, and an object for every key would be most of what an erasure allocates.
/// </summary>
internal sealed class SealedRows : IEnumerable<SealedRow>
{
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> chunks;
    private readonly long[] fates = new long[SealedChunk.Fates];

    /// <param name="chunks">Of one file, opened.</param>
    public SealedRows(IReadOnlyList<ReadOnlyMemory<byte>> chunks)
    {
        this.chunks = chunks;
        foreach (var chunk in chunks)
        {
            for (var fate = 0; fate < fates.Length; fate++)
            {
                fates[fate] += SealedChunk.CountOf(chunk.Span, (RowFate)fate);
            }
        }
        Count = (int)fates.Sum();
    }

    public int Count { get; }

    /// <summary>True when a run changes any of the rows; batches without such rows need neither transaction nor gate.</summary>
    public bool IsTouched =>
        Enumerable.Range(0, fates.Length).Any(fate => fates[fate] > 0 && SealedRow.Changes((RowFate)fate));

    public static SealedRows Join(IEnumerable<SealedRows> parts) => new([.. parts.SelectMany(part => part.chunks)]);

    /// <summary>True when there are chunks enough for <see cref="Halves"/>.</summary>
    public bool CanBeHalved => chunks.Count > 1;

    /// <summary>The rows of the first half of the chunks, and the others.</summary>
    public (SealedRows Begin, SealedRows End) Halves() =>
        (new([.. chunks.Take(chunks.Count / 2)]), new([.. chunks.Skip(chunks.Count / 2)]));

    /// <summary>How many rows have this fate.</summary>
    public long Of(RowFate fate) => fates[(int)fate];

    /// <summary>Rows, of those fates if any are named, as cells: values, then the fate.</summary>
    public IRowFeed Feed(Func<RowFate, bool>? which = null) => new RowFeed(chunks, which);

    public IEnumerator<SealedRow> GetEnumerator()
    {
        var values = new ValueSink();
        var feed = new RowFeed(chunks, null);
        while (feed.Next(values))
        {
            yield return new(feed.Fate, feed.Release, values.Take());
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private sealed class RowFeed(IReadOnlyList<ReadOnlyMemory<byte>> chunks, Func<RowFate, bool>? which) : IRowFeed
    {
        private readonly long[] last = new long[byte.MaxValue];
        private int chunk = -1;
        private int at;
        private int left;
        private int columns;

        public RowFate Fate { get; private set; }

        public long Release { get; private set; }

        public bool Next(ICellSink sink)
        {
            while (true)
            {
                while (left == 0)
                {
                    if (++chunk == chunks.Count)
                    {
                        return false;
                    }
                    (left, columns, at) = SealedChunk.ReadHeader(chunks[chunk].Span);
                    last.AsSpan(0, columns).Clear();
                }
                left--;
                var span = chunks[chunk].Span;
                Fate = (RowFate)span[at++];
                Release = Number(span);
                if (which is null || which(Fate))
                {
                    for (var column = 0; column < columns; column++)
                    {
                        Cell(span, column, sink);
                    }
                    sink.Integer((long)Fate);
                    return true;
                }
                for (var column = 0; column < columns; column++)
                {
                    Cell(span, column, Nowhere.Instance);
                }
            }
        }

        private void Cell(ReadOnlySpan<byte> span, int column, ICellSink sink)
        {
            var kind = (CellKind)span[at++];
            switch (kind)
            {
                case CellKind.Null:
                    sink.Null();
                    break;
                case CellKind.Integer:
                    sink.Integer(last[column] += Number(span));
                    break;
                case CellKind.Real:
                    sink.Real(BinaryPrimitives.ReadDoubleLittleEndian(span[at..]));
                    at += sizeof(double);
                    break;
                case CellKind.Text:
                    sink.Text(Take(span));
                    break;
                case CellKind.Bytes:
                    sink.Bytes(Take(span));
                    break;
                default:
                    sink.Other(SealedChunk.Decode(kind, Take(span)));
                    break;
            }
        }

        private ReadOnlySpan<byte> Take(ReadOnlySpan<byte> span)
        {
            var length = (int)Number(span);
            at += length;
            return span.Slice(at - length, length);
        }

        private long Number(ReadOnlySpan<byte> span)
        {
            var bits = 0UL;
            for (var shift = 0; ; shift += 7)
            {
                var next = span[at++];
                bits |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                {
                    return (long)(bits >> 1) ^ -(long)(bits & 1);
                }
            }
        }
    }

    private sealed class Nowhere : ICellSink
    {
        public static readonly Nowhere Instance = new();

        public void Null() { }

        public void Integer(long value) { }

        public void Real(double value) { }

        public void Text(ReadOnlySpan<byte> utf8) { }

        public void Bytes(ReadOnlySpan<byte> value) { }

        public void Other(object value) { }
    }

    /// <summary>Cells as objects, for what is not done row by row.</summary>
    private sealed class ValueSink : ICellSink
    {
        private readonly List<object?> values = [];

        public void Null() => values.Add(null);

        public void Integer(long value) => values.Add(value);

        public void Real(double value) => values.Add(value);

        public void Text(ReadOnlySpan<byte> utf8) => values.Add(Encoding.UTF8.GetString(utf8));

        public void Bytes(ReadOnlySpan<byte> value) => values.Add(value.ToArray());

        public void Other(object value) => values.Add(value);

        /// <summary>The values of the row that was read; its last cell is the fate.</summary>
        public object?[] Take()
        {
            var row = new object?[values.Count - 1];
            values.CopyTo(0, row, 0, row.Length);
            values.Clear();
            return row;
        }
    }
}
