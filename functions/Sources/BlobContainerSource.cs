using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Portability.Sources;

/// <summary>A container of Azure Blob Storage (or Azurite).</summary>
public sealed class BlobContainerSource(string system, BlobContainerClient container) : IBlobSource
{
    /// <inheritdoc />
    public string System => system;

    /// <summary>The container itself, for copies that the service makes on its own side.</summary>
    public BlobContainerClient Container => container;

    /// <inheritdoc />
    public async IAsyncEnumerable<BlobEntry> ListAsync(
        string prefix,
        BlobStates states,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var wanted = states == BlobStates.All ? BlobStatesOf(container) : Azure.Storage.Blobs.Models.BlobStates.None;
        await foreach (var blob in container.GetBlobsAsync(BlobTraits.None, wanted, prefix, cancellationToken))
        {
            yield return new(
                blob.Name,
                blob.Properties.ContentLength ?? 0,
                blob.Properties.ContentType,
                blob.Properties.LastModified ?? DateTimeOffset.UnixEpoch,
                blob.Snapshot,
                blob.VersionId
            )
            {
                ETag = blob.Properties.ETag?.ToString("H"),
                IsCurrent = blob.Snapshot is null && (blob.VersionId is null || blob.IsLatestVersion == true),
            };
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<string> ListLevelAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (
            var item in container.GetBlobsByHierarchyAsync(
                delimiter: "/",
                prefix: prefix,
                cancellationToken: cancellationToken
            )
        )
        {
            yield return item.IsPrefix ? item.Prefix : item.Blob.Name;
        }
    }

    /// <inheritdoc />
    public async Task<Stream> OpenReadAsync(BlobEntry blob, long offset, CancellationToken cancellationToken)
    {
        var client = container.GetBlobClient(blob.Name);
        client =
            blob.Snapshot is { } snapshot ? client.WithSnapshot(snapshot)
            : blob.VersionId is { } version && !blob.IsCurrent ? client.WithVersion(version)
            : client;
        var download = await client.DownloadStreamingAsync(
            new BlobDownloadOptions
            {
                Range = offset > 0 ? new HttpRange(offset) : default,
                Conditions = blob.ETag is { } tag ? new() { IfMatch = new ETag(tag) } : null,
            },
            cancellationToken
        );
        return download.Value.Content;
    }

    /// <inheritdoc />
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        var client = container.GetBlobClient(name);
        try
        {
            await client.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);
        }
        catch (RequestFailedException leased) when (leased.Status == 412)
        {
            await client.GetBlobLeaseClient().BreakAsync(TimeSpan.Zero, null, cancellationToken);
            await client.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);
        }
        await foreach (var version in ListAsync(name, BlobStates.All, cancellationToken))
        {
            if (version.Name == name && version.VersionId is { } id)
            {
                await client.WithVersion(id).DeleteIfExistsAsync(cancellationToken: cancellationToken);
            }
        }
    }

    /// <summary>Asked only where the account knows versions: Azurite answers a listing with versions as if there were none.</summary>
    private static Azure.Storage.Blobs.Models.BlobStates BlobStatesOf(BlobContainerClient _) =>
        Azure.Storage.Blobs.Models.BlobStates.Snapshots | Azure.Storage.Blobs.Models.BlobStates.Version;
}
