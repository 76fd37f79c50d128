using System.Globalization;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>Binds the cells of one row after another to a prepared statement that gives no rows, and runs it.</summary>
internal sealed class SqliteBinder(sqlite3 database, sqlite3_stmt statement) : ICellSink
{
    private int place;

    public void Null() => Check(raw.sqlite3_bind_null(statement, ++place));

    public void Integer(long value) => Check(raw.sqlite3_bind_int64(statement, ++place, value));

    public void Real(double value) => Check(raw.sqlite3_bind_double(statement, ++place, value));

    // An empty span has no address, and what has none is bound as null.
    public void Text(ReadOnlySpan<byte> utf8) =>
        Check(
            utf8.IsEmpty
                ? raw.sqlite3_bind_text(statement, ++place, "")
                : raw.sqlite3_bind_text(statement, ++place, utf8)
        );

    public void Bytes(ReadOnlySpan<byte> value) =>
        Check(
            value.IsEmpty
                ? raw.sqlite3_bind_zeroblob(statement, ++place, 0)
                : raw.sqlite3_bind_blob(statement, ++place, value)
        );

    public void Other(object value) =>
        throw new NotSupportedException(
            string.Create(CultureInfo.InvariantCulture, $"SQLite has no values of type {value.GetType().Name}.")
        );

    /// <summary>How many rows were changed; what triggers change is not counted.</summary>
    public long Changed { get; private set; }

    /// <summary>Runs the statement with the row that was bound, and starts anew.</summary>
    public void Run()
    {
        place = 0;
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        if (code != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, database);
        }
        Changed += raw.sqlite3_changes(database);
    }

    private void Check(int code) => SqliteDialect.Check(code, database);
}
