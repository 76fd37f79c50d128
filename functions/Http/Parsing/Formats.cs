using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Mail;
using System.Text.RegularExpressions;
using NodaTime;
using NodaTime.Text;

namespace Portability.Http.Parsing;

/// <summary>The formats of the HTTP contract, read strictly: one way to write each value.</summary>
internal static partial class Formats
{
    /// <summary>RFC 3339 with an offset, at most 100 ns fine: <c>2027-03-01T08:30:00Z</c>. Given in UTC.</summary>
    public static bool TryInstant(string text, out DateTimeOffset instant)
    {
        instant = default;
        if (
            !Rfc3339().IsMatch(text)
            || !DateTimeOffset.TryParse(
                text,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AdjustToUniversal,
                out DateTimeOffset parsed
            )
        )
        {
            return false;
        }
        instant = parsed.ToUniversalTime();
        return true;
    }

    /// <summary><c>YYYY-MM-DD</c>.</summary>
    public static bool TryDate(string text, out DateOnly date) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);

    /// <summary>ISO 8601, such as <c>P30D</c> or <c>PT12H</c>: of a fixed length, so without years and months.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        ParseResult<Period> parsed = PeriodPattern.NormalizingIso.Parse(text);
        if (!parsed.Success || parsed.Value.Years != 0 || parsed.Value.Months != 0)
        {
            return false;
        }
        Duration length = parsed.Value.ToDuration();
        if (length < Duration.Zero)
        {
            return false;
        }
        duration = length.ToTimeSpan();
        return true;
    }

    /// <summary>An enum member in camelCase, never a number.</summary>
    public static bool TryChoice<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (T member in Enum.GetValues<T>())
        {
            if (text == NameOf(member))
            {
                value = member;
                return true;
            }
        }
        value = default;
        return false;
    }

    /// <summary>How the contract writes an enum member.</summary>
    public static string NameOf<T>(T member)
        where T : struct, Enum => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(member.ToString());

    /// <summary>A bare mail address, without a display name.</summary>
    public static bool IsMailAddress([NotNullWhen(true)] string? text) =>
        text is { Length: <= 254 } && MailAddress.TryCreate(text, out MailAddress? address) && address.Address == text;

    [GeneratedRegex(
        @"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,7})?(Z|[+-][0-9]{2}:[0-9]{2})\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Rfc3339();
}
