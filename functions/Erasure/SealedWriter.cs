using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Writes sealed rows: begun with their fate, cell by cell, and ended. A full chunk is encrypted and goes out while the next one is
/// filled.
/// </summary>
internal sealed class SealedWriter : ISealTarget, IAsyncDisposable
{
    private readonly SealedFile file;
    private readonly string name;
    private readonly AesGcm aes;
    private readonly string place;
    private readonly int chunkRows;
    private readonly byte[][] outgoing =
    [
        [],
        [],
    ];
    private readonly int[] fates = new int[SealedChunk.Fates];
    private readonly long[] last = new long[byte.MaxValue];
    private byte[] plain = ArrayPool<byte>.Shared.Rent(1 << 16);
    private int length = SealedChunk.PlainHeaderBytes;
    private int rows;
    private int column;
    private int columns;
    private readonly long first;
    private long chunk;
    private long offset;
    private Task pending = Task.CompletedTask;

    /// <param name="blob">Written anew.</param>
    /// <param name="name">What the plan calls it.</param>
    /// <param name="key">The key that seals it.</param>
    /// <param name="place">What the rows are of; authenticated.</param>
    /// <param name="chunkRows">Rows to a chunk.</param>
    /// <param name="firstChunk">Number of the first chunk, where another file holds those before it.</param>
    public SealedWriter(BlobClient blob, string name, byte[] key, string place, int chunkRows, long firstChunk)
    {
        file = new(blob);
        this.name = name;
        aes = SealedChunk.Cipher(key);
        this.place = place;
        this.chunkRows = chunkRows;
        chunk = first = firstChunk;
    }

    /// <summary>Where the last chunk with rows begins.</summary>
    public long LastOffset { get; private set; }

    public void Begin(RowFate fate, long release)
    {
        Reserve(16);
        plain[length++] = (byte)fate;
        Number(release);
        fates[(int)fate]++;
        column = 0;
    }

    public ValueTask EndAsync(CancellationToken cancellationToken)
    {
        columns = column;
        return ++rows < chunkRows ? ValueTask.CompletedTask : new(FlushAsync(cancellationToken));
    }

    /// <summary>Writes what is left and the mark of the end.</summary>
    public async Task<SealedPart> CompleteAsync(CancellationToken cancellationToken)
    {
        if (rows > 0)
        {
            await FlushAsync(cancellationToken);
        }
        var written = new SealedPart(name, chunk - first);
        await FlushAsync(cancellationToken);
        await pending;
        await file.CompleteAsync(cancellationToken);
        return written;
    }

    public void Null() => Kind(CellKind.Null, 0);

    public void Integer(long value)
    {
        var before = last[column];
        last[column] = value;
        Kind(CellKind.Integer, 10);
        Number(unchecked(value - before));
    }

    public void Real(double value)
    {
        Kind(CellKind.Real, sizeof(double));
        BinaryPrimitives.WriteDoubleLittleEndian(plain.AsSpan(length), value);
        length += sizeof(double);
    }

    public void Text(ReadOnlySpan<byte> utf8) => Bytes(CellKind.Text, utf8);

    public void Bytes(ReadOnlySpan<byte> value) => Bytes(CellKind.Bytes, value);

    public void Other(object value)
    {
        var (kind, bytes) = SealedChunk.Encode(value);
        Bytes(kind, bytes);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await pending;
        }
        finally
        {
            await file.DisposeAsync();
            aes.Dispose();
            CryptographicOperations.ZeroMemory(plain);
            ArrayPool<byte>.Shared.Return(plain);
        }
    }

    private void Bytes(CellKind kind, ReadOnlySpan<byte> value)
    {
        Kind(kind, 10 + value.Length);
        Number(value.Length);
        value.CopyTo(plain.AsSpan(length));
        length += value.Length;
    }

    private void Kind(CellKind kind, int room)
    {
        Reserve(1 + room);
        plain[length++] = (byte)kind;
        column++;
    }

    private void Number(long value)
    {
        var bits = (ulong)(value << 1) ^ (ulong)(value >> 63);
        for (; bits >= 0x80; bits >>= 7)
        {
            plain[length++] = (byte)(bits | 0x80);
        }
        plain[length++] = (byte)bits;
    }

    private void Reserve(int room)
    {
        if (plain.Length - length >= room)
        {
            return;
        }
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(plain.Length * 2, length + room));
        plain.AsSpan(0, length).CopyTo(larger);
        CryptographicOperations.ZeroMemory(plain);
        ArrayPool<byte>.Shared.Return(plain);
        plain = larger;
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        SealedChunk.WriteHeader(plain, columns, fates);
        // Two buffers: one goes out while the other is filled.
        ref var buffer = ref outgoing[chunk % 2];
        var size = SealedChunk.HeaderBytes + length;
        if (buffer.Length < size)
        {
            buffer = new byte[size * 2];
        }
        var ready = buffer.AsMemory(0, size);
        SealedChunk.Encrypt(aes, place, chunk++, plain.AsSpan(0, length), ready.Span);
        LastOffset = rows > 0 ? offset : LastOffset;
        offset += size;
        length = SealedChunk.PlainHeaderBytes;
        rows = 0;
        Array.Clear(fates);
        Array.Clear(last);
        await pending;
        pending = file.AppendAsync(ready, cancellationToken);
    }
}
