using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace Portability.Local;

/// <summary>The settings as attributes see them: <c>%Name%</c> in a route or schedule stands for a setting's value.</summary>
internal sealed partial class AppSettings(IConfiguration configuration)
{
    /// <returns>False when a named setting is absent; <paramref name="missing"/> is then its name.</returns>
    public bool TryExpand(string text, out string expanded, out string? missing)
    {
        string? absent = null;
        expanded = Reference()
            .Replace(
                text,
                match =>
                {
                    string name = match.Groups["name"].Value;
                    string? value = configuration[name.Replace("__", ":", StringComparison.Ordinal)];
                    absent ??= string.IsNullOrEmpty(value) ? name : null;
                    return value ?? "";
                }
            );
        missing = absent;
        return absent is null;
    }

    /// <exception cref="HostStartException">A named setting is absent.</exception>
    public string Expand(string text) =>
        TryExpand(text, out string expanded, out string? missing)
            ? expanded
            : throw new HostStartException($"'{text}' names the setting '{missing}', which is not there.", null);

    [GeneratedRegex("%(?<name>[^%]+)%", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Reference();
}
