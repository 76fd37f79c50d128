using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using Parquet;
using Parquet.Schema;

namespace Portability.Local.ParquetFormat;

/// <summary>Values one after the other in the encoding called PLAIN, with the smallest and the largest of them.</summary>
internal static class PlainEncoder
{
    private static readonly int UnixDays = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    public static MinMax Write<T>(ByteBuffer output, ReadOnlySpan<T> values, DataField field, PhysicalType type)
        where T : struct
    {
        if (typeof(T) == typeof(bool))
        {
            return Booleans(output, As<T, bool>(values));
        }

        if (typeof(T) == typeof(ReadOnlyMemory<char>))
        {
            return Texts(output, As<T, ReadOnlyMemory<char>>(values));
        }

        if (typeof(T) == typeof(ReadOnlyMemory<byte>))
        {
            return Blobs(output, As<T, ReadOnlyMemory<byte>>(values));
        }

        if (typeof(T) == typeof(long))
        {
            return Numbers(output, As<T, long>(values));
        }

        if (typeof(T) == typeof(int))
        {
            return Numbers(output, As<T, int>(values));
        }

        if (typeof(T) == typeof(double))
        {
            return Numbers(output, As<T, double>(values));
        }

        if (typeof(T) == typeof(DateTime))
        {
            return Dates(output, As<T, DateTime>(values), field as DateTimeDataField);
        }

        if (typeof(T) == typeof(decimal))
        {
            return Decimals(output, As<T, decimal>(values), type);
        }

        return Rare(output, values);
    }

    private static MinMax Rare<T>(ByteBuffer output, ReadOnlySpan<T> values)
        where T : struct
    {
        if (typeof(T) == typeof(float))
        {
            return Numbers(output, As<T, float>(values));
        }

        if (typeof(T) == typeof(ulong))
        {
            return Numbers(output, As<T, ulong>(values));
        }

        if (typeof(T) == typeof(uint))
        {
            return Numbers(output, As<T, uint>(values));
        }

        if (typeof(T) == typeof(DateOnly))
        {
            return Mapped(output, As<T, DateOnly>(values), date => date.DayNumber - UnixDays);
        }

        if (typeof(T) == typeof(Guid))
        {
            return Guids(output, As<T, Guid>(values));
        }

        return typeof(T) == typeof(byte) ? Mapped(output, As<T, byte>(values), value => (int)value)
            : typeof(T) == typeof(sbyte) ? Mapped(output, As<T, sbyte>(values), value => (int)value)
            : typeof(T) == typeof(short) ? Mapped(output, As<T, short>(values), value => (int)value)
            : typeof(T) == typeof(ushort) ? Mapped(output, As<T, ushort>(values), value => (int)value)
            : throw new NotSupportedException($"type {typeof(T)} is not supported");
    }

    private static ReadOnlySpan<TTo> As<TFrom, TTo>(ReadOnlySpan<TFrom> values)
        where TFrom : struct
        where TTo : struct =>
        MemoryMarshal.CreateReadOnlySpan(
            ref System.Runtime.CompilerServices.Unsafe.As<TFrom, TTo>(ref MemoryMarshal.GetReference(values)),
            values.Length
        );

    private static MinMax Numbers<T>(ByteBuffer output, ReadOnlySpan<T> values)
        where T : unmanaged, INumber<T>
    {
        output.Write(MemoryMarshal.AsBytes(values));
        var (min, max, any) = (default(T), default(T), false);
        foreach (var value in values)
        {
            // Not a number has no place in an order.
            if (T.IsNaN(value))
            {
                continue;
            }

            (min, max) = any ? (value < min ? value : min, value > max ? value : max) : (value, value);
            any = true;
        }

        if (!any)
        {
            return MinMax.None;
        }

        // Both zeros are equal here but not their bits: the format asks for the outer ones.
        var negativeZero = typeof(T) == typeof(double) || typeof(T) == typeof(float) ? -T.Zero : T.Zero;
        return new MinMax(Bytes(T.IsZero(min) ? negativeZero : min), Bytes(T.IsZero(max) ? T.Zero : max));
    }

