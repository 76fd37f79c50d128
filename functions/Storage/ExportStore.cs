using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Portability.Storage;

/// <summary>
/// The blob container of export files: <c>{case}/{number}/files/...</c> is what the customer gets,
/// <c>{case}/{number}/plan.json</c> is ours.
/// </summary>
public sealed class ExportStore(BlobServiceClient service)
{
    public const string ContainerName = "exports";

    private readonly BlobContainerClient _container = service.GetBlobContainerClient(ContainerName);
    private volatile bool _created;

    internal BlobServiceClient Service => service;

    /// <summary>The blob prefix of one export, with its closing slash. Refuses a case id that could reach another's.</summary>
    public static string Folder(string caseId, int number)
    {
        if (caseId.Length is 0 or > 200 || !caseId.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException(
                $"'{caseId}' is no case id: letters, digits, '-' and '_' only.",
                nameof(caseId)
            );
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        return $"{caseId}/{number.ToString(CultureInfo.InvariantCulture)}/";
    }

    internal BlockBlobClient Blob(string name) => _container.GetBlockBlobClient(name);

    internal async Task<ExportFileWriter> OpenAsync(
        string name,
        string contentType,
        int blockSize,
        CancellationToken cancellationToken
    )
    {
        await EnsureContainerAsync(cancellationToken);
        return Open(name, contentType, blockSize);
    }

    /// <summary>Begins a file, or begins it again, once <see cref="EnsureContainerAsync"/> was called.</summary>
    internal ExportFileWriter Open(string name, string contentType, int blockSize) =>
        new(Blob(name), contentType, blockSize);

    /// <summary>Facts of a finished file; null when it is not there.</summary>
    internal Task<ExportFileFacts?> FindAsync(string name, CancellationToken cancellationToken) =>
        ExportFileFacts.ReadAsync(Blob(name), cancellationToken);

    /// <summary>Stores a small document unless one is there; returns the one that is there then.</summary>
    internal async Task<byte[]> StoreOnceAsync(
        string name,
        string contentType,
        byte[] content,
        DateTimeOffset now,
        CancellationToken cancellationToken
    )
    {
        await EnsureContainerAsync(cancellationToken);
        var facts = new ExportFileFacts(
            content.Length,
            Convert.ToHexStringLower(SHA256.HashData(content)),
            Rows: 0,
            now
        );
        try
        {
            using var stream = new MemoryStream(content, writable: false);
            await Blob(name)
                .UploadAsync(
                    stream,
                    new BlobUploadOptions
                    {
                        HttpHeaders = new BlobHttpHeaders { ContentType = contentType },
                        Metadata = facts.ToMetadata(),
                        Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                    },
                    cancellationToken
                );
            return content;
        }
        catch (RequestFailedException stored) when (stored.Status is 409 or 412)
        {
            return await ReadAsync(name, cancellationToken)
                ?? throw new InvalidOperationException($"{name} was stored by another and erased at once.", stored);
        }
    }

    /// <summary>A small document's bytes; null when it is not there.</summary>
    internal async Task<byte[]?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await Blob(name).DownloadContentAsync(cancellationToken);
            return answer.Value.Content.ToArray();
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return null;
        }
    }

    internal async Task DeleteAsync(string name, CancellationToken cancellationToken) =>
        await Blob(name).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);

    /// <summary>Deletes every blob under a folder, half-written ones too, and looks again until none is left.</summary>
    internal async Task EraseAsync(string folder, CancellationToken cancellationToken)
    {
        // An attempt that was under way may commit while we delete: look again a few times before giving up.
        for (var round = 0; round < 5; round++)
        {
            var found = 0;
            await foreach (var name in ListAsync(folder, cancellationToken))
            {
                found++;
                await EraseBlobAsync(name, cancellationToken);
            }

            if (found == 0)
            {
                return;
            }
        }

        throw new InvalidOperationException($"Blobs under {folder} keep coming back while they are erased.");
    }

    private async IAsyncEnumerable<string> ListAsync(
        string folder,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (!await _container.ExistsAsync(cancellationToken))
        {
            yield break;
        }

        await foreach (
            var blob in _container.GetBlobsAsync(
                states: BlobStates.Uncommitted | BlobStates.Snapshots,
                prefix: folder,
                cancellationToken: cancellationToken
            )
        )
        {
            yield return blob.Name;
        }
    }

    private async Task EraseBlobAsync(string name, CancellationToken cancellationToken)
    {
        var blob = Blob(name);
        var deleted = await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);
        if (!deleted)
        {
            // Blocks without a blob cannot be deleted as such: an empty commit sweeps them away, then the blob goes.
            await blob.CommitBlockListAsync([], cancellationToken: cancellationToken);
            await blob.DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);
        }
    }

    internal async Task EnsureContainerAsync(CancellationToken cancellationToken)
    {
        if (!_created)
        {
            await _container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
            _created = true;
        }
    }
}
