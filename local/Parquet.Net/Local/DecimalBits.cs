using System.Buffers.Binary;
using Parquet;

namespace Portability.Local.ParquetFormat;

/// <summary>Decimals as whole numbers of their smallest unit.</summary>
internal static class DecimalBits
{
    /// <summary>The value times ten to the scale; digits beyond the scale are cut off. Throws when the precision is too small.</summary>
    public static Int128 Unscaled(decimal value, int precision, int scale)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var number = new Int128((uint)bits[2], ((ulong)(uint)bits[1] << 32) | (uint)bits[0]);
        try
        {
            for (var shift = scale - ((bits[3] >> 16) & 0xFF); shift != 0; shift -= Math.Sign(shift))
            {
                number = shift > 0 ? checked(number * 10) : number / 10;
            }

            if (number < PowerOfTen(precision))
            {
                return bits[3] < 0 ? -number : number;
            }
        }
        catch (OverflowException)
        {
            // Named below.
        }

        throw new ParquetException($"value '{value}' is too large to fit into scale {scale} and precision {precision}");
    }

    public static void Write(ByteBuffer output, Int128 unscaled, PhysicalType type)
    {
        var length = LengthOf(type);
        Write(output.Reserve(length)[..length], unscaled, type);
        output.Advance(length);
    }

    public static byte[] Bytes(Int128 unscaled, PhysicalType type)
    {
        var bytes = new byte[LengthOf(type)];
        Write(bytes, unscaled, type);
        return bytes;
    }

    private static int LengthOf(PhysicalType type) =>
        type.Type switch
        {
            Physical.Int32 => 4,
            Physical.Int64 => 8,
            _ => type.Length!.Value,
        };

    private static void Write(Span<byte> output, Int128 unscaled, PhysicalType type)
    {
        switch (type.Type)
        {
            case Physical.Int32:
                BinaryPrimitives.WriteInt32LittleEndian(output, (int)unscaled);
                break;
            case Physical.Int64:
                BinaryPrimitives.WriteInt64LittleEndian(output, (long)unscaled);
                break;
            default:
                Span<byte> wide = stackalloc byte[16];
                BinaryPrimitives.WriteInt128BigEndian(wide, unscaled);
                wide[(16 - output.Length)..].CopyTo(output);
                break;
        }
    }

    private static Int128 PowerOfTen(int exponent)
    {
        var power = Int128.One;
        for (var i = 0; i < exponent; i++)
        {
            power = checked(power * 10);
        }

        return power;
    }
}
