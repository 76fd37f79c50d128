using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;

namespace Portability.Erasure;

/// <summary>
/// Finds any of many texts in a text, without regard to case. Each has to stand by itself, not inside of a word: so only where a
/// word may begin are six letters looked up, as a bit of a table, and only where the bit is set, the lengths that probes with
/// such a beginning have. One look at a dictionary for each such length that ends where a word may: ten thousand probes that begin alike
/// cost no more than one.
/// </summary>
internal sealed class ProbeMatcher
{
    /// <summary>A shorter text is no probe.</summary>
    public const int Shortest = 6;
    private const int BitCount = 1 << 22;
    private const ulong Factor = 0x9E3779B97F4A7C15;

    private readonly IReadOnlyList<string> probes;
    private readonly ulong[] bits = new ulong[BitCount / 64];
    private readonly Dictionary<ulong, int[]> lengths = [];
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> whole;
    private readonly int[] next;
    private char[] folded = new char[256];
    private int length;

    /// <param name="probes">In lower case, each of at least <see cref="Shortest"/> letters.</param>
    public ProbeMatcher(IReadOnlyList<string> probes)
    {
        this.probes = probes;
        next = new int[probes.Count];
        var heads = new Dictionary<string, int>(probes.Count, StringComparer.Ordinal);
        for (var i = 0; i < probes.Count; i++)
        {
            var hash = HashOf(probes[i]);
            var bit = BitOf(hash);
            bits[bit / 64] |= 1UL << (bit % 64);
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(lengths, hash, out _);
            if (known is null || !known.Contains(probes[i].Length))
            {
                known = [.. known ?? [], probes[i].Length];
            }
            ref var head = ref CollectionsMarshal.GetValueRefOrAddDefault(heads, probes[i], out var exists);
            next[i] = exists ? head : -1;
            head = i;
        }
        whole = heads.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Adds the numbers of the probes that stand in the text, one each time it does.</summary>
    public void Find(ReadOnlySpan<char> text, List<int> found)
    {
        if (text.Length < Shortest)
        {
            length = 0;
            return;
        }
        Reserve(text.Length);
        text.ToLowerInvariant(folded);
        length = text.Length;
        Search(found);
    }

    /// <summary>The same of a text in UTF-8.</summary>
    public void Find(ReadOnlySpan<byte> utf8, List<int> found)
    {
        length = 0;
        if (utf8.Length < Shortest)
        {
            return;
        }
        Reserve(utf8.Length);
        // Most texts are plain, and fold as they are widened.
        if (Ascii.ToLower(utf8, folded, out length) != OperationStatus.Done)
        {
            Span<char> wide = utf8.Length <= 512 ? stackalloc char[512] : new char[utf8.Length];
            length = Encoding.UTF8.GetChars(utf8, wide);
            ((ReadOnlySpan<char>)wide[..length]).ToLowerInvariant(folded);
        }
        Search(found);
    }

    /// <summary>True when the text that was searched last is the probe and nothing more.</summary>
    public bool IsWhole(int probe) =>
        ((ReadOnlySpan<char>)folded.AsSpan(0, length)).Trim().SequenceEqual(probes[probe]);

    private void Search(List<int> found)
    {
        var text = (ReadOnlySpan<char>)folded.AsSpan(0, length);
        var isInWord = false;
        for (var at = 0; at + Shortest <= text.Length; at++)
        {
            var wasInWord = isInWord;
            isInWord = IsWord(text[at]);
            if (wasInWord)
            {
                continue;
            }
            var hash = HashOf(text[at..]);
            var bit = BitOf(hash);
            if ((bits[bit / 64] & (1UL << (bit % 64))) != 0 && lengths.TryGetValue(hash, out var candidates))
            {
                Look(text, at, candidates, found);
            }
        }
    }

    private void Look(ReadOnlySpan<char> text, int at, int[] candidates, List<int> found)
    {
        foreach (var candidate in candidates)
        {
            var end = at + candidate;
            if (
                end <= text.Length
                && (end == text.Length || !IsWord(text[end]))
                && whole.TryGetValue(text[at..end], out var probe)
            )
            {
                for (; probe >= 0; probe = next[probe])
                {
                    found.Add(probe);
                }
            }
        }
    }

    private void Reserve(int characters)
    {
        if (folded.Length < characters)
        {
            folded = new char[characters * 2];
        }
    }

    private static bool IsWord(char letter) =>
        letter < 128 ? char.IsAsciiLetterOrDigit(letter) : char.IsLetterOrDigit(letter);

    private static ulong HashOf(ReadOnlySpan<char> text) =>
        (MemoryMarshal.Read<ulong>(MemoryMarshal.AsBytes(text[..4])) * Factor)
        ^ (MemoryMarshal.Read<uint>(MemoryMarshal.AsBytes(text.Slice(4, 2))) * 0x85EBCA6BUL);

    private static int BitOf(ulong hash) => (int)((hash ^ (hash >> 29)) % BitCount);
}
