using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Makes the keyed hash by which the ledger knows a row of a dataset again, of the row's cells as they come: the key's first. Only keys
/// of numbers, GUIDs and dates get one: a key that is a text may be somebody's address, and a hash of it would still be about that
/// person to whoever has the key.
/// </summary>
internal sealed class RowMarks : ICellSink
{
    private readonly int keyColumns;
    private readonly int prefix;
    private byte[] buffer = new byte[256];
    private int at;
    private int column;
    private bool canBeMarked;

    /// <param name="customer">Part of what is hashed: rows of two customers are never compared.</param>
    /// <param name="dataset">Part of it too.</param>
    /// <param name="keyColumns">How many of a row's cells are its key.</param>
    public RowMarks(string customer, string dataset, int keyColumns)
    {
        this.keyColumns = keyColumns;
        byte[] name = Encoding.UTF8.GetBytes($"{customer.Length}:{customer}{dataset}");
        prefix = name.Length;
        Room(prefix);
        name.CopyTo(buffer, 0);
        Begin();
    }

    /// <summary>Forgets the row before; the cells of the next follow.</summary>
    public void Begin() => (at, column, canBeMarked) = (prefix, 0, true);

    /// <summary>The mark of the row, or null where its key gets none.</summary>
    /// <param name="key">Secret; of <see cref="RunKeys"/>.</param>
    public ulong? Of(byte[] key)
    {
        if (!canBeMarked || column < keyColumns)
        {
            return null;
        }
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, buffer.AsSpan(0, at), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    public void Null() => Refuse();

    public void Real(double value) => Refuse();

    public void Text(ReadOnlySpan<byte> utf8) => Refuse();

    public void Bytes(ReadOnlySpan<byte> value) => Refuse();

    public void Integer(long value)
    {
        if (column++ < keyColumns)
        {
            BinaryPrimitives.WriteInt64BigEndian(Take(1, sizeof(long)), value);
        }
    }

    public void Other(object value)
    {
        if (column++ >= keyColumns)
        {
            return;
        }
        switch (value)
        {
            case Guid guid:
                guid.TryWriteBytes(Take(2, 16), bigEndian: true, out _);
                break;
            case DateOnly day:
                BinaryPrimitives.WriteInt32BigEndian(Take(3, sizeof(int)), day.DayNumber);
                break;
            case DateTime instant:
                BinaryPrimitives.WriteInt64BigEndian(Take(4, sizeof(long)), instant.Ticks);
                break;
            case decimal number:
                // Without trailing zeros: 7 and 7.00 are the same key.
                var text = number.ToString("0.############################", CultureInfo.InvariantCulture);
                Encoding.ASCII.GetBytes(text, Take((byte)(64 + text.Length), text.Length));
                break;
            default:
                canBeMarked = false;
                break;
        }
    }

    private void Refuse() => canBeMarked &= column++ >= keyColumns;

    private Span<byte> Take(byte kind, int length)
    {
        Room(at + 1 + length);
        buffer[at++] = kind;
        at += length;
        return buffer.AsSpan(at - length, length);
    }

    private void Room(int wanted)
    {
        if (buffer.Length < wanted)
        {
            Array.Resize(ref buffer, Math.Max(wanted, buffer.Length * 2));
        }
    }
}
