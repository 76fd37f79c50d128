using System.Text.RegularExpressions;

namespace Portability.Cli;

/// <summary>Finds the secret parts of connection strings, so that they can be kept off the screen.</summary>
internal static partial class Secrets
{
    /// <summary>Values of the parts named so (<c>Password=…;</c>, <c>AccountKey=…;</c>, <c>sig=…&amp;</c>) in any text.</summary>
    public static IEnumerable<string> In(string? text) =>
        Part()
            .Matches(text ?? "")
            .Select(match => match.Groups["value"].Value.Trim().Trim('"', '\''))
            .Where(value => value.Length > 0);

    [GeneratedRegex(
        "(?<![a-z])(password|pwd|passphrase|accountkey|sharedaccesskey|sharedaccesssignature|sig|secret|clientsecret)\\s*=\\s*(?<value>\"[^\"]*\"|'[^']*'|[^;&]*)",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Part();
}
