using System.Buffers;
using System.Data.Common;
using System.Globalization;
using System.Text;

namespace Portability.Sources;

/// <summary>
/// Rows of a query, read forward, with cells that need not become objects. The statement runs on the connection that was given,
/// which a cursor keeps busy where the engine allows one query at a time.
/// </summary>
public abstract class RowCursor : IAsyncDisposable
{
    /// <summary>Moves to the next row; false past the last.</summary>
    public abstract ValueTask<bool> ReadAsync(CancellationToken cancellationToken);

    public abstract bool IsNull(int column);

    /// <summary>A whole number.</summary>
    public abstract long Integer(int column);

    /// <summary>Hands a cell on.</summary>
    public abstract void Copy(int column, ICellSink sink);

    /// <summary>The text of a cell in UTF-8, until the next row is read; false for what is no text, null among it.</summary>
    public abstract bool TryText(int column, out ReadOnlySpan<byte> utf8);

    /// <summary>A cell as an object; null for the database's null.</summary>
    public abstract object? Value(int column);

    public abstract ValueTask DisposeAsync();

    /// <summary>Hands an object on in its plainest form.</summary>
    internal static void CopyObject(object value, ICellSink sink)
    {
        switch (value)
        {
            case long or int or short or byte or bool:
                sink.Integer(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double or float:
                sink.Real(Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case string word:
                sink.Text(Encoding.UTF8.GetBytes(word));
                break;
            case byte[] bytes:
                sink.Bytes(bytes);
                break;
            default:
                sink.Other(value);
                break;
        }
    }
}

/// <summary>A cursor over an ADO.NET reader.</summary>
internal sealed class ReaderCursor(DbCommand command, DbDataReader reader) : RowCursor
{
    private byte[] text = ArrayPool<byte>.Shared.Rent(1024);

    public override ValueTask<bool> ReadAsync(CancellationToken cancellationToken) =>
        new(reader.ReadAsync(cancellationToken));

    public override bool IsNull(int column) => reader.IsDBNull(column);

    public override long Integer(int column) =>
        reader.GetFieldType(column) is var type && type == typeof(int) ? reader.GetInt32(column)
        : type == typeof(long) ? reader.GetInt64(column)
        : Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture);

    public override void Copy(int column, ICellSink sink)
    {
        if (reader.IsDBNull(column))
        {
            sink.Null();
            return;
        }
        var type = reader.GetFieldType(column);
        if (type == typeof(long))
        {
            sink.Integer(reader.GetInt64(column));
        }
        else if (type == typeof(int))
        {
            sink.Integer(reader.GetInt32(column));
        }
        else if (type == typeof(string))
        {
            sink.Text(Encode(reader.GetString(column)));
        }
        else
        {
            CopyObject(reader.GetValue(column), sink);
        }
    }

    public override bool TryText(int column, out ReadOnlySpan<byte> utf8)
    {
        if (reader.GetFieldType(column) != typeof(string) || reader.IsDBNull(column))
        {
            utf8 = default;
            return false;
        }
        utf8 = Encode(reader.GetString(column));
        return true;
    }

    public override object? Value(int column) => reader.GetValue(column) is var value && value is DBNull ? null : value;

    public override async ValueTask DisposeAsync()
    {
        ArrayPool<byte>.Shared.Return(text);
        await reader.DisposeAsync();
        await command.DisposeAsync();
    }

    private ReadOnlySpan<byte> Encode(string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(value.Length);
        if (text.Length < most)
        {
            ArrayPool<byte>.Shared.Return(text);
            text = ArrayPool<byte>.Shared.Rent(most);
        }
        return text.AsSpan(0, Encoding.UTF8.GetBytes(value, text));
    }
}
