using System.Text;

namespace Portability.Local.ParquetFormat;

/// <summary>The compact protocol of Apache Thrift, as far as Parquet's metadata needs it.</summary>
/// <remarks>
/// A field begins with the distance of its id from that of the field before, and its type, in one byte; all distances in
/// Parquet's structures fit. Numbers are zigzag varints.
/// </remarks>
internal sealed class ThriftWriter(ByteBuffer output)
{
    private const byte True = 1;
    private const byte False = 2;
    private const byte SmallInteger = 3;
    private const byte Integer32 = 5;
    private const byte Integer64 = 6;
    private const byte Binary = 8;
    private const byte List = 9;
    private const byte Struct = 12;

    private int _last;

    public void Bool(int id, bool value) => Field(id, value ? True : False);

    public void Byte(int id, sbyte value)
    {
        Field(id, SmallInteger);
        output.WriteByte((byte)value);
    }

    public void Int32(int id, int? value)
    {
        if (value is { } number)
        {
            Field(id, Integer32);
            Varint(Zigzag(number));
        }
    }

    public void Int64(int id, long? value)
    {
        if (value is { } number)
        {
            Field(id, Integer64);
            Varint(Zigzag(number));
        }
    }

    public void Bytes(int id, byte[]? value)
    {
        if (value is not null)
        {
            Field(id, Binary);
            Bytes(value);
        }
    }

    public void Text(int id, string value) => Bytes(id, Encoding.UTF8.GetBytes(value));

    public void Int32List(int id, IReadOnlyCollection<int> values)
    {
        Begin(id, values.Count, Integer32);
        foreach (var value in values)
        {
            Varint(Zigzag(value));
        }
    }

    public void TextList(int id, IReadOnlyCollection<string> values)
    {
        Begin(id, values.Count, Binary);
        foreach (var value in values)
        {
            Bytes(Encoding.UTF8.GetBytes(value));
        }
    }

    /// <summary>A structure as a field.</summary>
    public void Structure(int id, Action write)
    {
        Field(id, Struct);
        Structure(write);
    }

    /// <summary>A list of structures as a field.</summary>
    public void Structures<T>(int id, IReadOnlyCollection<T> items, Action<T> write)
    {
        Begin(id, items.Count, Struct);
        foreach (var item in items)
        {
            Structure(() => write(item));
        }
    }

    /// <summary>A structure by itself: its fields, then the stop.</summary>
    public void Structure(Action write)
    {
        var outer = _last;
        _last = 0;
        write();
        output.WriteByte(0);
        _last = outer;
    }

    private void Field(int id, byte type)
    {
        output.WriteByte((byte)(((id - _last) << 4) | type));
        _last = id;
    }

    private void Begin(int id, int count, byte type)
    {
        Field(id, List);
        if (count < 15)
        {
            output.WriteByte((byte)((count << 4) | type));
        }
        else
        {
            output.WriteByte((byte)(0xF0 | type));
            Varint((ulong)count);
        }
    }

    private void Bytes(byte[] value)
    {
        Varint((ulong)value.Length);
        output.Write(value);
    }

    private void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            output.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }

        output.WriteByte((byte)value);
    }

    private static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));
}
