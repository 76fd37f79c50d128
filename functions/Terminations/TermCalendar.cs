using NodaTime;
using NodaTime.TimeZones;

namespace Portability.Terminations;

/// <summary>
/// Calendar-day arithmetic in the contract's own time zone. A day begins at its first valid instant: where a clock
/// change skips midnight, at the first instant after the gap.
/// </summary>
public sealed class TermCalendar
{
    // Ambiguous: the earlier instant, so that a local time never comes twice. Skipped: the first valid one after it.
    private static readonly ZoneLocalMappingResolver Resolver = Resolvers.CreateMappingResolver(
        Resolvers.ReturnEarlier,
        Resolvers.ReturnStartOfIntervalAfter
    );

    private readonly DateTimeZone zone;

    /// <summary>First year of the days and instants that a case may name.</summary>
    public const int FirstYear = 1900;

    /// <summary>Last year of the days and instants that a case may name: sums with them stay within the calendar.</summary>
    public const int LastYear = 9000;

    public static bool IsPlausible(DateOnly day) => day.Year is >= FirstYear and <= LastYear;

    public static bool IsPlausible(DateTimeOffset instant) => instant.UtcDateTime.Year is >= FirstYear and <= LastYear;

    /// <param name="timeZone">An IANA name such as <c>Europe/Stockholm</c>.</param>
    /// <exception cref="ArgumentException">The name is not in the time zone database.</exception>
    public TermCalendar(string timeZone)
    {
        zone =
            DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone)
            ?? throw new ArgumentException($"'{timeZone}' is not an IANA time zone.", nameof(timeZone));
    }

    public static bool IsKnownZone(string timeZone) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(timeZone) is not null;

    /// <summary>The local calendar date at an instant.</summary>
    public DateOnly DateOf(DateTimeOffset instant) =>
        Instant.FromDateTimeOffset(instant).InZone(zone).Date.ToDateOnly();

    /// <summary>The first valid instant of a local day, in UTC.</summary>
    public DateTimeOffset StartOfDay(DateOnly date) =>
        // Not AtStartOfDay, which throws where a move of the date line skips the whole day.
        zone.ResolveLocal(LocalDate.FromDateOnly(date).AtMidnight(), Resolver).ToInstant().ToDateTimeOffset();

    /// <summary>The instant at which a local day is over: a term that ends on that day ends here.</summary>
    public DateTimeOffset EndOfDay(DateOnly date) => StartOfDay(date.AddDays(1));

    /// <summary>The same local time of day, a number of calendar days later.</summary>
    public DateTimeOffset AddDays(DateTimeOffset instant, int days) => Move(instant, local => local.PlusDays(days));

    /// <summary>The same local day and time, a number of months later; the month's last day where it is shorter.</summary>
    public DateTimeOffset AddMonths(DateTimeOffset instant, int months) =>
        Move(instant, local => local.PlusMonths(months));

    /// <summary>
    /// The last day of the first following term that has not ended. Terms are whole months from the day after the
    /// term's end, counted from that first day each time, so that short months leave no drift.
    /// </summary>
    /// <param name="endsOn">Last day of the current term.</param>
    /// <param name="renewalMonths">Length of each renewed term, at least 1.</param>
    /// <param name="notBefore">The result is this day or later.</param>
    public static DateOnly NextTermEnd(DateOnly endsOn, int renewalMonths, DateOnly notBefore)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(renewalMonths, 1);
        LocalDate firstDay = LocalDate.FromDateOnly(endsOn).PlusDays(1);
        for (var terms = 1; ; terms++)
        {
            DateOnly end = firstDay.PlusMonths(terms * renewalMonths).PlusDays(-1).ToDateOnly();
            if (end > endsOn && end >= notBefore)
            {
                return end;
            }
        }
    }

    private DateTimeOffset Move(DateTimeOffset instant, Func<LocalDateTime, LocalDateTime> move)
    {
        LocalDateTime local = Instant.FromDateTimeOffset(instant).InZone(zone).LocalDateTime;
        return zone.ResolveLocal(move(local), Resolver).ToInstant().ToDateTimeOffset();
    }
}
