using System.Runtime.InteropServices;

namespace Portability.Erasure;

/// <summary>
/// Finds any of many texts in a text, without regard to case: a hash of six letters that runs along the text, a bit for each that
/// begins a probe, and only where the bit is set a look at the probes that begin so. Each has to stand by itself, not inside of a word.
/// </summary>
internal sealed class ProbeMatcher
{
    /// <summary>A shorter text is no probe.</summary>
    public const int Shortest = 6;
    private const int BitCount = 1 << 22;
    private const ulong Factor = 0x9E3779B97F4A7C15;

    private readonly IReadOnlyList<string> probes;
    private readonly ulong[] bits = new ulong[BitCount / 64];
    private readonly Dictionary<ulong, int> first = [];
    private readonly int[] next;
    private char[] folded = new char[256];

    /// <param name="probes">In lower case, each of at least <see cref="Shortest"/> letters.</param>
    public ProbeMatcher(IReadOnlyList<string> probes)
    {
        this.probes = probes;
        next = new int[probes.Count];
        for (var i = 0; i < probes.Count; i++)
        {
            var hash = HashOf(probes[i]);
            var bit = BitOf(hash);
            bits[bit / 64] |= 1UL << (bit % 64);
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(first, hash, out var exists);
            next[i] = exists ? head : -1;
            head = i;
        }
    }

    /// <summary>Adds the numbers of the probes that stand in the text, one each time it does.</summary>
    public void Find(string text, List<int> found)
    {
        if (text.Length < Shortest || probes.Count == 0)
        {
            return;
        }
        if (folded.Length < text.Length)
        {
            folded = new char[text.Length * 2];
        }
        var span = folded.AsSpan(0, text.Length);
        text.AsSpan().ToLowerInvariant(span);
        for (var at = 0; at + Shortest <= span.Length; at++)
        {
            var hash = HashOf(span[at..]);
            var bit = BitOf(hash);
            if ((bits[bit / 64] & (1UL << (bit % 64))) == 0 || !first.TryGetValue(hash, out var probe))
            {
                continue;
            }
            for (; probe >= 0; probe = next[probe])
            {
                if (span[at..].StartsWith(probes[probe]) && StandsAlone(span, at, probes[probe].Length))
                {
                    found.Add(probe);
                }
            }
        }
    }

    /// <summary>True when the text is the probe and nothing more.</summary>
    public bool IsWhole(string text, int probe) =>
        text.AsSpan().Trim().Equals(probes[probe], StringComparison.OrdinalIgnoreCase);

    private static ulong HashOf(ReadOnlySpan<char> text) =>
        (MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text[..4])) * Factor)
        ^ (MemoryMarshal.Read<uint>(MemoryMarshal.AsBytes(text.Slice(4, 2))) * 0x85EBCA6BUL);

    private static int BitOf(ulong hash) => (int)((hash ^ (hash >> 29)) % BitCount);

    private static bool StandsAlone(ReadOnlySpan<char> text, int at, int length) =>
        (at == 0 || !char.IsLetterOrDigit(text[at - 1]))
        && (at + length == text.Length || !char.IsLetterOrDigit(text[at + length]));
}
