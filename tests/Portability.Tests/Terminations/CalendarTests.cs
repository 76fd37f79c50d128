using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Portability.Terminations;
using static Portability.Tests.Terminations.Sample;

namespace Portability.Tests.Terminations;

public sealed class CalendarTests
{
    /// <summary>Zones whose days are odd: skipped midnights, half-hour shifts, jumps over the date line.</summary>
    private static readonly string[] Zones =
    [
        "Europe/Stockholm",
        "Africa/Cairo",
        "America/Sao_Paulo",
        "America/Havana",
        "Asia/Beirut",
        "Asia/Gaza",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Pacific/Kwajalein",
        "Pacific/Kiritimati",
        "America/Scoresbysund",
        "America/St_Johns",
        "Antarctica/Troll",
        "UTC",
    ];

    [Theory]
    [InlineData("Europe/Stockholm", "2027-03-31", "2027-03-31T22:00:00Z")]
    [InlineData("Europe/Stockholm", "2027-12-31", "2027-12-31T23:00:00Z")]
    [InlineData("Europe/Stockholm", "2028-02-28", "2028-02-28T23:00:00Z")]
    [InlineData("Europe/Stockholm", "2028-02-29", "2028-02-29T23:00:00Z")]
    // Summer time begins at midnight: the next day starts at 01:00.
    [InlineData("Africa/Cairo", "2026-04-23", "2026-04-23T22:00:00Z")]
    [InlineData("America/Sao_Paulo", "2018-11-03", "2018-11-04T03:00:00Z")]
    [InlineData("Asia/Beirut", "2026-03-28", "2026-03-28T22:00:00Z")]
    [InlineData("America/Havana", "2026-03-07", "2026-03-08T05:00:00Z")]
    // The date line was moved: there was no 30 December 2011, nor a 21 August 1993.
    [InlineData("Pacific/Apia", "2011-12-29", "2011-12-30T10:00:00Z")]
    [InlineData("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z")]
    [InlineData("Pacific/Kwajalein", "1993-08-20", "1993-08-21T12:00:00Z")]
    // Half an hour of summer time.
    [InlineData("Australia/Lord_Howe", "2026-04-05", "2026-04-05T13:30:00Z")]
    [InlineData("Australia/Lord_Howe", "2026-10-04", "2026-10-04T13:00:00Z")]
    public void Day_InItsZone_EndsWhereTheNextBegins(string zone, string day, string end) =>
        Assert.Equal(Given.Instant(end), new TermCalendar(zone).EndOfDay(Day(day)));

    [Theory]
    [InlineData("2027-03-31", 12, "2027-04-01", "2028-03-31")]
    [InlineData("2027-02-28", 12, "2027-03-01", "2028-02-29")]
    [InlineData("2028-02-29", 12, "2028-03-01", "2029-02-28")]
    [InlineData("2027-12-31", 1, "2028-01-01", "2028-01-31")]
    [InlineData("2027-01-31", 1, "2027-02-01", "2027-02-28")]
    [InlineData("2027-01-31", 1, "2027-03-01", "2027-03-31")]
    [InlineData("2027-01-30", 1, "2027-02-01", "2027-02-27")]
    [InlineData("2027-01-30", 1, "2027-03-01", "2027-03-30")]
    [InlineData("2027-03-31", 12, "2031-01-01", "2031-03-31")]
    public void Renewal_FromAMonthsEnd_LeavesNoDrift(string endsOn, int months, string notBefore, string next) =>
        Assert.Equal(Day(next), TermCalendar.NextTermEnd(Day(endsOn), months, Day(notBefore)));

    [Fact]
    public void Grace_AcrossAClockChange_KeepsTheLocalTime() =>
        Assert.Equal(
            Given.Instant("2027-04-03T08:00:00Z"),
            new TermCalendar("Europe/Stockholm").AddDays(Given.Instant("2027-03-20T09:00:00Z"), 14)
        );

    [Fact]
    public void Grace_IntoASkippedHour_EndsAtTheFirstInstantAfterIt() =>
        Assert.Equal(
            Given.Instant("2027-03-28T01:00:00Z"),
            new TermCalendar("Europe/Stockholm").AddDays(Given.Instant("2027-03-14T01:30:00Z"), 14)
        );

    [Fact]
    public void Zone_ThatIsUnknown_IsAnError()
    {
        Assert.Throws<ArgumentException>(() => new TermCalendar("Mars/Olympus"));
        Assert.False(TermCalendar.IsKnownZone("Mars/Olympus"));
        Assert.True(TermCalendar.IsKnownZone("Europe/Oslo"));
        Assert.Throws<ArgumentOutOfRangeException>(() => TermCalendar.NextTermEnd(Day("2027-03-31"), 0, default));
    }

