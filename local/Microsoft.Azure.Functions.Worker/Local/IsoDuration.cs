using System.Globalization;
using System.Text.RegularExpressions;

namespace Portability.Local;

/// <summary>
/// A duration of ISO 8601. Years, months, weeks and days are added on the calendar, in this order, then hours, minutes
/// and seconds; XmlConvert would take a year for 365 days and knows no weeks.
/// </summary>
internal sealed partial record IsoDuration(int Years, int Months, int Weeks, int Days, TimeSpan Time)
{
    /// <summary>Reads for instance <c>P1Y2M3W4DT5H6M7.5S</c>. Fractions are for seconds only; no sign.</summary>
    public static IsoDuration? Parse(string text)
    {
        Match match = Pattern().Match(text);
        if (!match.Success || text.EndsWith('T') || text == "P")
        {
            return null;
        }
        try
        {
            return new IsoDuration(
                Whole(match, "years"),
                Whole(match, "months"),
                Whole(match, "weeks"),
                Whole(match, "days"),
                TimeSpan.FromHours(Whole(match, "hours"))
                    + TimeSpan.FromMinutes(Whole(match, "minutes"))
                    + TimeSpan.FromTicks((long)(Seconds(match) * TimeSpan.TicksPerSecond))
            );
        }
        catch (OverflowException)
        {
            return null;
        }
    }

    /// <exception cref="ArgumentOutOfRangeException">The sum is beyond the year 9999.</exception>
    public DateTimeOffset AddTo(DateTimeOffset instant) =>
        instant.AddYears(Years).AddMonths(Months).AddDays(Weeks * 7.0 + Days) + Time;

    private static int Whole(Match match, string name) =>
        match.Groups[name].Success
            ? int.Parse(match.Groups[name].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : 0;

    private static decimal Seconds(Match match) =>
        match.Groups["seconds"].Success
            ? decimal.Parse(
                match.Groups["seconds"].ValueSpan,
                NumberStyles.AllowDecimalPoint,
                CultureInfo.InvariantCulture
            )
            : 0;

    [GeneratedRegex(
        @"^P((?<years>[0-9]+)Y)?((?<months>[0-9]+)M)?((?<weeks>[0-9]+)W)?((?<days>[0-9]+)D)?"
            + @"(T((?<hours>[0-9]+)H)?((?<minutes>[0-9]+)M)?((?<seconds>[0-9]+(\.[0-9]+)?)S)?)?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Pattern();
}
