using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Exports.Rows;

/// <summary>Rows of a SQLite query, read by direct column calls.</summary>
internal sealed class SqliteRowReader : RowReader
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly nint _handle;
    private readonly nint _mutex;

    // Where the first value of the row is, and how far the others are from one another: 0 until the first row, or where that cannot be told.
    private nint _first;
    private nint _stride;
    private bool _isMeasured;

    public SqliteRowReader(SqliteConnection connection, RowQuery query)
    {
        _database = connection.Handle ?? throw new InvalidOperationException("The connection is not open.");
        Check(raw.sqlite3_prepare_v2(_database, query.Sql, out _statement), query.Sql);
        foreach (var (name, value) in query.Parameters)
        {
            Bind(name, value);
        }

        Width = raw.sqlite3_column_count(_statement);
        _handle = _statement.DangerousGetHandle();
        _mutex = SqliteColumns.Mutex(_database.DangerousGetHandle());
    }

    public override int Width { get; }

    public override bool Read()
    {
        var result = SqliteColumns.Step(_handle);
        if (result == raw.SQLITE_ROW)
        {
            _first = SqliteColumns.Value(_handle, 0);
            if (!_isMeasured)
            {
                Measure();
            }

            return true;
        }

        if (result != raw.SQLITE_DONE)
        {
            Check(result, "reading rows");
        }

        return false;
    }

    public override unsafe void Get(int column, out Cell cell)
    {
        var value = At(column);
        switch (SqliteColumns.Type(value))
        {
            case SqliteColumns.Integer:
                cell = new Cell(SqliteColumns.Int64(value));
                break;
            case SqliteColumns.Float:
                cell = new Cell(SqliteColumns.Double(value));
                break;
            case SqliteColumns.Text:
                var text = SqliteColumns.Utf8(value);
                cell = new Cell(CellKind.Text, new ReadOnlySpan<byte>((void*)text, SqliteColumns.Length(value)));
                break;
            case SqliteColumns.Blob:
                var data = SqliteColumns.Data(value);
                cell = new Cell(CellKind.Blob, new ReadOnlySpan<byte>((void*)data, SqliteColumns.Length(value)));
                break;
            default:
                cell = default;
                break;
        }
    }

    public override void Fill(RowBatch batch)
    {
        batch.Clear();
        SqliteColumns.Enter(_mutex);
        try
        {
            while (!batch.IsFull)
            {
                if (!Read())
                {
                    batch.IsLast = true;
                    return;
                }

                Copy(batch);
            }
        }
        finally
        {
            SqliteColumns.Leave(_mutex);
        }
    }

    public override bool Pour<TSink>(ref TSink sink)
    {
        SqliteColumns.Enter(_mutex);
        try
        {
            while (Read())
            {
                Give(ref sink);
                if (!sink.EndRow())
                {
                    return true;
                }
            }

            return false;
        }
        finally
        {
            SqliteColumns.Leave(_mutex);
        }
    }

    private unsafe void Give<TSink>(ref TSink sink)
        where TSink : struct, IRowSink
    {
        for (var i = 0; i < Width; i++)
        {
            var value = At(i);
            switch (SqliteColumns.Type(value))
            {
                case SqliteColumns.Integer:
                    sink.Integer(i, SqliteColumns.Int64(value));
                    break;
                case SqliteColumns.Float:
                    sink.Real(i, SqliteColumns.Double(value));
                    break;
                case SqliteColumns.Text:
                    var text = SqliteColumns.Utf8(value);
                    sink.Text(i, new((void*)text, SqliteColumns.Length(value)));
                    break;
                case SqliteColumns.Blob:
                    var data = SqliteColumns.Data(value);
                    sink.Blob(i, new((void*)data, SqliteColumns.Length(value)));
                    break;
                default:
                    sink.Null(i);
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Copy(RowBatch batch)
    {
        batch.Begin(out var kinds, out var numbers);
        for (var i = 0; i < kinds.Length; i++)
        {
            var value = At(i);
            switch (SqliteColumns.Type(value))
            {
                case SqliteColumns.Integer:
                    kinds[i] = CellKind.Integer;
                    numbers[i] = SqliteColumns.Int64(value);
                    break;
                case SqliteColumns.Float:
                    kinds[i] = CellKind.Real;
                    numbers[i] = BitConverter.DoubleToInt64Bits(SqliteColumns.Double(value));
                    break;
                case SqliteColumns.Text:
                    var text = SqliteColumns.Utf8(value);
                    kinds[i] = CellKind.Text;
                    numbers[i] = batch.Keep(new((void*)text, SqliteColumns.Length(value)));
                    break;
                case SqliteColumns.Blob:
                    var data = SqliteColumns.Data(value);
                    kinds[i] = CellKind.Blob;
                    numbers[i] = batch.Keep(new((void*)data, SqliteColumns.Length(value)));
                    break;
                default:
                    kinds[i] = CellKind.Null;
                    numbers[i] = 0;
                    break;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private nint At(int column) => _stride != 0 ? _first + (column * _stride) : SqliteColumns.Value(_handle, column);

    /// <summary>
    /// The engine gives a row as neighbouring registers of its machine, so that one call a row tells where all values are; each further call
    /// would take and leave the connection's lock. That they are neighbours, and how large a register is, is not taken on trust: the
    /// first row of every query is asked for each of its values, and where the answers do not fit, so are all others.
    /// </summary>
    private void Measure()
    {
        _isMeasured = true;
        var stride = Width > 1 ? SqliteColumns.Value(_handle, 1) - _first : 0;
        for (var i = 0; i < Width; i++)
        {
            if (SqliteColumns.Value(_handle, i) != _first + (i * stride))
            {
                return;
            }
        }

        _stride = stride;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _statement.Dispose();
        }
    }

    private void Bind(string name, object? value)
    {
        // SQLite names a parameter once however often the text repeats it; a query need not use all it is offered.
        var index = raw.sqlite3_bind_parameter_index(_statement, name);
        if (index == 0)
        {
            return;
        }

        var result = value switch
        {
            null => raw.sqlite3_bind_null(_statement, index),
            long number => raw.sqlite3_bind_int64(_statement, index, number),
            int number => raw.sqlite3_bind_int64(_statement, index, number),
            string text => raw.sqlite3_bind_text(_statement, index, text),
            _ => throw new ArgumentException($"Parameter {name} is a {value.GetType().Name}: integers and texts only."),
        };
        Check(result, name);
    }

    private void Check(int result, string doing)
    {
        if (result != raw.SQLITE_OK)
        {
            var message = raw.sqlite3_errmsg(_database).utf8_to_string();
            throw new SqliteException($"SQLite error {result} ({doing}): {message}", result);
        }
    }
}
