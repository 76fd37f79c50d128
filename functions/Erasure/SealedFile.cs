using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Portability.Erasure;

/// <summary>Writes a sealed file: small ones, which most are, in one request; larger ones as a stream of blocks.</summary>
internal sealed class SealedFile(BlobClient blob) : IAsyncDisposable
{
    private const int OneRequestBytes = 1 << 20;
    private const int BlockBytes = 2 << 20;
    private readonly MemoryStream small = new();
    private Stream? large;

    public async Task AppendAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        if (large is null && small.Length + content.Length > OneRequestBytes)
        {
            large = await blob.OpenWriteAsync(
                overwrite: true,
                new BlobOpenWriteOptions { BufferSize = BlockBytes },
                cancellationToken
            );
            small.Position = 0;
            await small.CopyToAsync(large, cancellationToken);
        }
        await (large ?? small).WriteAsync(content, cancellationToken);
    }

    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (large is null)
        {
            small.Position = 0;
            await blob.UploadAsync(small, overwrite: true, cancellationToken);
            return;
        }
        await large.DisposeAsync();
        large = null;
    }

    public async ValueTask DisposeAsync()
    {
        await small.DisposeAsync();
        if (large is not null)
        {
            await large.DisposeAsync();
        }
    }
}
