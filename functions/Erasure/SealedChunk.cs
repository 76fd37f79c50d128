using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Erasure;

/// <summary>
/// One batch of sealed rows as bytes: length, nonce, tag, ciphertext (AES-256-GCM). Case, run, dataset and batch number are
/// authenticated, so a chunk cannot be moved to another place. A chunk without rows ends the file: truncation is noticed.
/// </summary>
internal static class SealedChunk
{
    public const int HeaderBytes = 4 + NonceBytes + TagBytes;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Encrypt(byte[] key, string place, long batch, IReadOnlyList<SealedRow> rows)
    {
        using var plain = new MemoryStream();
        using (var writer = new BinaryWriter(plain, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write7BitEncodedInt(rows.Count);
            foreach (var row in rows)
            {
                writer.Write((byte)row.Fate);
                writer.Write7BitEncodedInt64(row.Release);
                writer.Write((byte)row.Values.Length);
                foreach (var value in row.Values)
                {
                    WriteValue(writer, value);
                }
            }
        }
        var content = plain.ToArray();
        var chunk = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(chunk, content.Length);
        var nonce = chunk.AsSpan(4, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(
            nonce,
            content,
            chunk.AsSpan(HeaderBytes),
            chunk.AsSpan(4 + NonceBytes, TagBytes),
            Bind(place, batch)
        );
        return chunk;
    }

    public static int LengthOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header);

    /// <summary>Throws <see cref="AuthenticationTagMismatchException"/> when anything was changed or moved.</summary>
    public static List<SealedRow> Decrypt(
        byte[] key,
        string place,
        long batch,
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> body
    )
    {
        var plain = new byte[body.Length];
        using var aes = new AesGcm(key, TagBytes);
        aes.Decrypt(
            header.Slice(4, NonceBytes),
            body,
            header.Slice(4 + NonceBytes, TagBytes),
            plain,
            Bind(place, batch)
        );
        using var reader = new BinaryReader(new MemoryStream(plain, writable: false), Encoding.UTF8);
        var count = reader.Read7BitEncodedInt();
        var rows = new List<SealedRow>(count);
        for (var i = 0; i < count; i++)
        {
            var fate = (RowFate)reader.ReadByte();
            var release = reader.Read7BitEncodedInt64();
            var values = new object?[reader.ReadByte()];
            for (var v = 0; v < values.Length; v++)
            {
                values[v] = ReadValue(reader);
            }
            rows.Add(new(fate, release, values));
        }
        return rows;
    }

    private static byte[] Bind(string place, long batch) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place}|{batch}"));

    private static void WriteValue(BinaryWriter writer, object? value)
    {
        switch (value)
        {
            case null or DBNull:
                writer.Write((byte)0);
                break;
            case long or int or short or byte or bool:
                writer.Write((byte)1);
                writer.Write(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double real:
                writer.Write((byte)2);
                writer.Write(real);
                break;
            case string text:
                writer.Write((byte)3);
                writer.Write(text);
                break;
            case byte[] bytes:
                writer.Write((byte)4);
                writer.Write7BitEncodedInt(bytes.Length);
                writer.Write(bytes);
                break;
            case Guid guid:
                writer.Write((byte)5);
                writer.Write(guid.ToByteArray());
                break;
            case decimal number:
                writer.Write((byte)6);
                writer.Write(number);
                break;
            case DateTime instant:
                writer.Write((byte)7);
                writer.Write(instant.ToBinary());
                break;
            case DateOnly day:
                writer.Write((byte)8);
                writer.Write(day.DayNumber);
                break;
            default:
                throw new NotSupportedException($"A key of type {value.GetType().Name} cannot be sealed.");
        }
    }

    private static object? ReadValue(BinaryReader reader) =>
        reader.ReadByte() switch
        {
            0 => null,
            1 => reader.ReadInt64(),
            2 => reader.ReadDouble(),
            3 => reader.ReadString(),
            4 => reader.ReadBytes(reader.Read7BitEncodedInt()),
            5 => new Guid(reader.ReadBytes(16)),
            6 => reader.ReadDecimal(),
            7 => DateTime.FromBinary(reader.ReadInt64()),
            8 => DateOnly.FromDayNumber(reader.ReadInt32()),
            var unknown => throw new InvalidDataException($"Sealed value of unknown kind {unknown}."),
        };
}
