namespace Portability.Exports.Formats;

/// <summary>Dates and times as databases without types for them keep them: ISO 8601 text.</summary>
internal static class DateText
{
    private const int DateLength = 10;

    /// <summary>True for exactly <c>YYYY-MM-DD</c>, a day that exists.</summary>
    public static bool TryDate(ReadOnlySpan<byte> text, out DateOnly date)
    {
        date = default;
        if (
            text.Length != DateLength
            || text[4] != '-'
            || text[7] != '-'
            || !TryNumber(text[..4], out var year)
            || !TryNumber(text[5..7], out var month)
            || !TryNumber(text[8..], out var day)
            || year < 1
            || month is < 1 or > 12
            || day < 1
            || day > DateTime.DaysInMonth(year, month)
        )
        {
            return false;
        }

        date = new DateOnly(year, month, day);
        return true;
    }

    /// <summary>
    /// True for <c>YYYY-MM-DD HH:MM[:SS[.fffffff]]</c>, also with a T between, and with Z or +00:00 behind, which makes it UTC.
    /// Other offsets are not read: as an instant the value would no longer say them.
    /// </summary>
    public static bool TryDateTime(ReadOnlySpan<byte> text, out DateTime value, out bool isUtc)
    {
        value = default;
        isUtc = false;
        if (text.Length < DateLength + 6 || text[DateLength] is not ((byte)'T' or (byte)' '))
        {
            return false;
        }

        var time = text[(DateLength + 1)..];
        if (!TryDate(text[..DateLength], out var date) || !TryClock(ref time, out var ticks))
        {
            return false;
        }

        isUtc = time.SequenceEqual("Z"u8) || time.SequenceEqual("+00:00"u8) || time.SequenceEqual("+00"u8);
        value = new DateTime(
            (date.DayNumber * TimeSpan.TicksPerDay) + ticks,
            isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified
        );
        return isUtc || time.IsEmpty;
    }

    /// <summary>Reads the time of day off the front of a text.</summary>
    private static bool TryClock(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        if (text[2] != ':' || !TryNumber(text[..2], out var hour) || !TryNumber(text[3..5], out var minute))
        {
            return false;
        }

        var (second, fraction) = (0, 0L);
        text = text[5..];
        if (text.Length >= 3 && text[0] == ':')
        {
            if (!TryNumber(text[1..3], out second))
            {
                return false;
            }

            text = text[3..];
            if (text.Length > 1 && text[0] == '.' && !TryFraction(ref text, out fraction))
            {
                return false;
            }
        }

        ticks = (((((hour * 60L) + minute) * 60) + second) * TimeSpan.TicksPerSecond) + fraction;
        return hour < 24 && minute < 60 && second < 60;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> text, out long ticks)
    {
        ticks = 0;
        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length - 1 : digits;
        if (digits is < 1 or > 7)
        {
            return false;
        }

        for (var i = 1; i <= 7; i++)
        {
            ticks = (ticks * 10) + (i <= digits ? text[i] - '0' : 0);
        }

        text = text[(digits + 1)..];
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + digit - '0';
        }

        return true;
    }
}
