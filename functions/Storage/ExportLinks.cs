using System.Net.Mime;
using System.Text;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Azure.Storage.Sas;
using Portability.Exports;

namespace Portability.Storage;

/// <summary>A short-lived, read-only address of one file of a finished export.</summary>
/// <param name="File">Path inside the export.</param>
/// <param name="Url">Address with its signature: whoever has it may read this one file.</param>
/// <param name="ExpiresAt">When the storage server, by its own clock, stops accepting it.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record ExportLink(string File, Uri Url, DateTimeOffset ExpiresAt, long Size, string Sha256);

/// <summary>
/// Mints links, anew on each visit, to files that a finished export's manifest names. Signed with a user delegation key
/// where the app has an identity, with the account key where it has that (Azurite).
/// </summary>
/// <param name="store">The export files.</param>
/// <param name="clock">The time that <c>notAfter</c> is told in.</param>
/// <param name="storageClock">The time that the storage server checks links by; the real one unless a test says otherwise.</param>
public sealed class ExportLinks(ExportStore store, TimeProvider clock, TimeProvider? storageClock = null)
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    private readonly TimeProvider _storageClock = storageClock ?? TimeProvider.System;

    /// <summary>
    /// Links to <paramref name="files"/> (null: all), never valid past <paramref name="notAfter"/>. Throws
    /// <see cref="ExportNotReadyException"/>, <see cref="ExportGoneException"/>, <see cref="ExportFileUnknownException"/>.
    /// </summary>
    public async Task<IReadOnlyList<ExportLink>> MintAsync(
        ExportRef export,
        IReadOnlyList<string>? files,
        DateTimeOffset notAfter,
        CancellationToken cancellationToken
    )
    {
        var finished = await FinishedFilesAsync(export, cancellationToken);
        var wanted = (files ?? [.. finished.Keys]).Select(path =>
            finished.GetValueOrDefault(path) ?? throw new ExportFileUnknownException(export, path)
        );

        // The two clocks may differ, when time is simulated: what is left until then is what counts. No start time is set, since
        // a server whose clock is a little behind would refuse the link at first.
        var left = notAfter - clock.GetUtcNow();
        if (left <= TimeSpan.Zero)
        {
            throw new ExportGoneException(export);
        }

        var expires = _storageClock.GetUtcNow() + (left < Longest ? left : Longest);
        var signer = await SignerAsync(expires, cancellationToken);
        return
        [
            .. wanted.Select(file =>
            {
                var blob = store.Blob(ExportPaths.Blob(export, file.Path));
                return new ExportLink(
                    file.Path,
                    signer(blob, Permission(blob, file, expires)),
                    expires,
                    file.Size,
                    file.Sha256
                );
            }),
        ];
    }

    /// <summary>The manifest's files, the manifest and checksums themselves, and the ZIP of all if there is one.</summary>
    private async Task<Dictionary<string, ManifestFile>> FinishedFilesAsync(
        ExportRef export,
        CancellationToken cancellationToken
    )
    {
        var bytes = await store.ReadAsync(ExportPaths.Blob(export, ExportPaths.Manifest), cancellationToken);
        var checksums = await FindAsync(export, ExportPaths.Checksums, cancellationToken);
        if (bytes is null || checksums is null)
        {
            throw await store.FindAsync(ExportPaths.Plan(export), cancellationToken) is null
                ? new ExportGoneException(export)
                : new ExportNotReadyException(export);
        }

        var manifest =
            await FindAsync(export, ExportPaths.Manifest, cancellationToken) ?? throw new ExportGoneException(export);
        var bundle = await FindAsync(export, ExportPaths.Bundle, cancellationToken);
        var bundleHash = await FindAsync(export, ExportPaths.BundleHash, cancellationToken);
        return ExportManifest
            .Parse(bytes)
            .Files.Append(manifest)
            .Append(checksums)
            .Concat(new[] { bundle, bundleHash }.OfType<ManifestFile>())
            .ToDictionary(file => file.Path, StringComparer.Ordinal);
    }

    private async Task<ManifestFile?> FindAsync(ExportRef export, string path, CancellationToken cancellationToken) =>
        await store.FindAsync(ExportPaths.Blob(export, path), cancellationToken) is { } facts
            ? new ManifestFile(path, "text", facts.Size, facts.Sha256, 0, facts.Snapshot)
            : null;

    private static BlobSasBuilder Permission(BlockBlobClient blob, ManifestFile file, DateTimeOffset expires)
    {
        var permission = new BlobSasBuilder(BlobSasPermissions.Read, expires)
        {
            BlobContainerName = blob.BlobContainerName,
            BlobName = blob.Name,
            Resource = "b",
            // Only Azurite speaks plain HTTP, on the machine itself.
            Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
            ContentDisposition = Disposition(file.Path[(file.Path.LastIndexOf('/') + 1)..]),
        };
        return permission;
    }

    private async Task<Func<BlockBlobClient, BlobSasBuilder, Uri>> SignerAsync(
        DateTimeOffset expires,
        CancellationToken cancellationToken
    )
    {
        if (store.Service.CanGenerateAccountSasUri)
        {
            return (blob, permission) => blob.GenerateSasUri(permission);
        }

        Response<UserDelegationKey> key = await store.Service.GetUserDelegationKeyAsync(
            startsOn: null,
            expires,
            cancellationToken
        );
        return (blob, permission) =>
            new BlobUriBuilder(blob.Uri)
            {
                Sas = permission.ToSasQueryParameters(key.Value, store.Service.AccountName),
            }.ToUri();
    }

    /// <summary>RFC 6266: an ASCII name for old readers, the real one for all others.</summary>
    private static string Disposition(string name)
    {
        var plain = new StringBuilder();
        foreach (var c in name)
        {
            plain.Append(c is >= ' ' and < (char)127 and not ('"' or '\\' or '%' or ';') ? c : '_');
        }

        return $"{DispositionTypeNames.Attachment}; filename=\"{plain}\"; filename*=UTF-8''{Uri.EscapeDataString(name)}";
    }
}
