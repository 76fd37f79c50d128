using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>A file of sealed rows. What was sealed in several calls stands in several.</summary>
/// <param name="File">Its name.</param>
/// <param name="Chunks">How many chunks it holds.</param>
public sealed record SealedPart(string File, long Chunks);

/// <summary>Where sealed rows are read from.</summary>
/// <param name="Run">The run that sealed them.</param>
/// <param name="Seal">Its folder.</param>
/// <param name="Key">The key they were sealed with.</param>
/// <param name="Dataset">What they are of.</param>
/// <param name="Parts">The files, in order.</param>
internal sealed record SealedSource(
    ErasureRef Run,
    string Seal,
    byte[] Key,
    string Dataset,
    IReadOnlyList<SealedPart> Parts
);

/// <summary>A chunk of sealed rows.</summary>
/// <param name="Number">Counted from 0 through all files.</param>
/// <param name="NextOffset">Where the chunk after it begins in its file.</param>
/// <param name="Rows">Its rows.</param>
internal sealed record SealedBatch(long Number, long NextOffset, SealedRows Rows);

/// <summary>
/// The sealed files of erasure runs: <c>{case}/{run}/{seal}/{dataset}/{file}</c>. Names are made up by chance, so that two calls
/// that do the same work at once never write the same file; the plan names those that count.
/// </summary>
internal sealed class SealedFiles(BlobContainerClient runs)
{
    private const int ReadBytes = 1 << 20;

    /// <summary>Begins a file; <paramref name="earlier"/> are those of the same dataset before it.</summary>
    public SealedWriter Write(
        ErasureRef run,
        string seal,
        byte[] key,
        string dataset,
        int chunkRows,
        IReadOnlyList<SealedPart> earlier
    )
    {
        var file = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        return new(
            runs.GetBlobClient($"{PathOf(run, seal, dataset)}/{file}"),
            file,
            key,
            PlaceOf(run, dataset),
            chunkRows,
            earlier.Sum(part => part.Chunks)
        );
    }

    /// <summary>Reads chunks from a place on, the next one on its way while one is worked at.</summary>
    public IAsyncEnumerable<SealedBatch> ReadAsync(
        SealedSource source,
        long chunk,
        long offset,
        CancellationToken cancellationToken
    ) => AheadAsync(ReadPartsAsync(source, chunk, offset, cancellationToken), cancellationToken);

    /// <summary>Path of a dataset's files, or the beginning of such paths.</summary>
    public static string PathOf(ErasureRef run, string seal, string dataset) =>
        $"{Folder(run)}/{seal}/{Uri.EscapeDataString(dataset)}";

    public static string Folder(ErasureRef run) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.CaseId}/{run.Run:D4}");

    private static string PlaceOf(ErasureRef run, string dataset) => $"{Folder(run)}|{dataset}";

    private async IAsyncEnumerable<SealedBatch> ReadPartsAsync(
        SealedSource source,
        long chunk,
        long offset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var first = 0L;
        foreach (var part in source.Parts)
        {
            var end = first + part.Chunks;
            if (chunk < end)
            {
                await foreach (var read in ReadPartAsync(source, part, chunk, offset, cancellationToken))
                {
                    // Past the last chunk of a file the next one begins.
                    var next = read.Number + 1 < end ? read.NextOffset : 0;
                    yield return read with
                    {
                        NextOffset = next,
                    };
                }
                chunk = end;
                offset = 0;
            }
            first = end;
        }
    }

    private async IAsyncEnumerable<SealedBatch> ReadPartAsync(
        SealedSource source,
        SealedPart part,
        long chunk,
        long offset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var blob = runs.GetBlobClient($"{PathOf(source.Run, source.Seal, source.Dataset)}/{part.File}");
        await using var stream = await blob.OpenReadAsync(
            new BlobOpenReadOptions(allowModifications: false) { Position = offset, BufferSize = ReadBytes },
            cancellationToken
        );
        using var aes = SealedChunk.Cipher(source.Key);
        var place = PlaceOf(source.Run, source.Dataset);
        var header = new byte[SealedChunk.HeaderBytes];
        var body = Array.Empty<byte>();
        while (true)
        {
            await stream.ReadExactlyAsync(header, cancellationToken);
            var length = SealedChunk.LengthOf(header);
            if (body.Length < length)
            {
                body = new byte[length * 2];
            }
            await stream.ReadExactlyAsync(body.AsMemory(0, length), cancellationToken);
            offset += header.Length + length;
            var rows = new SealedRows([SealedChunk.Decrypt(aes, place, chunk, header, body.AsSpan(0, length))]);
            if (rows.Count == 0)
            {
                yield break;
            }
            yield return new(chunk++, offset, rows);
        }
    }

    private static async IAsyncEnumerable<SealedBatch> AheadAsync(
        IAsyncEnumerable<SealedBatch> chunks,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using var reader = chunks.GetAsyncEnumerator(cancellationToken);
        var next = reader.MoveNextAsync().AsTask();
        try
        {
            while (await next)
            {
                var current = reader.Current;
                next = reader.MoveNextAsync().AsTask();
                yield return current;
            }
        }
        finally
        {
            // A reader cannot be given up in the middle of a step; whether that one found more matters to nobody now.
            await Task.WhenAny(next);
        }
    }
}
