using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NCrontab;

namespace Portability.Local;

/// <summary>When a timer function is to run, in UTC.</summary>
internal abstract class TimerSchedule
{
    /// <summary>The first occurrence after an instant; null when there will be none.</summary>
    public abstract DateTimeOffset? After(DateTimeOffset instant);

    /// <summary>The first occurrence at an instant or after it; for an interval, the instant itself.</summary>
    public abstract DateTimeOffset? AtOrAfter(DateTimeOffset instant);

    /// <summary>
    /// Whether two occurrences can lie less than a minute apart. The official monitor stores nothing for such a schedule.
    /// </summary>
    public abstract bool IsBelowMinute { get; }

    /// <summary>Reads NCRONTAB with five or six fields, or a TimeSpan.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out TimerSchedule? schedule)
    {
        schedule = null;
        int fields = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
        if (fields is 5 or 6)
        {
            var options = new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 };
            if (CrontabSchedule.TryParse(text, options) is { } crontab)
            {
                schedule = new Crontab(crontab);
            }
        }
        else if (
            TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan interval)
            && interval > TimeSpan.Zero
        )
        {
            schedule = new Interval(interval);
        }
        return schedule is not null;
    }

    private sealed class Crontab(CrontabSchedule crontab) : TimerSchedule
    {
        public override bool IsBelowMinute
        {
            get
            {
                DateTime first = crontab.GetNextOccurrence(DateTime.UnixEpoch);
                return crontab.GetNextOccurrence(first) - first < TimeSpan.FromMinutes(1);
            }
        }

        public override DateTimeOffset? After(DateTimeOffset instant)
        {
            DateTime next = crontab.GetNextOccurrence(instant.UtcDateTime, DateTime.MaxValue);
            return next == DateTime.MaxValue ? null : new DateTimeOffset(next, TimeSpan.Zero);
        }

        public override DateTimeOffset? AtOrAfter(DateTimeOffset instant) => After(instant.AddTicks(-1));
    }

    private sealed class Interval(TimeSpan interval) : TimerSchedule
    {
        public override bool IsBelowMinute => interval < TimeSpan.FromMinutes(1);

        public override DateTimeOffset? After(DateTimeOffset instant) => instant + interval;

        public override DateTimeOffset? AtOrAfter(DateTimeOffset instant) => instant;
    }
}
