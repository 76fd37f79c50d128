using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;

namespace Portability.Notifications;

/// <summary>What a customer's link opens: one case, as long as the link is not revoked.</summary>
public sealed record CustomerLink(string CaseId, string LinkId);

/// <summary>
/// The tokens in customers' links: <c>cl1.{case}.{link}.{expiry}.{signature}</c>, for one case each. The signature is
/// HMAC-SHA256 with the key <c>Access:LinkKey</c>; the expiry is in Unix seconds. A link is revoked by its id.
/// </summary>
public sealed class CustomerLinkTokens
{
    private const string Version = "cl1";
    private const int LeastKeyBytes = 32;

    private readonly byte[] key;
    private readonly TimeProvider time;

    /// <param name="key">At least 32 random bytes.</param>
    /// <param name="time">Decides what has expired.</param>
    public CustomerLinkTokens(byte[] key, TimeProvider time)
    {
        if (key.Length < LeastKeyBytes)
        {
            throw new ArgumentException(
                $"The key of customer links has fewer than {LeastKeyBytes} bytes.",
                nameof(key)
            );
        }
        this.key = key;
        this.time = time;
    }

    /// <summary>Takes the key from the settings.</summary>
    /// <exception cref="InvalidOperationException">It is missing, not base64, or too short.</exception>
    public static CustomerLinkTokens Read(IConfiguration configuration, TimeProvider time)
    {
        byte[] buffer = new byte[1024];
        string setting = configuration["Access:LinkKey"] ?? "";
        return Convert.TryFromBase64String(setting, buffer, out int length) && length >= LeastKeyBytes
            ? new CustomerLinkTokens(buffer[..length], time)
            : throw new InvalidOperationException(
                $"Access__LinkKey must hold {LeastKeyBytes} random bytes or more in base64, such as 'openssl rand -base64 32' gives."
            );
    }

    /// <summary>The token of a link.</summary>
    /// <exception cref="ArgumentException">An id holds other characters than letters, digits, '-' and '_'.</exception>
    public string Issue(string caseId, string linkId, DateTimeOffset expiresAt)
    {
        if (!IsId(caseId) || !IsId(linkId))
        {
            throw new ArgumentException($"'{caseId}' or '{linkId}' cannot stand in a customer's link.");
        }
        string expiry = expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signed = $"{Version}.{caseId}.{linkId}.{expiry}";
        return $"{signed}.{Base64Url(Sign(signed))}";
    }

    /// <returns>Null for a token that is forged, expired, or none of these.</returns>
    public CustomerLink? Verify(string token)
    {
        string[] parts = token.Split('.');
        if (parts is not [Version, { } caseId, { } linkId, { } expiry, { } signature])
        {
            return null;
        }
        byte[] expected = Encoding.ASCII.GetBytes(Base64Url(Sign(token[..^(signature.Length + 1)])));
        // The comparison takes the same time wherever the first difference is.
        if (!CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(signature)))
        {
            return null;
        }
        long seconds = long.Parse(expiry, NumberStyles.None, CultureInfo.InvariantCulture);
        return seconds > time.GetUtcNow().ToUnixTimeSeconds() ? new CustomerLink(caseId, linkId) : null;
    }

    private byte[] Sign(string signed) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(signed));

    private static bool IsId(string id) =>
        id.Length is > 0 and <= 200 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    private static string Base64Url(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
