namespace Portability.Demo.Lms;

/// <summary>
/// SplitMix64: small, fast, and the same on every machine and version of .NET, so that a seed names one database for good.
/// </summary>
internal sealed class SampleRandom
{
    private ulong state;

    /// <summary>Starts a sequence of its own.</summary>
    /// <param name="seed">The seed of the whole sample.</param>
    /// <param name="stream">
    /// What the numbers are for, usually a table: each has its own sequence, so that a change in one leaves the others alone.
    /// </param>
    public SampleRandom(int seed, string stream)
    {
        // FNV-1a, because string.GetHashCode differs from run to run.
        ulong hash = 14695981039346656037UL;
        foreach (char c in stream)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }

        state = hash ^ ((ulong)(uint)seed * 0x9E3779B97F4A7C15UL);
    }

    public ulong NextBits()
    {
        ulong z = state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="limit"/> - 1.</summary>
    public int Next(int limit) => (int)(((NextBits() >> 32) * (ulong)(uint)limit) >> 32);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    /// <summary>True <paramref name="percent"/> times in a hundred.</summary>
    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> list) => list[Next(list.Count)];

    public byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        Fill(bytes);
        return bytes;
    }

    public void Fill(Span<byte> target)
    {
        for (int i = 0; i < target.Length; i += sizeof(ulong))
        {
            ulong bits = NextBits();
            for (int j = i; j < Math.Min(i + sizeof(ulong), target.Length); j++, bits >>= 8)
            {
                target[j] = (byte)bits;
            }
        }
    }

    /// <summary>A version 4 UUID.</summary>
    public Guid NextGuid()
    {
        byte[] bytes = Bytes(16);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }
}
