using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Portability.Erasure;

/// <summary>
/// Wraps the keys of erasure runs with a key from the settings, so that whoever reads the storage account alone cannot read the
/// sealed keys of customers' rows. Layout: format 1, id of the wrapping key (8), nonce (12), tag (16), AES-256-GCM ciphertext.
/// </summary>
public sealed class RunKeys
{
    private const byte Format = 1;
    private const int KeyBytes = 32;
    private const int IdBytes = 8;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeaderBytes = 1 + IdBytes + NonceBytes + TagBytes;

    private readonly IReadOnlyList<byte[]> keys;

    /// <param name="keys">Each of 32 bytes; the first wraps, all unwrap.</param>
    public RunKeys(params IReadOnlyList<byte[]> keys)
    {
        if (keys.Count == 0 || keys.Any(key => key.Length != KeyBytes))
        {
            throw new ArgumentException($"Run keys are wrapped with keys of {KeyBytes} bytes.", nameof(keys));
        }
        this.keys = keys;
    }

    /// <summary>Takes the keys from the setting <c>Erasure:RunKey</c>: base64, separated by spaces, the newest first.</summary>
    /// <exception cref="InvalidOperationException">None is there, or one is not 32 bytes in base64.</exception>
    public static RunKeys Read(IConfiguration settings)
    {
        var parts = (settings["Erasure:RunKey"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var buffer = new byte[1024];
        var read = new List<byte[]>();
        foreach (var part in parts)
        {
            if (Convert.TryFromBase64String(part, buffer, out var length) && length == KeyBytes)
            {
                read.Add(buffer[..length]);
            }
        }
        return read.Count > 0 && read.Count == parts.Length
            ? new(read)
            : throw new InvalidOperationException(
                $"Erasure__RunKey must hold {KeyBytes} random bytes in base64, such as 'openssl rand -base64 32' gives; older keys may follow it, separated by spaces."
            );
    }

    /// <summary>Wraps a key for the place that it is stored at; it opens nowhere else.</summary>
    public byte[] Wrap(byte[] key, string place)
    {
        var wrapped = new byte[HeaderBytes + key.Length];
        wrapped[0] = Format;
        IdOf(keys[0]).CopyTo(wrapped.AsSpan(1));
        var nonce = wrapped.AsSpan(1 + IdBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(keys[0], TagBytes);
        aes.Encrypt(
            nonce,
            key,
            wrapped.AsSpan(HeaderBytes),
            wrapped.AsSpan(1 + IdBytes + NonceBytes, TagBytes),
            Encoding.UTF8.GetBytes(place)
        );
        return wrapped;
    }

    /// <summary>Opens a wrapped key.</summary>
    /// <exception cref="RunKeyMissingException">The settings no longer hold the key it was wrapped with.</exception>
    /// <exception cref="CryptographicException">It was changed, or moved from its place.</exception>
    public byte[] Unwrap(ReadOnlySpan<byte> wrapped, string place)
    {
        if (wrapped.Length < HeaderBytes || wrapped[0] != Format)
        {
            throw new CryptographicException($"What is stored at {place} is no wrapped key.");
        }
        foreach (var candidate in keys)
        {
            if (wrapped.Slice(1, IdBytes).SequenceEqual(IdOf(candidate)))
            {
                var key = new byte[wrapped.Length - HeaderBytes];
                using var aes = new AesGcm(candidate, TagBytes);
                aes.Decrypt(
                    wrapped.Slice(1 + IdBytes, NonceBytes),
                    wrapped[HeaderBytes..],
                    wrapped.Slice(1 + IdBytes + NonceBytes, TagBytes),
                    key,
                    Encoding.UTF8.GetBytes(place)
                );
                return key;
            }
        }
        throw new RunKeyMissingException(Convert.ToHexStringLower(wrapped.Slice(1, IdBytes)));
    }

    /// <summary>The key for the ledger's hashes of rows, made from the newest key of the settings, with that one's id.</summary>
    internal (string KeyId, byte[] Key) LedgerKey() => (NameOf(keys[0]), DeriveLedgerKey(keys[0]));

    /// <summary>The same made from an older key.</summary>
    /// <exception cref="RunKeyMissingException">The settings no longer hold it.</exception>
    internal byte[] LedgerKey(string keyId) =>
        keys.FirstOrDefault(key => NameOf(key) == keyId) is { } found
            ? DeriveLedgerKey(found)
            : throw new RunKeyMissingException(keyId);

    private static byte[] DeriveLedgerKey(byte[] key) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: "portability.ledger.v1"u8.ToArray());

    private static string NameOf(byte[] key) => Convert.ToHexStringLower(IdOf(key));

    /// <summary>Keys for another purpose, one of each, in the same order; of none of them can a run key be had.</summary>
    public IReadOnlyList<byte[]> Derive(string purpose) =>
        [
            .. keys.Select(key =>
                HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: Encoding.UTF8.GetBytes(purpose))
            ),
        ];

    private static byte[] IdOf(byte[] key) => SHA256.HashData(key)[..IdBytes];
}

/// <summary>A run's sealed keys were wrapped, or the ledger's hashes made, with a key that the settings no longer name.</summary>
public sealed class RunKeyMissingException(string keyId)
    : Exception(
        $"The setting Erasure__RunKey no longer holds the key {keyId}, with which keys of a run were wrapped or hashes of the ledger made: add it again after the newest."
    )
{
    /// <summary>First 8 bytes of the key's SHA-256, in hex.</summary>
    public string KeyId { get; } = keyId;
}
