namespace Parquet.Schema;

/// <summary>A column of dates or times, and how they are stored.</summary>
public class DateTimeDataField(
    string name,
    DateTimeFormat format,
    bool isAdjustedToUTC = true,
    DateTimeTimeUnit? unit = default,
    bool? isNullable = default,
    bool? isArray = default,
    string? propertyName = null
) : DataField(name, typeof(DateTime), isNullable, isArray, propertyName)
{
    public DateTimeFormat DateTimeFormat { get; } = format;

    /// <summary>True when values are instants; false when they are the time on a wall somewhere.</summary>
    public bool IsAdjustedToUTC { get; } = isAdjustedToUTC;

    public DateTimeTimeUnit Unit { get; } =
        format switch
        {
            DateTimeFormat.DateAndTime => DateTimeTimeUnit.Millis,
            DateTimeFormat.DateAndTimeMicros => DateTimeTimeUnit.Micros,
            _ => unit ?? DateTimeTimeUnit.Millis,
        };
}
