using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;

namespace Portability.Exports.Rows;

/// <summary>How the server sends values of a type.</summary>
internal enum PostgresForm : byte
{
    Text,
    Boolean,
    Int16,
    Int32,
    Int64,
    UInt32,
    Single,
    Double,
    Bytes,
    Jsonb,
    Uuid,
    Date,
    Time,
    Timestamp,
    Instant,
    Numeric,
}

/// <summary>
/// Turns binary values into cells. Texts made here live until <see cref="Clear"/>. Instants end in Z; times without a zone do not.
/// Years beyond four digits and before Christ are spelt as PostgreSQL spells them, and so are its infinite dates.
/// </summary>
internal sealed class PostgresText
{
    private const long MicrosecondsADay = 86_400_000_000;
    private const int DaysFromMarch0000To2000 = 730_425;
    private const int DayLength = 10;

    private readonly byte[] _dayText = new byte[DayLength];
    private byte[] _scratch = new byte[512];
    private int _used;

    // The day that stands in the text beside it: rows that come after one another are often of one day.
    private long _day = long.MinValue;

    /// <summary>The form of a type, or of what it is cast to.</summary>
    public static PostgresForm FormOf(uint type) =>
        type switch
        {
            16 => PostgresForm.Boolean,
            17 => PostgresForm.Bytes,
            20 => PostgresForm.Int64,
            21 => PostgresForm.Int16,
            23 => PostgresForm.Int32,
            26 => PostgresForm.UInt32,
            700 => PostgresForm.Single,
            701 => PostgresForm.Double,
            790 or 1700 => PostgresForm.Numeric,
            1082 => PostgresForm.Date,
            1083 => PostgresForm.Time,
            1114 => PostgresForm.Timestamp,
            1184 => PostgresForm.Instant,
            2950 => PostgresForm.Uuid,
            3802 => PostgresForm.Jsonb,
            _ => PostgresForm.Text,
        };

    /// <summary>What a value is cast to before it is sent: null for types whose binary form is read here.</summary>
    public static string? CastOf(uint type) =>
        type switch
        {
            // name, text, json, bpchar and varchar are sent as the bytes of their text.
            19 or 25 or 114 or 1042 or 1043 => null,
            // Money is spelt by the server's locale, a number is not.
            790 => "::numeric",
            _ when FormOf(type) != PostgresForm.Text => null,
            _ => "::text",
        };

    /// <summary>True when a text made here is a date, a time or an identifier, and so has nothing in it that a format must take care of.</summary>
    public static bool IsPlain(PostgresForm form, ReadOnlySpan<byte> text) =>
        // Infinite dates begin with i or a hyphen.
        form
            is PostgresForm.Date
                or PostgresForm.Time
                or PostgresForm.Timestamp
                or PostgresForm.Instant
                or PostgresForm.Uuid
        && text[0] is not ((byte)'i' or (byte)'-');

    public void Clear() => _used = 0;

    public void Read(PostgresForm form, ReadOnlySpan<byte> value, out Cell cell)
    {
        switch (form)
        {
            case PostgresForm.Int16:
                cell = new Cell((long)BinaryPrimitives.ReadInt16BigEndian(value));
                break;
            case PostgresForm.UInt32:
                cell = new Cell((long)BinaryPrimitives.ReadUInt32BigEndian(value));
                break;
            case PostgresForm.Single:
                Real(Widen(BinaryPrimitives.ReadSingleBigEndian(value)), out cell);
                break;
            case PostgresForm.Double:
                Real(BinaryPrimitives.ReadDoubleBigEndian(value), out cell);
                break;
            case PostgresForm.Bytes:
                cell = new Cell(CellKind.Blob, value);
                break;
            case PostgresForm.Jsonb:
                // A version number comes first.
                cell = new Cell(CellKind.Text, value[1..]);
                break;
            case PostgresForm.Uuid:
                Uuid(value, out cell);
                break;
            case PostgresForm.Date:
                var days = BinaryPrimitives.ReadInt32BigEndian(value);
                cell = days switch
                {
                    int.MaxValue => new Cell(CellKind.Text, "infinity"u8),
                    int.MinValue => new Cell(CellKind.Text, "-infinity"u8),
                    _ => Written(Take(24), days, 0, withTime: false, isInstant: false),
                };
                break;
            case PostgresForm.Time:
                var clock = Take(16);
                cell = Kept(TimeOfDay(clock, BinaryPrimitives.ReadInt64BigEndian(value)));
                break;
            case PostgresForm.Timestamp or PostgresForm.Instant:
                Moment(BinaryPrimitives.ReadInt64BigEndian(value), form == PostgresForm.Instant, out cell);
                break;
            case PostgresForm.Numeric:
                Numeric(value, out cell);
                break;
            default:
                cell = new Cell(CellKind.Text, value);
                break;
        }
    }

