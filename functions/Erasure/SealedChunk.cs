using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Portability.Erasure;

/// <summary>What a sealed cell holds. The numbers are stored: never change them.</summary>
internal enum CellKind : byte
{
    Null = 0,
    Integer = 1,
    Real = 2,
    Text = 3,
    Bytes = 4,
    Guid = 5,
    Decimal = 6,
    Instant = 7,
    Day = 8,
}

/// <summary>
/// One chunk of sealed rows as bytes: length, nonce, tag, ciphertext (AES-256-GCM). Case, run, dataset and chunk number are
/// authenticated, so a chunk cannot be moved to another place. A chunk without rows ends the file: truncation is noticed.
/// Inside: format, columns, rows of each fate; then the rows, whole numbers as the difference from the row before.
/// </summary>
internal static class SealedChunk
{
    public const int HeaderBytes = 4 + NonceBytes + TagBytes;

    /// <summary>How many fates there are.</summary>
    public const int Fates = 8;

    /// <summary>Bytes before the first row, inside.</summary>
    public const int PlainHeaderBytes = 2 + Fates * sizeof(int);

    private const byte Format = 2;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    /// <summary>Writes what stands before the rows.</summary>
    public static void WriteHeader(Span<byte> plain, int columns, ReadOnlySpan<int> fates)
    {
        plain[0] = Format;
        plain[1] = (byte)columns;
        for (var fate = 0; fate < Fates; fate++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(plain[(2 + fate * sizeof(int))..], fates[fate]);
        }
    }

    /// <summary>Rows, columns, and where the first row begins.</summary>
    public static (int Rows, int Columns, int At) ReadHeader(ReadOnlySpan<byte> plain)
    {
        if (plain[0] != Format)
        {
            throw new InvalidDataException($"Sealed rows of unknown format {plain[0]}.");
        }
        var rows = 0;
        for (var fate = 0; fate < Fates; fate++)
        {
            rows += CountOf(plain, (RowFate)fate);
        }
        return (rows, plain[1], PlainHeaderBytes);
    }

    public static int CountOf(ReadOnlySpan<byte> plain, RowFate fate) =>
        BinaryPrimitives.ReadInt32LittleEndian(plain[(2 + (int)fate * sizeof(int))..]);

    /// <summary>Encrypts; <paramref name="chunk"/> has room for the header and as many bytes as the rows.</summary>
    public static void Encrypt(AesGcm aes, string place, long number, ReadOnlySpan<byte> plain, Span<byte> chunk)
    {
        BinaryPrimitives.WriteInt32LittleEndian(chunk, plain.Length);
        var nonce = chunk.Slice(4, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(
            nonce,
            plain,
            chunk.Slice(HeaderBytes, plain.Length),
            chunk.Slice(4 + NonceBytes, TagBytes),
            Bind(place, number)
        );
    }

    public static int LengthOf(ReadOnlySpan<byte> header) => BinaryPrimitives.ReadInt32LittleEndian(header);

    public static AesGcm Cipher(byte[] key) => new(key, TagBytes);

    /// <summary>Throws <see cref="AuthenticationTagMismatchException"/> when anything was changed or moved.</summary>
    public static byte[] Decrypt(
        AesGcm aes,
        string place,
        long number,
        ReadOnlySpan<byte> header,
        ReadOnlySpan<byte> body
    )
    {
        var plain = new byte[body.Length];
        aes.Decrypt(
            header.Slice(4, NonceBytes),
            body,
            header.Slice(4 + NonceBytes, TagBytes),
            plain,
            Bind(place, number)
        );
        return plain;
    }

    /// <summary>The bytes of a value that is neither number, text nor bytes.</summary>
    public static (CellKind Kind, byte[] Bytes) Encode(object value) =>
        value switch
        {
            Guid guid => (CellKind.Guid, guid.ToByteArray()),
            decimal number => (CellKind.Decimal, Words(decimal.GetBits(number))),
            DateTime instant => (CellKind.Instant, BitConverter.GetBytes(instant.ToBinary())),
            DateOnly day => (CellKind.Day, BitConverter.GetBytes(day.DayNumber)),
            _ => throw new NotSupportedException($"A key of type {value.GetType().Name} cannot be sealed."),
        };

    public static object Decode(CellKind kind, ReadOnlySpan<byte> bytes) =>
        kind switch
        {
            CellKind.Guid => new Guid(bytes),
            CellKind.Decimal => new decimal(System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(bytes)),
            CellKind.Instant => DateTime.FromBinary(BinaryPrimitives.ReadInt64LittleEndian(bytes)),
            CellKind.Day => DateOnly.FromDayNumber(BinaryPrimitives.ReadInt32LittleEndian(bytes)),
            _ => throw new InvalidDataException($"Sealed value of unknown kind {kind}."),
        };

    private static byte[] Words(int[] words) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes<int>(words).ToArray();

    private static byte[] Bind(string place, long number) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{place}|{number}"));
}
