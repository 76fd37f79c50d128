using System.IO.Hashing;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Portability.Local.Tests.Tables;

/// <summary>Azure.Storage.Blobs needs the assembly System.IO.Hashing only to load; here it loads ours.</summary>
[Collection(StorageCollection.Name)]
public sealed class BlobsTests(StorageFixture storage)
{
    [Fact]
    public async Task Blob_UploadedInBlocks_DownloadsTheSame()
    {
        var container = new BlobContainerClient(storage.ConnectionString, $"c{Guid.NewGuid():N}");
        await container.CreateAsync();
        byte[] content = new byte[3_000_000];
        new Random(1).NextBytes(content);
        BlobClient blob = container.GetBlobClient("a/b.bin");

        await blob.UploadAsync(
            new BinaryData(content),
            new BlobUploadOptions
            {
                TransferOptions = new() { InitialTransferSize = 1, MaximumTransferSize = 1 << 20 },
            }
        );

        BlobDownloadResult read = await blob.DownloadContentAsync();
        Assert.Equal(content, read.Content.ToArray());
    }

    [Fact]
    public async Task Hash_AppendedInPieces_IsThatOfTheWhole()
    {
        byte[] data = [.. Enumerable.Range(0, 200_000).Select(i => (byte)i)];
        var whole = new Sum();
        whole.Append(data);
        var pieces = new Sum();
        pieces.Append(data.AsSpan(0, 7));
        using (var rest = new MemoryStream(data, 7, 100_000))
        {
            pieces.Append(rest);
        }
        using (var last = new MemoryStream(data, 100_007, data.Length - 100_007))
        {
            await pieces.AppendAsync(last);
        }

        Assert.Equal(4, whole.HashLengthInBytes);
        Assert.Equal(whole.GetCurrentHash(), pieces.GetCurrentHash());
        Assert.False(whole.TryGetCurrentHash(new byte[3], out int none));
        Assert.Equal(0, none);
        Assert.Throws<ArgumentException>(() => whole.GetHashAndReset(new byte[3]));
        Assert.Equal(pieces.GetCurrentHash(), whole.GetHashAndReset());
        Assert.Equal(new byte[4], whole.GetCurrentHash());
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sum(0));
    }

    private sealed class Sum(int length = 4) : NonCryptographicHashAlgorithm(length)
    {
        private int sum;

        public override void Append(ReadOnlySpan<byte> source)
        {
            foreach (byte value in source)
            {
                sum = unchecked((sum * 31) + value);
            }
        }

        public override void Reset() => sum = 0;

        protected override void GetCurrentHashCore(Span<byte> destination) =>
            BitConverter.TryWriteBytes(destination, sum);
    }
}
