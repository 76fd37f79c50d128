using System.Security.Cryptography;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Portability.Storage;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class ExportFileWriterTests(ExportHouse house)
{
    private static readonly DateTimeOffset Snapshot = new(2027, 4, 1, 12, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task Commit_OfSeveralBlocks_StoresTheBytesAndTheirFacts()
    {
        var name = NewName();
        var bytes = RandomNumberGenerator.GetBytes(300_000);
        await using var writer = await house.Store().OpenAsync(name, "text/plain", blockSize: 64 * 1024, default);
        foreach (var piece in bytes.Chunk(7_001))
        {
            await writer.WriteAsync(piece, default);
        }

        var facts = await writer.CommitAsync(rows: 12, Snapshot, default);

        var blob = house.Store().Blob(name);
        Assert.Equal(bytes, (await blob.DownloadContentAsync()).Value.Content.ToArray());
        Assert.Equal(5, (await blob.GetBlockListAsync(BlockListTypes.Committed)).Value.CommittedBlocks.Count());
        Assert.Equal(
            new ExportFileFacts(300_000, Convert.ToHexStringLower(SHA256.HashData(bytes)), 12, Snapshot),
            facts
        );
        Assert.Equal(facts, await house.Store().FindAsync(name, default));
    }

    [Fact]
    public async Task Write_BeforeTheCommit_ShowsNothing()
    {
        var name = NewName();
        await using (var writer = await house.Store().OpenAsync(name, "text/plain", 1024, default))
        {
            await writer.WriteAsync(new byte[10_000], default);
            Assert.Null(await house.Store().FindAsync(name, default));
        }

        Assert.Null(await house.Store().FindAsync(name, default));
    }

    [Fact]
    public async Task Commit_OfAnEmptyFile_StoresIt()
    {
        var name = NewName();
        await using var writer = await house.Store().OpenAsync(name, "text/plain", 1024, default);

        var facts = await writer.CommitAsync(0, Snapshot, default);

        Assert.Equal(0, facts.Size);
        Assert.Equal(facts, await house.Store().FindAsync(name, default));
    }

    [Fact]
    public async Task Commit_ByRacingWriters_EndsInOneCorrectFile()
    {
        for (var round = 0; round < 10; round++)
        {
            var name = NewName();
            var facts = await Task.WhenAll(
                Enumerable
                    .Range(0, 4)
                    .Select(async attempt =>
                    {
                        // Different bytes an attempt: mixed-up blocks would show in the hash.
                        var bytes = new byte[20_000 + (attempt * 1_000)];
                        Array.Fill(bytes, (byte)attempt);
                        await using var writer = await house.Store().OpenAsync(name, "text/plain", 4096, default);
                        await writer.WriteAsync(bytes, default);
                        return await writer.CommitAsync(attempt, Snapshot.AddMinutes(attempt), default);
                    })
            );

            var winner = Assert.Single(facts.Distinct());
            var stored = (await house.Store().Blob(name).DownloadContentAsync()).Value.Content.ToArray();
            Assert.Equal(winner.Size, stored.Length);
            Assert.Equal(winner.Sha256, Convert.ToHexStringLower(SHA256.HashData(stored)));
            Assert.All(stored, value => Assert.Equal((byte)winner.Rows, value));
        }
    }

    [Fact]
    public async Task Erase_OfAFolder_TakesHalfWrittenFilesToo()
    {
        var store = house.Store();
        await store.StoreOnceAsync("erase-1/1/files/a.txt", "text/plain", [1], Snapshot, default);
        await store.StoreOnceAsync("erase-1/11/files/other.txt", "text/plain", [1], Snapshot, default);
        await using var writer = await store.OpenAsync("erase-1/1/files/half.txt", "text/plain", 16, default);
        await writer.WriteAsync(new byte[64], default);
        await writer.WriteAsync(new byte[64], default);

        await store.EraseAsync("erase-1/1/", default);

        var left = new List<string>();
        await foreach (
            var blob in house
                .Blobs.GetBlobContainerClient("exports")
                .GetBlobsAsync(states: BlobStates.All, prefix: "erase-1/")
        )
        {
            left.Add(blob.Name);
        }

        Assert.Equal(["erase-1/11/files/other.txt"], left);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("å")]
    public void Folder_OfACaseThatCouldReachAnother_IsRefused(string caseId) =>
        Assert.Throws<ArgumentException>(() => ExportStore.Folder(caseId, 1));

    private static string NewName() => $"writer-{Guid.NewGuid():N}/1/files/a.txt";
}
