using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Erasure;

/// <summary>
/// The hash that ties a ledger entry to all before it: SHA-256 over its predecessor's hash and its own stored bytes, each field
/// behind its length. It never changes; another encoding would get another label.
/// </summary>
internal static class LedgerChain
{
    /// <summary>What the first entry names as its predecessor's hash: 64 zeros.</summary>
    public static readonly string Origin = new('0', SHA256.HashSizeInBytes * 2);

    private static readonly byte[] Label = Encoding.UTF8.GetBytes("portability.ledger.v1");

    public static string Hash(string previousHash, long number, string body, byte[] marks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> place = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(place, number);
        Add(hash, Label);
        Add(hash, Convert.FromHexString(previousHash));
        Add(hash, place);
        Add(hash, Encoding.UTF8.GetBytes(body));
        Add(hash, marks);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> field)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(length, field.Length);
        hash.AppendData(length);
        hash.AppendData(field);
    }
}
