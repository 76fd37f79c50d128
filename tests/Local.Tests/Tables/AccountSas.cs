using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Local.Tests.Tables;

/// <summary>An account signature that may read rows, made by the service's published recipe.</summary>
internal static class AccountSas
{
    public static string Read(string account, string key)
    {
        string expiry = TimeProvider
            .System.GetUtcNow()
            .AddHours(1)
            .ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        const string version = "2019-02-02";
        string text = $"{account}\nr\nt\nsco\n\n{expiry}\n\n\n{version}\n";
        string signature = Convert.ToBase64String(
            HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes(text))
        );
        return $"sv={version}&ss=t&srt=sco&sp=r&se={Uri.EscapeDataString(expiry)}&sig={Uri.EscapeDataString(signature)}";
    }
}
