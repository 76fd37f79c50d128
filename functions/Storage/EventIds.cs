using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Storage;

/// <summary>
/// Ids of events, computed from what caused them (RFC 9562 version 5): the same cause gives the same id however often and
/// wherever it is tried, so that a commit whose answer was lost is recognised as one's own.
/// </summary>
public static class EventIds
{
    // The namespace of these ids; a random UUID, fixed for ever.
    private static readonly Guid Namespace = new("3f0c1f5e-6a7b-4d43-9f0e-6e1d5d0f7a11");

    /// <param name="caseId">The case.</param>
    /// <param name="cause">An idempotency key, or a step with its number and dataset; unique within the case.</param>
    /// <param name="index">Which of the events that this one cause brings about.</param>
    public static string For(string caseId, string cause, int index)
    {
        ArgumentException.ThrowIfNullOrEmpty(caseId);
        ArgumentException.ThrowIfNullOrEmpty(cause);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        // The index comes first and the case's length with it, so that no two triples read the same.
        string name = string.Create(CultureInfo.InvariantCulture, $"{index}:{caseId.Length}:{caseId}{cause}");
        return Version5(Namespace, name).ToString("D");
    }

    internal static Guid Version5(Guid space, string name)
    {
        byte[] input = [.. space.ToByteArray(bigEndian: true), .. Encoding.UTF8.GetBytes(name)];
#pragma warning disable CA5350 // The RFC prescribes SHA-1; uniqueness is wanted here, not secrecy.
        Span<byte> id = SHA1.HashData(input).AsSpan(0, 16);
#pragma warning restore CA5350
        id[6] = (byte)((id[6] & 0x0F) | 0x50);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }
}
