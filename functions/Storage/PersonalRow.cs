using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Portability.Terminations;

namespace Portability.Storage;

/// <summary>
/// A side row with personal data or free text, to be stored with the event that points to it. Its id and salt are random,
/// so neither says anything once the row is gone.
/// </summary>
public sealed record PersonalRow
{
    /// <summary>Longest value, in characters of its JSON: what one table property holds, with room to spare.</summary>
    public const int MaxLength = 30_000;

    private const int SaltBytes = 32;

    private PersonalRow(string id, string json, byte[] salt)
    {
        Ref = new PersonalRef(id, HashOf(salt, json));
        Json = json;
        Salt = salt;
    }

    /// <summary>What the event holds.</summary>
    public PersonalRef Ref { get; }

    internal string Json { get; }

    internal byte[] Salt { get; }

    /// <summary>A new side row for a value.</summary>
    /// <exception cref="ArgumentException">The value is longer than <see cref="MaxLength"/>.</exception>
    public static PersonalRow Of<T>(T value)
    {
        string json = JsonSerializer.Serialize(value, EventCodec.Json);
        return json.Length <= MaxLength
            ? new PersonalRow(
                Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
                json,
                RandomNumberGenerator.GetBytes(SaltBytes)
            )
            : throw new ArgumentException($"A personal value has at most {MaxLength} characters.", nameof(value));
    }

    internal static string HashOf(ReadOnlySpan<byte> salt, string json)
    {
        byte[] input = [.. salt, .. Encoding.UTF8.GetBytes(json)];
        return Convert.ToHexStringLower(SHA256.HashData(input));
    }
}

/// <summary>What a reference to personal data leads to. The union is closed.</summary>
public abstract record PersonalValue<T>
{
    private PersonalValue() { }

    /// <summary>The value, whose hash agrees with the event's.</summary>
    public sealed record Present(T Value) : PersonalValue<T>;

    /// <summary>Row and salt have been deleted at the end of their time.</summary>
    public sealed record Redacted : PersonalValue<T>;

    /// <summary>The value, or the given text once it is redacted.</summary>
    public T Or(T redacted) => this is Present present ? present.Value : redacted;
}
