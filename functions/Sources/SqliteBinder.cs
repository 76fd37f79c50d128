using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>Binds the cells of one row after another to a prepared INSERT.</summary>
internal sealed class SqliteBinder(sqlite3 database, sqlite3_stmt insert) : ICellSink
{
    private int place;

    public void Null() => Check(raw.sqlite3_bind_null(insert, ++place));

    public void Integer(long value) => Check(raw.sqlite3_bind_int64(insert, ++place, value));

    public void Real(double value) => Check(raw.sqlite3_bind_double(insert, ++place, value));

    // An empty span has no address, and what has none is bound as null.
    public void Text(ReadOnlySpan<byte> utf8) =>
        Check(utf8.IsEmpty ? raw.sqlite3_bind_text(insert, ++place, "") : raw.sqlite3_bind_text(insert, ++place, utf8));

    public void Bytes(ReadOnlySpan<byte> value) =>
        Check(
            value.IsEmpty
                ? raw.sqlite3_bind_zeroblob(insert, ++place, 0)
                : raw.sqlite3_bind_blob(insert, ++place, value)
        );

    public void Other(object value) =>
        throw new NotSupportedException(
            string.Create(CultureInfo.InvariantCulture, $"SQLite has no values of type {value.GetType().Name}.")
        );

    /// <summary>Inserts the row that was bound, and starts anew.</summary>
    public void Insert()
    {
        place = 0;
        var code = raw.sqlite3_step(insert);
        raw.sqlite3_reset(insert);
        if (code != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, database);
        }
    }

    private void Check(int code) => SqliteDialect.Check(code, database);
}
