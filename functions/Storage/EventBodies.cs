using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Portability.Storage;

/// <summary>Bodies too long for a table row, each a blob named by its SHA-256: written before the event that names it.</summary>
internal sealed class EventBodies(BlobServiceClient service)
{
    /// <summary>Longest body in a row, in characters; a table property holds 32 Ki.</summary>
    public const int MaxInline = 30_000;

    /// <summary>Characters of bodies in one transaction, each up to 6 bytes on the wire, which has room for 4 MiB.</summary>
    public const int MaxInlineOfTransaction = 500_000;

    private readonly BlobContainerClient container = service.GetBlobContainerClient(StorageSetup.EventBodies);

    /// <summary>Stores a body and gives its name. One that is there already has the same bytes, as its name says.</summary>
    public async Task<string> StoreAsync(string body, CancellationToken cancellationToken)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        string name = Convert.ToHexStringLower(SHA256.HashData(bytes));
        try
        {
            await container
                .GetBlobClient(name)
                .UploadAsync(
                    new BinaryData(bytes),
                    new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } },
                    cancellationToken
                );
        }
        catch (RequestFailedException there) when (there.Status is 409 or 412)
        {
            // An earlier attempt, or an equal body.
        }
        return name;
    }

    /// <summary>Removes a body that no event names any more.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        container.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: cancellationToken);

    /// <summary>A stored body; null when the blob is gone.</summary>
    public async Task<string?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            BlobDownloadResult blob = await container.GetBlobClient(name).DownloadContentAsync(cancellationToken);
            return Encoding.UTF8.GetString(blob.Content.ToMemory().Span);
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return null;
        }
    }
}
