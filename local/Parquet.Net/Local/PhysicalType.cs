using Parquet.Schema;

namespace Portability.Local.ParquetFormat;

/// <summary>How values are stored; numbers as in the format.</summary>
internal enum Physical
{
    Boolean = 0,
    Int32 = 1,
    Int64 = 2,
    Int96 = 3,
    Float = 4,
    Double = 5,
    ByteArray = 6,
    FixedLengthByteArray = 7,
}

/// <summary>A column as the file's schema describes it: how values are stored and what they mean.</summary>
internal sealed record PhysicalType(Physical Type)
{
    private const int Utf8 = 0;
    private const int Decimal = 5;
    private const int Date = 6;
    private const int TimestampMillis = 9;
    private const int TimestampMicros = 10;
    private const int Unsigned8 = 11;
    private const int Signed8 = 15;

    /// <summary>Bytes of a value of fixed length.</summary>
    public int? Length { get; private init; }

    /// <summary>The older annotation, for readers that know only that.</summary>
    public int? Converted { get; private init; }

    public int? Precision { get; private init; }

    public int? Scale { get; private init; }

    /// <summary>Writes the logical type, a union; null for none.</summary>
    public Action<ThriftWriter>? Logical { get; private init; }

    /// <summary>The type that values of a type are written as. Throws <see cref="NotSupportedException"/> for others.</summary>
    public static Type ClrTypeOf(Type type) =>
        type == typeof(string) ? typeof(ReadOnlyMemory<char>)
        : type == typeof(byte[]) ? typeof(ReadOnlyMemory<byte>)
        : IsKnown(type) ? type
        : throw new NotSupportedException($"type {type} is not supported");

    public static PhysicalType Of(DataField field)
    {
        var type = field.ClrType;
        return field switch
        {
            DateTimeDataField dates => OfDates(dates),
            DecimalDataField decimals => OfDecimals(
                decimals.Precision,
                decimals.Scale,
                decimals.ForceByteArrayEncoding || decimals.Precision > 18 ? Physical.FixedLengthByteArray
                    : decimals.Precision <= 9 ? Physical.Int32
                    : Physical.Int64
            ),
            _ when type == typeof(bool) => new(Physical.Boolean),
            _ when type == typeof(sbyte) => Integer(8, isSigned: true),
            _ when type == typeof(byte) => Integer(8, isSigned: false),
            _ when type == typeof(short) => Integer(16, isSigned: true),
            _ when type == typeof(ushort) => Integer(16, isSigned: false),
            _ when type == typeof(int) => Integer(32, isSigned: true),
            _ when type == typeof(uint) => Integer(32, isSigned: false),
            _ when type == typeof(long) => Integer(64, isSigned: true),
            _ when type == typeof(ulong) => Integer(64, isSigned: false),
            _ when type == typeof(float) => new(Physical.Float),
            _ when type == typeof(double) => new(Physical.Double),
            _ when type == typeof(decimal) => OfDecimals(38, 18, Physical.FixedLengthByteArray),
            _ when type == typeof(DateTime) => new(Physical.Int96),
            _ when type == typeof(DateOnly) => new(Physical.Int32) { Converted = Date, Logical = Empty(6) },
            _ when type == typeof(Guid) => new(Physical.FixedLengthByteArray) { Length = 16, Logical = Empty(14) },
            _ when type == typeof(ReadOnlyMemory<char>) => new(Physical.ByteArray)
            {
                Converted = Utf8,
                Logical = Empty(1),
            },
            _ => new(Physical.ByteArray),
        };
    }

    private static bool IsKnown(Type type) =>
        type == typeof(bool)
        || type == typeof(byte)
        || type == typeof(sbyte)
        || type == typeof(short)
        || type == typeof(ushort)
        || type == typeof(int)
        || type == typeof(uint)
        || type == typeof(long)
        || type == typeof(ulong)
        || type == typeof(float)
        || type == typeof(double)
        || type == typeof(decimal)
        || type == typeof(DateTime)
        || type == typeof(DateOnly)
        || type == typeof(Guid)
        || type == typeof(ReadOnlyMemory<char>)
        || type == typeof(ReadOnlyMemory<byte>);

    private static PhysicalType Integer(sbyte bits, bool isSigned) =>
        new(bits == 64 ? Physical.Int64 : Physical.Int32)
        {
            Converted = (isSigned ? Signed8 : Unsigned8) + int.Log2(bits) - 3,
            Logical = thrift =>
                thrift.Structure(
                    10,
                    () =>
                    {
                        thrift.Byte(1, bits);
                        thrift.Bool(2, isSigned);
                    }
                ),
        };

    private static PhysicalType OfDecimals(int precision, int scale, Physical physical) =>
        new(physical)
        {
            Length = physical == Physical.FixedLengthByteArray ? BytesOf(precision) : null,
            Converted = Decimal,
            Precision = precision,
            Scale = scale,
            Logical = thrift =>
                thrift.Structure(
                    5,
                    () =>
                    {
                        thrift.Int32(1, scale);
                        thrift.Int32(2, precision);
                    }
                ),
        };

    private static PhysicalType OfDates(DateTimeDataField field) =>
        field.DateTimeFormat switch
        {
            DateTimeFormat.Date => new(Physical.Int32) { Converted = Date, Logical = Empty(6) },
            DateTimeFormat.DateAndTime => new(Physical.Int64) { Converted = TimestampMillis },
            DateTimeFormat.DateAndTimeMicros => new(Physical.Int64) { Converted = TimestampMicros },
            DateTimeFormat.Timestamp => new(Physical.Int64)
            {
                Logical = thrift =>
                    thrift.Structure(
                        8,
                        () =>
                        {
                            thrift.Bool(1, field.IsAdjustedToUTC);
                            thrift.Structure(2, () => thrift.Structure(1 + (int)field.Unit, () => { }));
                        }
                    ),
            },
            _ => new(Physical.Int96),
        };

    /// <summary>A logical type without parameters: its number in the union and an empty structure.</summary>
    private static Action<ThriftWriter> Empty(int id) => thrift => thrift.Structure(id, () => { });

    /// <summary>Bytes that a two's complement number of so many digits needs.</summary>
    private static int BytesOf(int precision) =>
        (int)((System.Numerics.BigInteger.Pow(10, precision) - 1).GetBitLength() / 8) + 1;
}
