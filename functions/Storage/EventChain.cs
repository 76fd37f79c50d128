using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Storage;

/// <summary>
/// The hash that ties an event to all before it: SHA-256 over its predecessor's hash and its own stored bytes. The encoding
/// is laid down in <c>docs/decisions/003-the-event-store.md</c> and never changes; a new one would get a new label.
/// </summary>
public static class EventChain
{
    /// <summary>What the first event of a case names as its predecessor's hash: 64 zeros.</summary>
    public static readonly string Origin = new('0', SHA256.HashSizeInBytes * 2);

    private static readonly byte[] Label = Encoding.UTF8.GetBytes("portability.event.v1");

    /// <summary>The hash of one event, as 64 lower-case hex digits.</summary>
    /// <param name="previousHash">The predecessor's, or <see cref="Origin"/>.</param>
    /// <param name="caseId">So that an event cannot be moved to another case.</param>
    /// <param name="sequence">1 for the first.</param>
    /// <param name="name">The stored name.</param>
    /// <param name="eventId">The event's id.</param>
    /// <param name="at">The time as it is stored, character by character.</param>
    /// <param name="actor">Who.</param>
    /// <param name="body">The stored body, in UTF-8.</param>
    public static string Hash(
        string previousHash,
        string caseId,
        long sequence,
        string name,
        string eventId,
        string at,
        string actor,
        string body
    )
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, sequence);
        Add(hash, Label);
        Add(hash, Convert.FromHexString(previousHash));
        Add(hash, Encoding.UTF8.GetBytes(caseId));
        Add(hash, number);
        foreach (string text in (ReadOnlySpan<string>)[name, eventId, at, actor, body])
        {
            Add(hash, Encoding.UTF8.GetBytes(text));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // Each field behind its length: no two sequences of fields have the same bytes.
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
