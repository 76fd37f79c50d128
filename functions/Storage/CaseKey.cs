using System.Globalization;
using System.Text;

namespace Portability.Storage;

/// <summary>Ids as table keys: case ids are plain already, others are escaped.</summary>
internal static class CaseKey
{
    private const int MaxLength = 100;

    /// <summary>Whether a text can be a case id at all; anything else is an unknown case.</summary>
    public static bool IsValid(string? caseId) =>
        caseId is { Length: > 0 and <= MaxLength } && caseId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');

    public static string Checked(string caseId) =>
        IsValid(caseId)
            ? caseId
            : throw new ArgumentException(
                $"'{caseId}' is no case id: 1 to {MaxLength} letters, digits, '-' and '_'.",
                nameof(caseId)
            );

    /// <summary>Any text as a key: what tables or their addresses refuse is written as ~ and two hex digits a byte.</summary>
    public static string Escape(string id)
    {
        ArgumentException.ThrowIfNullOrEmpty(id);
        var key = new StringBuilder(id.Length);
        foreach (byte octet in Encoding.UTF8.GetBytes(id))
        {
            char c = (char)octet;
            _ =
                char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':'
                    ? key.Append(c)
                    : key.Append('~').Append(octet.ToString("x2", CultureInfo.InvariantCulture));
        }
        return key.Length <= 1000
            ? key.ToString()
            : throw new ArgumentException("The id is too long to be a key.", nameof(id));
    }
}