    /// <summary>The double of the shortest text that names the float: 0.1 stays 0.1.</summary>
    private static double Widen(float number)
    {
        Span<byte> text = stackalloc byte[32];
        return
            float.IsFinite(number)
            && number.TryFormat(text, out var length, "R", CultureInfo.InvariantCulture)
            && Utf8Parser.TryParse(text[..length], out double wide, out _)
            ? wide
            : number;
    }

    private static void Real(double number, out Cell cell) =>
        cell = double.IsNaN(number) ? new Cell(CellKind.Text, "NaN"u8) : new Cell(number);

    private void Uuid(ReadOnlySpan<byte> value, out Cell cell)
    {
        new Guid(value, bigEndian: true).TryFormat(Take(36), out var length);
        cell = Kept(length);
    }

    private void Moment(long microseconds, bool isInstant, out Cell cell)
    {
        if (microseconds is long.MaxValue or long.MinValue)
        {
            cell = new Cell(CellKind.Text, microseconds > 0 ? "infinity"u8 : "-infinity"u8);
            return;
        }

        var days = Math.DivRem(microseconds, MicrosecondsADay, out var rest);
        if (rest < 0)
        {
            (days, rest) = (days - 1, rest + MicrosecondsADay);
        }

        cell = Written(Take(48), (int)days, rest, withTime: true, isInstant);
    }

    private Cell Written(Span<byte> text, int days, long microseconds, bool withTime, bool isInstant)
    {
        var length = DayLength;
        var isBefore = false;
        if (days == _day)
        {
            _dayText.CopyTo(text);
        }
        else
        {
            (length, isBefore) = Day(text, days);
        }

        if (withTime)
        {
            text[length++] = (byte)'T';
            length += TimeOfDay(text[length..], microseconds);
            if (isInstant)
            {
                text[length++] = (byte)'Z';
            }
        }

        if (isBefore)
        {
            " BC"u8.CopyTo(text[length..]);
            length += 3;
        }

        return Kept(length);
    }

    /// <summary>Writes a day, its year counted from the birth of Christ in either direction; keeps it when its year has four digits.</summary>
    private (int Length, bool IsBefore) Day(Span<byte> text, int days)
    {
        var (year, month, day) = Civil(days);
        var isBefore = year <= 0;
        var length = Digits(text, isBefore ? 1 - year : year, 4);
        text[length++] = (byte)'-';
        Two(text[length..], month);
        text[length + 2] = (byte)'-';
        Two(text[(length + 3)..], day);
        length += 5;
        if (length == DayLength && !isBefore)
        {
            text[..DayLength].CopyTo(_dayText);
            _day = days;
        }

        return (length, isBefore);
    }

    /// <summary>Year (0 is 1 BC), month and day of a day counted from 2000-01-01, in the Gregorian calendar throughout.</summary>
    private static (int Year, int Month, int Day) Civil(int daysFrom2000)
    {
        // Years that begin in March have their odd day last; 400 of them are always 146,097 days.
        var days = (long)daysFrom2000 + DaysFromMarch0000To2000;
        var era = Math.DivRem(days, 146_097, out var inEra);
        if (inEra < 0)
        {
            (era, inEra) = (era - 1, inEra + 146_097);
        }

        var yearOfEra = (inEra - (inEra / 1460) + (inEra / 36_524) - (inEra / 146_096)) / 365;
        var dayOfYear = inEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var day = dayOfYear - (((153 * shifted) + 2) / 5) + 1;
        var month = shifted < 10 ? shifted + 3 : shifted - 9;
        var year = yearOfEra + (era * 400) + (month <= 2 ? 1 : 0);
        return ((int)year, (int)month, (int)day);
    }

