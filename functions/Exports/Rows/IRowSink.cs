namespace Portability.Exports.Rows;

/// <summary>
/// Takes the values of rows as a reader comes to them: row by row, every column in order. Sinks are structs, so that a reader's loop is
/// compiled for each of them with its methods inside. Bytes are valid during the call only.
/// </summary>
internal interface IRowSink
{
    void Null(int column);

    void Integer(int column, long number);

    void Real(int column, double number);

    /// <summary>A text in UTF-8, as far as the database keeps to that.</summary>
    void Text(int column, ReadOnlySpan<byte> utf8);

    /// <summary>
    /// A text of letters, digits, colons, points and inner hyphens and spaces alone, as dates, times and identifiers have: a digit or
    /// letter comes first, and nothing in it needs care.
    /// </summary>
    void Plain(int column, ReadOnlySpan<byte> ascii);

    void Blob(int column, ReadOnlySpan<byte> bytes);

    /// <summary>The row is whole; false when no further one is wanted now.</summary>
    bool EndRow();
}
