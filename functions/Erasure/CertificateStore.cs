using System.Globalization;
using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Portability.Erasure;

/// <summary>
/// Certificates as blobs in the container <c>certificates</c>: <c>{case}/{run}.json</c> with its signature as metadata, so that
/// neither is ever there without the other; <c>{case}/{run}.{language}.pdf</c>; and every public key that has ever signed, as
/// <c>keys/{id}.pem</c>. Each is stored once and never changed.
/// </summary>
internal sealed class CertificateStore(BlobServiceClient storage)
{
    private const string SignatureName = "signature";
    private const string KeyFolder = "keys/";
    private const string Pem = ".pem";
    private const string Json = ".json";

    private readonly BlobContainerClient container = storage.GetBlobContainerClient("certificates");

    public static string PathOf(ErasureRef run) => $"{Folder(run)}{Json}";

    /// <summary>The certificate of a run, or null.</summary>
    public async Task<SignedCertificate?> FindAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await container.GetBlobClient(PathOf(run)).DownloadContentAsync(cancellationToken);
            return new(
                answer.Value.Content.ToArray(),
                Convert.FromBase64String(answer.Value.Details.Metadata[SignatureName])
            );
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>The runs of all cases that have a certificate.</summary>
    public async IAsyncEnumerable<ErasureRef> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (!await container.ExistsAsync(cancellationToken))
        {
            yield break;
        }
        await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancellationToken))
        {
            if (
                blob.Name.Split('/') is [var caseId, var file]
                && file.EndsWith(Json, StringComparison.Ordinal)
                && int.TryParse(file[..^Json.Length], NumberStyles.None, CultureInfo.InvariantCulture, out var run)
            )
            {
                yield return new(caseId, run);
            }
        }
    }

    /// <summary>Stores it unless one is there; whichever is stored is given back.</summary>
    public async Task<SignedCertificate> KeepAsync(
        ErasureRef run,
        SignedCertificate certificate,
        CancellationToken cancellationToken
    )
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [SignatureName] = Convert.ToBase64String(certificate.Signature),
        };
        return await StoreOnceAsync(PathOf(run), certificate.Json, metadata, cancellationToken)
            ? certificate
            : (await FindAsync(run, cancellationToken))!;
    }

    public async Task KeepPdfAsync(ErasureRef run, string language, byte[] pdf, CancellationToken cancellationToken) =>
        await StoreOnceAsync(PdfOf(run, language), pdf, metadata: null, cancellationToken);

    public Task<byte[]?> FindPdfAsync(ErasureRef run, string language, CancellationToken cancellationToken) =>
        ReadAsync(PdfOf(run, language), cancellationToken);

    /// <summary>Remembers a public key for good: what it has signed must stay verifiable after the key was replaced.</summary>
    public async Task PublishAsync(CertificateKeys keys, CancellationToken cancellationToken) =>
        await StoreOnceAsync(
            KeyFolder + keys.KeyId + Pem,
            System.Text.Encoding.ASCII.GetBytes(keys.PublicPem),
            metadata: null,
            cancellationToken
        );

    /// <summary>Public keys by id: all that have ever signed.</summary>
    public async Task<IReadOnlyDictionary<string, string>> KeysAsync(CancellationToken cancellationToken)
    {
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (!await container.ExistsAsync(cancellationToken))
        {
            return keys;
        }
        await foreach (var blob in container.GetBlobsAsync(prefix: KeyFolder, cancellationToken: cancellationToken))
        {
            var pem = await ReadAsync(blob.Name, cancellationToken);
            keys[blob.Name[KeyFolder.Length..^Pem.Length]] = System.Text.Encoding.ASCII.GetString(pem!);
        }
        return keys;
    }

    /// <summary>Removes what a case has here. Safe to repeat.</summary>
    public async Task RemoveAsync(string caseId, CancellationToken cancellationToken)
    {
        if (!await container.ExistsAsync(cancellationToken))
        {
            return;
        }
        await foreach (var blob in container.GetBlobsAsync(prefix: $"{caseId}/", cancellationToken: cancellationToken))
        {
            await container.DeleteBlobIfExistsAsync(
                blob.Name,
                DeleteSnapshotsOption.IncludeSnapshots,
                cancellationToken: cancellationToken
            );
        }
    }

    private async Task<byte[]?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await container.GetBlobClient(path).DownloadContentAsync(cancellationToken);
            return answer.Value.Content.ToArray();
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    private async Task<bool> StoreOnceAsync(
        string path,
        byte[] content,
        Dictionary<string, string>? metadata,
        CancellationToken cancellationToken
    )
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        try
        {
            await container
                .GetBlobClient(path)
                .UploadAsync(
                    BinaryData.FromBytes(content),
                    new BlobUploadOptions
                    {
                        Metadata = metadata,
                        Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
                    },
                    cancellationToken
                );
            return true;
        }
        catch (RequestFailedException taken) when (taken.Status is 409 or 412)
        {
            return false;
        }
    }

    private static string PdfOf(ErasureRef run, string language) => $"{Folder(run)}.{language}.pdf";

    private static string Folder(ErasureRef run) =>
        string.Create(CultureInfo.InvariantCulture, $"{run.CaseId}/{run.Run:D4}");
}

/// <summary>A certificate as it was issued.</summary>
/// <param name="Json">Its bytes.</param>
/// <param name="Signature">ECDSA over their SHA-256, in DER form.</param>
internal sealed record SignedCertificate(byte[] Json, byte[] Signature);
