using System.Buffers.Binary;

namespace Portability.Exports.Rows;

/// <content>The bytes that have come: filled from the server's stream, given up row by row.</content>
internal sealed partial class PostgresRowReader
{
    /// <summary>
    /// Reads on until so many bytes stand in the buffer from a place on, which becomes the current one; what stands before is given up.
    /// </summary>
    private ReadOnlySpan<byte> More(int at, int count)
    {
        _row = _at = at;
        Need(count);
        return _bytes.AsSpan(0, _end);
    }

    private void ReadHeader()
    {
        const int Fixed = 11 + 4 + 4;
        Need(Fixed);
        if (!_bytes.AsSpan(_at, 7).SequenceEqual("PGCOPY\n"u8))
        {
            throw new InvalidDataException("The server's answer to COPY does not begin as it should.");
        }

        _at += Fixed - 4;
        var extension = ReadInt32();
        Need(extension);
        _at += extension;
        _begun = true;
        _row = _at;
    }

    private short ReadInt16()
    {
        if (_end - _at < 2)
        {
            Need(2);
        }

        var value = BinaryPrimitives.ReadInt16BigEndian(_bytes.AsSpan(_at));
        _at += 2;
        return value;
    }

    private int ReadInt32()
    {
        if (_end - _at < 4)
        {
            Need(4);
        }

        var value = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(_at));
        _at += 4;
        return value;
    }

    /// <summary>Forgets the row before; a buffer that a huge value has stretched goes back to its usual size.</summary>
    private void Release()
    {
        if (_bytes.Length > Capacity && _end - _at < Capacity)
        {
            var usual = new byte[Capacity];
            _bytes.AsSpan(_at, _end - _at).CopyTo(usual);
            _bytes = usual;
            _end -= _at;
            _at = 0;
        }
        else if (_at == _end)
        {
            _at = _end = 0;
        }

        _row = _at;
    }

    /// <summary>Sees to it that so many bytes of the row stand in the buffer from the current place on.</summary>
    private void Need(int count)
    {
        while (_end - _at < count)
        {
            if (_bytes.Length - _at < count)
            {
                MakeRoom(count);
            }

            var read = Receive(_bytes.AsSpan(_end));
            if (read == 0)
            {
                throw new EndOfStreamException("The rows ended before their last.");
            }

            _end += read;
        }
    }

    private int Receive(Span<byte> target)
    {
        try
        {
            return _stream.Read(target);
        }
        catch
        {
            _failed = true;
            throw;
        }
    }

    private void MakeRoom(int count)
    {
        var used = _end - _row;
        var needed = checked(_at - _row + count);
        var target =
            needed <= _bytes.Length
                ? _bytes
                : new byte[Math.Max(needed, (int)Math.Min(_bytes.Length * 2L, Array.MaxLength))];
        _bytes.AsSpan(_row, used).CopyTo(target);
        _bytes = target;
        _at -= _row;
        _end = used;
        _row = 0;
    }
}