    private static byte[] Bytes<T>(T value)
        where T : unmanaged => MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref value, 1)).ToArray();

    private static MinMax Mapped<TFrom, TTo>(ByteBuffer output, ReadOnlySpan<TFrom> values, Func<TFrom, TTo> map)
        where TTo : unmanaged, INumber<TTo>
    {
        var mapped = ArrayPool<TTo>.Shared.Rent(Math.Max(values.Length, 1));
        for (var i = 0; i < values.Length; i++)
        {
            mapped[i] = map(values[i]);
        }

        var range = Numbers(output, (ReadOnlySpan<TTo>)mapped.AsSpan(0, values.Length));
        ArrayPool<TTo>.Shared.Return(mapped);
        return range;
    }

    private static MinMax Booleans(ByteBuffer output, ReadOnlySpan<bool> values)
    {
        var bytes = output.Reserve((values.Length + 7) / 8)[..((values.Length + 7) / 8)];
        bytes.Clear();
        for (var i = 0; i < values.Length; i++)
        {
            bytes[i >> 3] |= (byte)(values[i] ? 1 << (i & 7) : 0);
        }

        output.Advance(bytes.Length);
        return values.IsEmpty
            ? MinMax.None
            : new MinMax([values.Contains(false) ? (byte)0 : (byte)1], [values.Contains(true) ? (byte)1 : (byte)0]);
    }

    private static MinMax Texts(ByteBuffer output, ReadOnlySpan<ReadOnlyMemory<char>> values)
    {
        var order = new ByteOrder();
        foreach (var value in values)
        {
            var text = value.Span;
            var span = output.Reserve(checked(4 + (text.Length * 3)));
            var length = Encoding.UTF8.GetBytes(text, span[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(span, length);
            order.See(output, output.Count + 4, span.Slice(4, length));
            output.Advance(4 + length);
        }

        return order.Range(output);
    }

    private static MinMax Blobs(ByteBuffer output, ReadOnlySpan<ReadOnlyMemory<byte>> values)
    {
        var order = new ByteOrder();
        foreach (var value in values)
        {
            var span = output.Reserve(4 + value.Length);
            BinaryPrimitives.WriteInt32LittleEndian(span, value.Length);
            value.Span.CopyTo(span[4..]);
            order.See(output, output.Count + 4, value.Span);
            output.Advance(4 + value.Length);
        }

        return order.Range(output);
    }

    private static MinMax Guids(ByteBuffer output, ReadOnlySpan<Guid> values)
    {
        var order = new ByteOrder();
        foreach (var value in values)
        {
            var span = output.Reserve(16)[..16];
            value.TryWriteBytes(span, bigEndian: true, out _);
            order.See(output, output.Count, span);
            output.Advance(16);
        }

        return order.Range(output);
    }

    private static MinMax Dates(ByteBuffer output, ReadOnlySpan<DateTime> values, DateTimeDataField? field)
    {
        switch (field?.DateTimeFormat)
        {
            case DateTimeFormat.Date:
                return Mapped(output, values, value => (int)(Ticks(value) / TimeSpan.TicksPerDay));
            case null or DateTimeFormat.Impala:
                foreach (var value in values)
                {
                    WriteInt96(output, value);
                }

                return MinMax.None;
            default:
                return field.Unit switch
                {
                    DateTimeTimeUnit.Millis => Mapped(
                        output,
                        values,
                        value => Ticks(value) / TimeSpan.TicksPerMillisecond
                    ),
                    DateTimeTimeUnit.Micros => Mapped(
                        output,
                        values,
                        value => Ticks(value) / TimeSpan.TicksPerMicrosecond
                    ),
                    _ => Mapped(output, values, value => checked(Ticks(value) * TimeSpan.NanosecondsPerTick)),
                };
        }
    }

    /// <summary>Ticks since 1970; a local time becomes UTC, any other is taken as it stands.</summary>
    private static long Ticks(DateTime value) =>
        (value.Kind == DateTimeKind.Local ? value.ToUniversalTime() : value).Ticks - DateTime.UnixEpoch.Ticks;

    private static void WriteInt96(ByteBuffer output, DateTime value)
    {
        const int JulianDayOf1970 = 2_440_588;
        var (days, rest) = Math.DivRem(Ticks(value), TimeSpan.TicksPerDay);
        if (rest < 0)
        {
            (days, rest) = (days - 1, rest + TimeSpan.TicksPerDay);
        }

        var span = output.Reserve(12);
        BinaryPrimitives.WriteInt64LittleEndian(span, rest * TimeSpan.NanosecondsPerTick);
        BinaryPrimitives.WriteInt32LittleEndian(span[8..], (int)days + JulianDayOf1970);
        output.Advance(12);
    }

    private static MinMax Decimals(ByteBuffer output, ReadOnlySpan<decimal> values, PhysicalType type)
    {
        var (min, max) = (Int128.MaxValue, Int128.MinValue);
        foreach (var value in values)
        {
            var unscaled = DecimalBits.Unscaled(value, type.Precision!.Value, type.Scale!.Value);
            (min, max) = (Int128.Min(min, unscaled), Int128.Max(max, unscaled));
            DecimalBits.Write(output, unscaled, type);
        }

        return values.IsEmpty ? MinMax.None : new MinMax(DecimalBits.Bytes(min, type), DecimalBits.Bytes(max, type));
    }
}
