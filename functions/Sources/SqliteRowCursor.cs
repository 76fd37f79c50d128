using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Sources;

/// <summary>
/// A cursor at SQLite's own interface: texts as they lie in the page, numbers unboxed. ADO.NET's reader makes several objects a row,
/// and sealing reads every row of a customer.
/// </summary>
internal sealed class SqliteRowCursor : RowCursor
{
    private const int LookForCancellation = 1023;

    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private readonly bool isUtf8;
    private int rows;

    private SqliteRowCursor(sqlite3 database, sqlite3_stmt statement, bool isUtf8)
    {
        this.database = database;
        this.statement = statement;
        this.isUtf8 = isUtf8;
    }

    public static SqliteRowCursor Open(
        SqliteConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters
    )
    {
        var engine = connection.Handle!;
        SqliteDialect.Check(raw.sqlite3_prepare_v2(engine, sql, out var prepared), engine);
        try
        {
            foreach (var (name, value) in parameters)
            {
                var place = raw.sqlite3_bind_parameter_index(prepared, name);
                // A statement need not use what it is given.
                if (place > 0)
                {
                    SqliteDialect.Check(SqliteDialect.Bind(prepared, place, value), engine);
                }
            }
            return new(engine, prepared, IsUtf8(engine));
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    public override ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if ((rows++ & LookForCancellation) == 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
        var code = raw.sqlite3_step(statement);
        if (code is not (raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            SqliteException.ThrowExceptionForRC(code, database);
        }
        return new(code == raw.SQLITE_ROW);
    }

    public override bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    public override long Integer(int column) => raw.sqlite3_column_int64(statement, column);

    public override void Copy(int column, ICellSink sink)
    {
        switch (raw.sqlite3_column_type(statement, column))
        {
            case raw.SQLITE_INTEGER:
                sink.Integer(raw.sqlite3_column_int64(statement, column));
                break;
            case raw.SQLITE_FLOAT:
                sink.Real(raw.sqlite3_column_double(statement, column));
                break;
            case raw.SQLITE_TEXT:
                sink.Text(Text(column));
                break;
            case raw.SQLITE_BLOB:
                sink.Bytes(raw.sqlite3_column_blob(statement, column));
                break;
            default:
                sink.Null();
                break;
        }
    }

    public override bool TryText(int column, out ReadOnlySpan<byte> utf8)
    {
        if (raw.sqlite3_column_type(statement, column) != raw.SQLITE_TEXT)
        {
            utf8 = default;
            return false;
        }
        utf8 = Text(column);
        return true;
    }

    public override object? Value(int column) =>
        raw.sqlite3_column_type(statement, column) switch
        {
            raw.SQLITE_INTEGER => raw.sqlite3_column_int64(statement, column),
            raw.SQLITE_FLOAT => raw.sqlite3_column_double(statement, column),
            raw.SQLITE_TEXT => raw.sqlite3_column_text(statement, column).utf8_to_string(),
            raw.SQLITE_BLOB => raw.sqlite3_column_blob(statement, column).ToArray(),
            _ => null,
        };

    public override ValueTask DisposeAsync()
    {
        statement.Dispose();
        return ValueTask.CompletedTask;
    }

    // As a blob the engine hands a text out without copying it to add a terminator; its bytes are those of the file's encoding.
    private ReadOnlySpan<byte> Text(int column) =>
        isUtf8
            ? raw.sqlite3_column_blob(statement, column)
            : Encoding.UTF8.GetBytes(raw.sqlite3_column_text(statement, column).utf8_to_string());

    private static bool IsUtf8(sqlite3 engine)
    {
        SqliteDialect.Check(raw.sqlite3_prepare_v2(engine, "PRAGMA encoding", out var pragma), engine);
        using (pragma)
        {
            return raw.sqlite3_step(pragma) == raw.SQLITE_ROW
                && raw.sqlite3_column_text(pragma, 0).utf8_to_string() == "UTF-8";
        }
    }
}
