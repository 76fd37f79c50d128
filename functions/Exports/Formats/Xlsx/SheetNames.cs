using System.Globalization;

namespace Portability.Exports.Formats.Xlsx;

/// <summary>Names that a workbook allows for its sheets: 31 characters, none of seven signs, no two the same but for case.</summary>
internal static class SheetNames
{
    private const int Longest = 31;

    /// <summary>The nearest allowed name.</summary>
    public static string Of(string name)
    {
        var allowed = string.Concat(name.Select(c => char.IsControl(c) || @"[]:*?/\".Contains(c) ? '_' : c))
            .Trim('\'', ' ');
        return allowed.Length == 0 ? "Sheet" : Cut(allowed, Longest);
    }

    /// <summary>The name, or with a number behind when it is taken.</summary>
    public static string Free(string name, IReadOnlyCollection<string> taken)
    {
        var free = name;
        for (var n = 2; taken.Contains(free, StringComparer.OrdinalIgnoreCase); n++)
        {
            var suffix = string.Create(CultureInfo.InvariantCulture, $" ({n})");
            free = Cut(name, Longest - suffix.Length) + suffix;
        }

        return free;
    }

    /// <summary>Cuts, but no pair of surrogates in two.</summary>
    private static string Cut(string name, int length) =>
        name.Length <= length ? name
        : char.IsHighSurrogate(name[length - 1]) ? name[..(length - 1)]
        : name[..length];
}
