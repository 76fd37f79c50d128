using System.Globalization;

namespace Portability.DataMap.OneRoster;

/// <summary>Which texts a OneRoster column may hold.</summary>
public static class RosterText
{
    /// <summary>What a text that does not fit would have to be; null when it fits.</summary>
    public static string? Fault(RosterField field, string text) =>
        field.Type switch
        {
            RosterType.Date => IsDate(text) ? null : "A date is written YYYY-MM-DD.",
            RosterType.Year => text.Length == 4 && text.All(char.IsAsciiDigit) ? null : "A year is written YYYY.",
            RosterType.Boolean => text is "true" or "false" ? null : "Use true or false.",
            RosterType.Integer => long.TryParse(
                text,
                NumberStyles.AllowLeadingSign,
                CultureInfo.InvariantCulture,
                out _
            )
                ? null
                : "Use a whole number.",
            RosterType.Number => IsNumber(text) ? null : "Use a number such as 12.5.",
            RosterType.Word => field.Of.Contains(text, StringComparer.Ordinal)
            || (field.Extensible && text.StartsWith("ext:", StringComparison.Ordinal) && text.Length > 4)
                ? null
                : $"Use one of: {string.Join(", ", field.Of)}{(field.Extensible ? ", or a word of your own that begins with ext:" : "")}.",
            RosterType.Guid => text.Length is > 0 and < 256 ? null : "An id has 1 to 255 characters.",
            _ => null,
        };

    private static bool IsDate(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsNumber(string text) =>
        double.TryParse(
            text,
            NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent,
            CultureInfo.InvariantCulture,
            out var number
        ) && double.IsFinite(number);
}