    private static int TimeOfDay(Span<byte> text, long microseconds)
    {
        var (seconds, fraction) = Math.DivRem(microseconds, 1_000_000);
        var (hours, rest) = Math.DivRem((int)seconds, 3600);
        var (minutes, second) = Math.DivRem(rest, 60);
        Two(text, hours);
        text[2] = (byte)':';
        Two(text[3..], minutes);
        text[5] = (byte)':';
        Two(text[6..], second);
        if (fraction == 0)
        {
            return 8;
        }

        text[8] = (byte)'.';
        Digits(text[9..], (int)fraction, 6);
        return text[..15].TrimEnd((byte)'0').Length;
    }

    private static void Two(Span<byte> text, int number)
    {
        var (tens, ones) = Math.DivRem(number, 10);
        text[1] = (byte)('0' + ones);
        text[0] = (byte)('0' + tens);
    }

    private static int Digits(Span<byte> text, int number, int atLeast)
    {
        var length = atLeast;
        for (var limit = atLeast == 4 ? 10_000 : int.MaxValue; number >= limit; limit *= 10)
        {
            length++;
        }

        for (var i = length - 1; i >= 0; i--)
        {
            (number, var digit) = Math.DivRem(number, 10);
            text[i] = (byte)('0' + digit);
        }

        return length;
    }

    /// <summary>Groups of four decimal digits, the first with the weight 10,000^weight, and how many digits follow the point.</summary>
    private void Numeric(ReadOnlySpan<byte> value, out Cell cell)
    {
        var groups = BinaryPrimitives.ReadInt16BigEndian(value);
        var weight = BinaryPrimitives.ReadInt16BigEndian(value[2..]);
        var sign = BinaryPrimitives.ReadUInt16BigEndian(value[4..]);
        var scale = BinaryPrimitives.ReadInt16BigEndian(value[6..]);
        if (sign is 0xC000 or 0xD000 or 0xF000)
        {
            cell = new Cell(
                CellKind.Text,
                sign == 0xC000 ? "NaN"u8
                    : sign == 0xD000 ? "Infinity"u8
                    : "-Infinity"u8
            );
            return;
        }

        var text = Take(((Math.Max((int)weight, 0) + 1) * 4) + scale + 8);
        var length = 0;
        if (sign == 0x4000)
        {
            text[length++] = (byte)'-';
        }

        int Group(ReadOnlySpan<byte> digits, int index) =>
            index >= 0 && index < groups ? BinaryPrimitives.ReadInt16BigEndian(digits[(8 + (index * 2))..]) : 0;

        if (weight < 0)
        {
            text[length++] = (byte)'0';
        }

        for (var i = 0; i <= weight; i++)
        {
            var group = Group(value, i);
            if (i == 0)
            {
                group.TryFormat(text[length..], out var written, default, CultureInfo.InvariantCulture);
                length += written;
            }
            else
            {
                Digits(text[length..], group, 4);
                length += 4;
            }
        }

        if (scale > 0)
        {
            text[length++] = (byte)'.';
            var end = length + scale;
            for (var i = weight + 1; length < end; i++)
            {
                Digits(text[length..], Group(value, i), 4);
                length += 4;
            }

            length = end;
        }

        cell = Kept(length);
    }

    /// <summary>Room for a text; <see cref="Kept"/> makes it a cell. Earlier cells of the row stay what they are.</summary>
    private Span<byte> Take(int length)
    {
        if (_scratch.Length - _used < length)
        {
            _scratch = new byte[Math.Max(_scratch.Length * 2, length)];
            _used = 0;
        }

        return _scratch.AsSpan(_used, length);
    }

    private Cell Kept(int length)
    {
        var cell = new Cell(CellKind.Text, _scratch.AsSpan(_used, length));
        _used += length;
        return cell;
    }
}
