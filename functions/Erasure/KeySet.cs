namespace Portability.Erasure;

/// <summary>
/// A set of whole numbers, added in ascending order, in little memory: for each 65,536 numbers in a row those that are there, as a list
/// while they are few, else as a bit each. A million numbers without gaps take 125 kB.
/// </summary>
internal sealed class KeySet
{
    private const int PageBits = 16;
    private const int MostListed = (1 << PageBits) / 16;
    private const int BytesOfPage = 96;

    private readonly Dictionary<long, Page> pages = [];
    private readonly ushort[] filling = new ushort[1 << PageBits];
    private int filled;
    private long number;

    /// <summary>How many numbers it holds.</summary>
    public long Count { get; private set; }

    /// <summary>The smallest number; null while it holds none.</summary>
    public long? First { get; private set; }

    /// <summary>The largest number.</summary>
    public long Last { get; private set; } = long.MinValue;

    /// <summary>Bytes that the finished pages take, roughly.</summary>
    public long Bytes { get; private set; }

    /// <summary>Adds a number; false, and nothing is added, when it is not larger than all before it.</summary>
    public bool TryAdd(long value)
    {
        if (Count > 0 && value <= Last)
        {
            return false;
        }
        var page = value >> PageBits;
        if (filled > 0 && page != number)
        {
            Finish();
        }
        number = page;
        filling[filled++] = (ushort)value;
        First ??= value;
        Last = value;
        Count++;
        return true;
    }

    /// <summary>To be called after the last number was added, and before the first is looked for.</summary>
    public void Close()
    {
        if (filled > 0)
        {
            Finish();
        }
    }

    /// <summary>Looks numbers up; neighbours the faster. Of several looks each may be used by a thread of its own.</summary>
    public Look NewLook() => new(pages);

    private void Finish()
    {
        var there = filling.AsSpan(0, filled);
        ushort[] content = there.ToArray();
        if (filled > MostListed)
        {
            content = new ushort[MostListed];
            foreach (var value in there)
            {
                content[value >> 4] |= (ushort)(1 << (value & 15));
            }
        }
        pages[number] = new(content, filled > MostListed);
        Bytes += BytesOfPage + Buffer.ByteLength(content);
        filled = 0;
    }

    internal sealed class Look(Dictionary<long, Page> pages)
    {
        private long number = long.MinValue;
        private Page? page;

        public bool Contains(long value)
        {
            var wanted = value >> PageBits;
            if (wanted != number)
            {
                (number, page) = (wanted, pages.GetValueOrDefault(wanted));
            }
            return page is not null && page.Contains((ushort)value);
        }
    }

    internal sealed record Page(ushort[] Content, bool IsBits)
    {
        public bool Contains(ushort value) =>
            IsBits ? (Content[value >> 4] & (1 << (value & 15))) != 0 : Array.BinarySearch(Content, value) >= 0;
    }
}
