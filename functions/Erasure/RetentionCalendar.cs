using System.Globalization;
using NodaTime;
using NodaTime.Text;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>
/// When a kept row may go. The period runs from the end of the anchor's day (or fiscal year, or from the effective end) in the contract's
/// time zone; the row is free at the local midnight that ends it. A row without a date counts from the effective end, which no row of the
/// tenancy is younger than.
/// </summary>
internal sealed class RetentionCalendar(ErasureOrder order)
{
    private readonly DateTimeZone zone = DateTimeZoneProviders.Tzdb[order.TimeZone];

    /// <summary>The instant of release. Throws <see cref="FormatException"/> for an anchor that is no date.</summary>
    public DateTimeOffset ReleaseOf(RetentionClass rule, object? anchor)
    {
        var start =
            rule.From == RetentionStart.EffectiveEnd || anchor is null or DBNull ? EffectiveDay()
            : rule.From == RetentionStart.FiscalYearEnd ? FiscalYearEnd(DayOf(anchor), rule.FiscalYearEnd).PlusDays(1)
            : DayOf(anchor).PlusDays(1);
        return (start + rule.Period).AtStartOfDayInZone(zone).ToDateTimeOffset().ToUniversalTime();
    }

    private LocalDate EffectiveDay()
    {
        var local = Instant.FromDateTimeOffset(order.EffectiveEnd).InZone(zone);
        return local.TimeOfDay == LocalTime.Midnight ? local.Date : local.Date.PlusDays(1);
    }

    private static LocalDate FiscalYearEnd(LocalDate day, AnnualDate yearEnd)
    {
        var end = yearEnd.InYear(day.Year);
        return end >= day ? end : yearEnd.InYear(day.Year + 1);
    }

    private LocalDate DayOf(object anchor) =>
        anchor switch
        {
            string text => DayOf(text),
            long seconds => InZone(
                seconds > 100_000_000_000
                    ? Instant.FromUnixTimeMilliseconds(seconds)
                    : Instant.FromUnixTimeSeconds(seconds)
            ),
            DateOnly date => LocalDate.FromDateOnly(date),
            DateTime { Kind: DateTimeKind.Utc } utc => InZone(Instant.FromDateTimeUtc(utc)),
            DateTime local => LocalDate.FromDateTime(local),
            DateTimeOffset instant => InZone(Instant.FromDateTimeOffset(instant)),
            _ => throw new FormatException($"a value of type {anchor.GetType().Name} is no date"),
        };

    private LocalDate DayOf(string text)
    {
        if (LocalDatePattern.Iso.Parse(text) is { Success: true } day)
        {
            return day.Value;
        }
        return DateTimeOffset.TryParse(
            text,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var instant
        )
            ? InZone(Instant.FromDateTimeOffset(instant))
            : throw new FormatException("a text that is no ISO 8601 date stands in the anchor column");
    }

    private LocalDate InZone(Instant instant) => instant.InZone(zone).Date;
}
