namespace Portability.Sources;

/// <summary>Takes the cells of rows one after another, each in the form it has: none becomes an object on the way.</summary>
public interface ICellSink
{
    void Null();

    void Integer(long value);

    void Real(double value);

    /// <summary>A text in UTF-8; valid during the call only.</summary>
    void Text(ReadOnlySpan<byte> utf8);

    /// <summary>Bytes; valid during the call only.</summary>
    void Bytes(ReadOnlySpan<byte> value);

    /// <summary>A value of another type: GUID, decimal, date, instant.</summary>
    void Other(object value);
}

/// <summary>Rows that are loaded into a table, drawn one by one.</summary>
public interface IRowFeed
{
    /// <summary>Writes the cells of the next row, in the order of the table's columns; false when there is none.</summary>
    bool Next(ICellSink sink);
}
