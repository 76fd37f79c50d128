namespace Parquet.Schema;

/// <summary>How a <see cref="DateTime" /> column is stored.</summary>
public enum DateTimeFormat
{
    /// <summary>INT96, which no statistics are kept for; for old readers.</summary>
    Impala = 0,

    /// <summary>Milliseconds, with the older annotation.</summary>
    DateAndTime = 1,

    /// <summary>Microseconds, with the older annotation.</summary>
    DateAndTimeMicros = 2,

    /// <summary>Days.</summary>
    Date = 3,

    /// <summary>The unit and the zone as asked for.</summary>
    Timestamp = 4,
}

/// <summary>Unit of a timestamp.</summary>
public enum DateTimeTimeUnit
{
    Millis = 0,
    Micros = 1,
    Nanos = 2,
}