    /// <summary>
    /// Against NodaTime's own transition table: a day starts at the first instant whose local date is that day or
    /// later. Days near transitions are visited on purpose.
    /// </summary>
    [Fact]
    public void StartOfDay_InEveryOddZone_IsTheFirstInstantOfThatDay() =>
        Prop.ForAll(
                DaysNearTransitions(),
                sample =>
                {
                    TermCalendar calendar = new(sample.Zone);
                    DateTimeOffset start = calendar.StartOfDay(sample.Day);
                    DateOnly at = calendar.DateOf(start);
                    DateOnly before = calendar.DateOf(start.AddTicks(-1));
                    bool whole = at == sample.Day && before < sample.Day;
                    // A day that never was starts with the one after it.
                    bool skipped = at == sample.Day.AddDays(1) && before == sample.Day.AddDays(-1);
                    return (whole || skipped)
                        && calendar.EndOfDay(sample.Day) == calendar.StartOfDay(sample.Day.AddDays(1))
                        && calendar.EndOfDay(sample.Day) >= start;
                }
            )
            .Check(Seeded.Runs(2000));

    [Fact]
    public void Window_InEveryOddZone_OpensAndClosesAtTheStartOfLocalDays() =>
        Prop.ForAll(
                DaysNearTransitions(),
                sample =>
                {
                    var term = new Term(sample.Day, sample.Zone, 12);
                    DateTimeOffset opened = new TermCalendar(sample.Zone).StartOfDay(sample.Day.AddDays(-40));
                    Termination s = Termination.Fold([Opened(term) with { At = opened }]);
                    return s.EffectiveEnd == s.Calendar.StartOfDay(sample.Day.AddDays(1))
                        && s.WindowCloses == s.Calendar.StartOfDay(sample.Day.AddDays(91))
                        && s.ErasureOpens >= s.ErasureDue
                        && s.ErasureDue >= s.WindowCloses;
                }
            )
            .Check(Seeded.Runs(1000));

    [Fact]
    public void AddedDaysAndMonths_InEveryOddZone_NeverRunBackwards() =>
        Prop.ForAll(
                DaysNearTransitions(),
                Gen.Choose(0, 1439).ToArbitrary(),
                Gen.Choose(0, 400).ToArbitrary(),
                (sample, minute, days) =>
                {
                    TermCalendar calendar = new(sample.Zone);
                    DateTimeOffset from = calendar.StartOfDay(sample.Day).AddMinutes(minute);
                    return calendar.AddDays(from, days) >= from.AddDays(days).AddHours(-26)
                        && calendar.AddDays(from, days + 1) >= calendar.AddDays(from, days)
                        && calendar.AddMonths(from, days % 25) >= from.AddHours(-1);
                }
            )
            .Check(Seeded.Runs(1000));

    [Fact]
    public void Renewals_OfAnyTerm_AreWholeMonthsAndTheFirstThatSuffices() =>
        Prop.ForAll(
                Gen.Choose(0, 36_500).Select(n => new DateOnly(2000, 1, 1).AddDays(n)).ToArbitrary(),
                Gen.Choose(1, 60).ToArbitrary(),
                Gen.Choose(-400, 4000).ToArbitrary(),
                (endsOn, months, offset) =>
                {
                    DateOnly notBefore = endsOn.AddDays(offset);
                    DateOnly next = TermCalendar.NextTermEnd(endsOn, months, notBefore);
                    LocalDate first = LocalDate.FromDateOnly(endsOn).PlusDays(1);
                    int elapsed = ((next.AddDays(1).Year - first.Year) * 12) + next.AddDays(1).Month - first.Month;
                    // A short month gives the day after its last one back to the month that follows.
                    bool whole = elapsed % months == 0 || first.Day > 28;
                    bool isFirst =
                        next == TermCalendar.NextTermEnd(endsOn, months, endsOn)
                        || TermCalendar.NextTermEnd(endsOn, months, notBefore.AddDays(-31 * months)) < next;
                    return next > endsOn && next >= notBefore && whole && isFirst;
                }
            )
            .Check(Seeded.Runs(1000));

    private static Arbitrary<(string Zone, DateOnly Day)> DaysNearTransitions()
    {
        Gen<(string, DateOnly)> gen =
            from zone in Gen.Elements(Zones)
            from near in Gen.Choose(0, 3)
            from year in Gen.Choose(1985, 2045)
            from dayOfYear in Gen.Choose(0, 364)
            from shift in Gen.Choose(-2, 2)
            select (zone, near == 0 ? Any(year, dayOfYear) : Near(zone, Any(year, dayOfYear), shift));
        return gen.ToArbitrary();
    }

    private static DateOnly Any(int year, int dayOfYear) => new DateOnly(year, 1, 1).AddDays(dayOfYear);

    /// <summary>A day around the first transition after another, if there is one.</summary>
    private static DateOnly Near(string zone, DateOnly day, int shift)
    {
        DateTimeZone z = DateTimeZoneProviders.Tzdb[zone];
        Instant from = z.AtStartOfDay(LocalDate.FromDateOnly(new DateOnly(day.Year, 1, 1))).ToInstant();
        var interval = z.GetZoneInterval(from + Duration.FromDays(day.DayOfYear));
        return interval.HasEnd && interval.End.InUtc().Year < 2100
            ? interval.End.InZone(z).Date.PlusDays(shift).ToDateOnly()
            : day;
    }
}
