using Azure.Storage.Blobs;
using Portability.Demo;

namespace Portability.Tests.Demo;

public sealed class AzuriteProcessTests
{
    [Fact]
    public async Task Azurite_InMemory_StoresBlobsUnderAKeyOfItsOwn()
    {
        await using AzuriteProcess first = await AzuriteProcess.StartAsync();
        await using AzuriteProcess second = await AzuriteProcess.StartAsync();
        Assert.NotEqual(first.ConnectionString, second.ConnectionString);

        BlobContainerClient container = new(first.ConnectionString, "things");
        await container.CreateAsync();
        await container.GetBlobClient("a b/ö.txt").UploadAsync(BinaryData.FromString("text"));

        Assert.Equal(
            "text",
            (await container.GetBlobClient("a b/ö.txt").DownloadContentAsync()).Value.Content.ToString()
        );
        Assert.False(await new BlobContainerClient(second.ConnectionString, "things").ExistsAsync());
    }

    [Fact]
    public async Task Azurite_Disposed_IsGone()
    {
        AzuriteProcess azurite = await AzuriteProcess.StartAsync();
        int id = azurite.ProcessId;

        await azurite.DisposeAsync();

        Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(id));
    }
}
