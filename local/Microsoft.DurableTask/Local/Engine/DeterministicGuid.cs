using System.Security.Cryptography;
using System.Text;

namespace Portability.Local.Engine;

/// <summary>Name-based ids (RFC 9562, version 5), so that a replay makes the same ones.</summary>
internal static class DeterministicGuid
{
    private static readonly byte[] Space = new Guid("9e952958-5e33-4daf-827f-2fa12937b875").ToByteArray(
        bigEndian: true
    );

    public static Guid Create(string instanceId, DateTime time, int counter)
    {
        byte[] name = Encoding.UTF8.GetBytes(string.Create(null, $"{instanceId}_{time:o}_{counter}"));
#pragma warning disable CA5350 // Version 5 is made of SHA-1; nothing is protected by it.
        byte[] hash = SHA1.HashData([.. Space, .. name]);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}
