using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Portability.Local.Engine;

/// <summary>
/// A statement that is compiled once, with parameters @0, @1 and so on. Of one thread. Steps are many and small: the
/// provider's commands take longer than SQLite itself for them.
/// </summary>
internal sealed class Statement : IDisposable
{
    private const int OnStack = 256;

    private readonly SqliteConnection _connection;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _places;

    /// <exception cref="SqliteException">The statement does not compile.</exception>
    public Statement(SqliteConnection connection, string sql)
    {
        _connection = connection;
        Check(raw.sqlite3_prepare_v3(connection.Handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        // SQLite numbers parameters in the order in which they first appear.
        _places = new int[raw.sqlite3_bind_parameter_count(_statement)];
        for (int i = 0; i < _places.Length; i++)
        {
            _places[i] = raw.sqlite3_bind_parameter_index(
                _statement,
                string.Create(CultureInfo.InvariantCulture, $"@{i}")
            );
        }
    }

    /// <summary>Runs it; gives how many rows it changed.</summary>
    public int Execute(params ReadOnlySpan<SqlValue> values)
    {
        Bind(values);
        try
        {
            int code = raw.sqlite3_step(_statement);
            if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            {
                Check(code);
            }
            return raw.sqlite3_changes(_connection.Handle);
        }
        finally
        {
            // The result of the step says what went wrong; a reset only repeats it.
            _ = raw.sqlite3_reset(_statement);
        }
    }

    /// <summary>Runs it; its rows are read before it is used again.</summary>
    public Rows Query(params ReadOnlySpan<SqlValue> values)
    {
        Bind(values);
        return new Rows(this);
    }

    public void Dispose() => _statement.Dispose();

    private void Bind(ReadOnlySpan<SqlValue> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            SqlValue value = values[i];
            int place = _places[i];
            Check(
                value.Bytes is { } bytes ? raw.sqlite3_bind_text(_statement, place, bytes)
                : value.Text is { } text ? BindText(place, text)
                : value.Number is { } number ? raw.sqlite3_bind_int64(_statement, place, number)
                : raw.sqlite3_bind_null(_statement, place)
            );
        }
    }

    private int BindText(int index, string text)
    {
        if (text.Length == 0)
        {
            // An empty span would be bound as null.
            return raw.sqlite3_bind_text(_statement, index, utf8z.FromString(text));
        }
        int longest = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (longest <= OnStack)
        {
            Span<byte> small = stackalloc byte[OnStack];
            return raw.sqlite3_bind_text(_statement, index, small[..Encoding.UTF8.GetBytes(text, small)]);
        }
        byte[] large = ArrayPool<byte>.Shared.Rent(longest);
        try
        {
            return raw.sqlite3_bind_text(_statement, index, large.AsSpan(0, Encoding.UTF8.GetBytes(text, large)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(large);
        }
    }

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _connection.Handle);

    /// <summary>The rows of a query.</summary>
    internal readonly ref struct Rows(Statement statement) : IDisposable
    {
        private sqlite3_stmt Current => statement._statement;

        public bool Read()
        {
            int code = raw.sqlite3_step(Current);
            if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
            {
                statement.Check(code);
            }
            return code == raw.SQLITE_ROW;
        }

        public long Number(int column) => raw.sqlite3_column_int64(Current, column);

        public bool IsNull(int column) => raw.sqlite3_column_type(Current, column) == raw.SQLITE_NULL;

        public string? Text(int column) =>
            IsNull(column) ? null : Encoding.UTF8.GetString(raw.sqlite3_column_blob(Current, column));

        /// <summary>A text as it lies in the store; valid until the next row.</summary>
        public ReadOnlySpan<byte> Bytes(int column) => raw.sqlite3_column_blob(Current, column);

        public void Dispose() => _ = raw.sqlite3_reset(Current);
    }
}

/// <summary>A value for a parameter: a number, a text, or null. Bytes are a text already encoded.</summary>
internal readonly record struct SqlValue(long? Number, string? Text, byte[]? Bytes)
{
    public static implicit operator SqlValue(long value) => new(value, null, null);

    public static implicit operator SqlValue(long? value) => new(value, null, null);

    public static implicit operator SqlValue(int value) => new(value, null, null);

    public static implicit operator SqlValue(int? value) => new(value, null, null);

    public static implicit operator SqlValue(string? value) => new(null, value, null);

    public static implicit operator SqlValue(byte[]? value) => new(null, null, value);
}
