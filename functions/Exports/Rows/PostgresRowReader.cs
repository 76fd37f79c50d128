using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Npgsql;
using Portability.Sources;

namespace Portability.Exports.Rows;

/// <summary>
/// Rows of a PostgreSQL query, by binary COPY: the server streams them, and at most one is held here. Values come as SQLite stores them:
/// booleans as 0 and 1, dates and times as ISO 8601, numerics with all their digits, what has no form of its own as text.
/// </summary>
internal sealed partial class PostgresRowReader : RowReader
{
    private const int Capacity = 64 * 1024;

    private readonly PostgresSnapshots.Lease _lease;
    private readonly NpgsqlRawCopyStream _stream;
    private readonly PostgresForm[] _forms;
    private readonly PostgresText _text = new();
    private readonly BatchSockets _sockets;
    private readonly int[] _starts;
    private readonly int[] _lengths;
    private byte[] _bytes = new byte[Capacity];
    private int _row;
    private int _at;
    private int _end;
    private bool _begun;
    private bool _ended;
    private bool _failed;
    private bool _disposed;

    public PostgresRowReader(NpgsqlConnection connection, RowQuery query)
    {
        _lease = PostgresSnapshots.Take(connection);
        try
        {
            var sql = PostgresQuery.Bind(_lease.Connection, query);
            var types = PostgresQuery.Describe(_lease.Connection, sql);
            _forms = [.. types.Select(PostgresText.FormOf)];
            _stream = _lease.Connection.BeginRawBinaryCopy(
                $"COPY ({PostgresQuery.Spelt(sql, types)}) TO STDOUT (FORMAT BINARY)"
            );
        }
        catch
        {
            _lease.Dispose();
            throw;
        }

        _sockets = new BatchSockets();

        _starts = new int[_forms.Length];
        _lengths = new int[_forms.Length];
        Width = _forms.Length;
    }

    public override int Width { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override bool Read()
    {
        if (!BeginRow())
        {
            return false;
        }

        for (var i = 0; i < _lengths.Length; i++)
        {
            if (_end - _at < 4)
            {
                Need(4);
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_at));
            _at += 4;
            _lengths[i] = length;
            _starts[i] = _at - _row;
            if (length > 0)
            {
                if (_end - _at < length)
                {
                    Need(length);
                }

                _at += length;
            }
        }

        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Get(int column, out Cell cell)
    {
        var length = _lengths[column];
        if (length < 0)
        {
            cell = default;
            return;
        }

        var value = _bytes.AsSpan(_row + _starts[column], length);
        switch (_forms[column])
        {
            case PostgresForm.Text:
                cell = new Cell(CellKind.Text, value);
                break;
            case PostgresForm.Int32:
                cell = new Cell(BinaryPrimitives.ReadInt32BigEndian(value));
                break;
            case PostgresForm.Int64:
                cell = new Cell(BinaryPrimitives.ReadInt64BigEndian(value));
                break;
            case PostgresForm.Boolean:
                cell = new Cell((long)value[0]);
                break;
            default:
                _text.Read(_forms[column], value, out cell);
                break;
        }
    }

    /// <summary>Goes to the first value of the next row; false after the last row.</summary>
    private bool BeginRow()
    {
        if (_ended)
        {
            return false;
        }

        _text.Clear();
        Release();
        if (!_begun)
        {
            ReadHeader();
        }

        var width = ReadInt16();
        if (width < 0)
        {
            _ended = true;
            return false;
        }

        return width == Width
            ? true
            : throw new InvalidDataException($"A row of {width} values came where {Width} were asked for.");
    }

    public override void Fill(RowBatch batch)
    {
        using var work = BatchWork.Declare();
        batch.Clear();
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

    public override bool Pour<TSink>(ref TSink sink)
    {
        using var work = BatchWork.Declare();
        while (BeginRow())
        {
            Give(ref sink);
            if (!sink.EndRow())
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A row, value by value as they come: once given, a value need not stay in the buffer.</summary>
    private void Give<TSink>(ref TSink sink)
        where TSink : struct, IRowSink
    {
        var forms = _forms;
        // Locals, as fields would be loaded and stored again at every value.
        ReadOnlySpan<byte> held = _bytes.AsSpan(0, _end);
        var at = _at;
        for (var i = 0; i < forms.Length; i++)
        {
            if (held.Length - at < 4)
            {
                held = More(at, 4);
                at = _at;
            }

            var length = BinaryPrimitives.ReadInt32BigEndian(held[at..]);
            at += 4;
            if (length < 0)
            {
                sink.Null(i);
                continue;
            }

            if (held.Length - at < length)
            {
                held = More(at, length);
                at = _at;
            }

            var value = held.Slice(at, length);
            at += length;
            switch (forms[i])
            {
                case PostgresForm.Text:
                    sink.Text(i, value);
                    break;
                case PostgresForm.Int32:
                    sink.Integer(i, BinaryPrimitives.ReadInt32BigEndian(value));
                    break;
                case PostgresForm.Int64:
                    sink.Integer(i, BinaryPrimitives.ReadInt64BigEndian(value));
                    break;
                case PostgresForm.Boolean:
                    sink.Integer(i, value[0]);
                    break;
                case PostgresForm.Bytes:
                    sink.Blob(i, value);
                    break;
                default:
                    GiveMade(ref sink, i, value);
                    break;
            }
        }

        _at = at;
    }

    /// <summary>A value that has to be made from what the server sent.</summary>
    private void GiveMade<TSink>(ref TSink sink, int column, ReadOnlySpan<byte> value)
        where TSink : struct, IRowSink
    {
        var form = _forms[column];
        _text.Read(form, value, out var cell);
        if (cell.Kind == CellKind.Integer)
        {
            sink.Integer(column, cell.Integer);
        }
        else if (cell.Kind == CellKind.Real)
        {
            sink.Real(column, cell.Real);
        }
        else if (PostgresText.IsPlain(form, cell.Bytes))
        {
            sink.Plain(column, cell.Bytes);
        }
        else
        {
            sink.Text(column, cell.Bytes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Copy(RowBatch batch)
    {
        batch.Begin(out var kinds, out var numbers);
        for (var i = 0; i < kinds.Length; i++)
        {
            Get(i, out var cell);
            kinds[i] = cell.Kind;
            numbers[i] = cell.Kind is CellKind.Text or CellKind.Blob ? batch.Keep(cell.Bytes) : cell.Integer;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (!disposing || _disposed)
        {
            return;
        }

        _disposed = true;
        _sockets.Dispose();
        try
        {
            if (!_ended && !_failed && !IsNearlyOver())
            {
                // Else closing would read all that is left.
                _stream.Cancel();
                _stream.Dispose();
                _lease.Recover();
                return;
            }

            _stream.Dispose();
            if (_failed)
            {
                _lease.Recover();
            }
        }
        catch (NpgsqlException) when (!_ended)
        {
            // Whoever uses the connection next is told; here it would hide why these rows were left.
        }
        finally
        {
            _lease.Dispose();
        }
    }

    /// <summary>A query of one row is asked for that row and not for its end: the little that is left is read.</summary>
    private bool IsNearlyOver()
    {
        for (var left = Capacity; left > 0; )
        {
            var read = Receive(_bytes);
            if (read == 0)
            {
                return true;
            }

            left -= read;
        }

        return false;
    }
}
