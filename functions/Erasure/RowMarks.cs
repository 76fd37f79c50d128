using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Erasure;

/// <summary>
/// Makes the keyed hash by which the ledger knows a row of a dataset again. Only keys of numbers, GUIDs and dates get one: a key
/// that is a text may be somebody's address, and a hash of it would still be about that person to whoever has the key.
/// </summary>
internal sealed class RowMarks
{
    private readonly byte[] key;
    private readonly int prefix;
    private byte[] buffer = new byte[256];

    /// <param name="key">Secret; of <see cref="RunKeys"/>.</param>
    /// <param name="customer">Part of what is hashed: rows of two customers are never compared.</param>
    /// <param name="dataset">Part of it too.</param>
    public RowMarks(byte[] key, string customer, string dataset)
    {
        this.key = key;
        byte[] name = Encoding.UTF8.GetBytes($"{customer.Length}:{customer}{dataset}");
        prefix = name.Length;
        Room(prefix + 128);
        name.CopyTo(buffer, 0);
    }

    /// <summary>The mark of a row, or null where its key gets none.</summary>
    public ulong? Of(ReadOnlySpan<object?> rowKey)
    {
        var at = prefix;
        foreach (var value in rowKey)
        {
            if (!TryWrite(value, ref at))
            {
                return null;
            }
        }
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, buffer.AsSpan(0, at), hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private bool TryWrite(object? value, ref int at)
    {
        Room(at + 64);
        var free = buffer.AsSpan(at);
        switch (value)
        {
            case long or int or short or byte or bool:
                free[0] = 1;
                BinaryPrimitives.WriteInt64BigEndian(free[1..], Convert.ToInt64(value, CultureInfo.InvariantCulture));
                at += 9;
                return true;
            case Guid guid:
                free[0] = 2;
                guid.TryWriteBytes(free[1..], bigEndian: true, out _);
                at += 17;
                return true;
            case DateOnly day:
                free[0] = 3;
                BinaryPrimitives.WriteInt32BigEndian(free[1..], day.DayNumber);
                at += 5;
                return true;
            case DateTime instant:
                free[0] = 4;
                BinaryPrimitives.WriteInt64BigEndian(free[1..], instant.Ticks);
                at += 9;
                return true;
            case decimal number:
                // Without trailing zeros: 7 and 7.00 are the same key.
                var text = number.ToString("0.############################", CultureInfo.InvariantCulture);
                free[0] = 5;
                free[1] = (byte)text.Length;
                at += 2 + Encoding.ASCII.GetBytes(text, free[2..]);
                return true;
            default:
                return false;
        }
    }

    private void Room(int wanted)
    {
        if (buffer.Length < wanted)
        {
            Array.Resize(ref buffer, Math.Max(wanted, buffer.Length * 2));
        }
    }
}
