using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Portability.Storage;

/// <summary>
/// What a finished file says of itself: bytes, SHA-256 in lower-case hex, rows, and when the snapshot was opened that it was
/// read from. Kept as the blob's metadata, written with the commit, so that file and facts cannot disagree.
/// </summary>
public sealed record ExportFileFacts(long Size, string Sha256, long Rows, DateTimeOffset Snapshot)
{
    private const string SizeName = "size";
    private const string HashName = "sha256";
    private const string RowsName = "rows";
    private const string SnapshotTime = "snapshot";
    private const string SharedSnapshot = "sharedsnapshot";

    /// <summary>The name of the snapshot that the file shares with others of its export; null when it was the file's alone.</summary>
    public string? SnapshotName { get; init; }

    internal Dictionary<string, string> ToMetadata()
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            [SizeName] = Size.ToString(CultureInfo.InvariantCulture),
            [HashName] = Sha256,
            [RowsName] = Rows.ToString(CultureInfo.InvariantCulture),
            [SnapshotTime] = Snapshot.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
        };
        if (SnapshotName is { } name)
        {
            metadata[SharedSnapshot] = name;
        }

        return metadata;
    }

    /// <summary>The facts of a blob; null when there is no such blob.</summary>
    /// <exception cref="InvalidDataException">The blob is there, but not as this software leaves it.</exception>
    internal static async Task<ExportFileFacts?> ReadAsync(BlobBaseClient blob, CancellationToken cancellationToken)
    {
        BlobProperties properties;
        try
        {
            properties = await blob.GetPropertiesAsync(cancellationToken: cancellationToken);
        }
        catch (RequestFailedException absent) when (absent.Status == 404)
        {
            return null;
        }

        return Parse(properties.Metadata, properties.ContentLength)
            ?? throw new InvalidDataException(
                $"{blob.Name} was not written by an export, or was changed since: its metadata and size do not agree."
            );
    }

    private static ExportFileFacts? Parse(IDictionary<string, string> metadata, long length)
    {
        // Some services and proxies change the case of metadata names.
        var named = new Dictionary<string, string>(metadata, StringComparer.OrdinalIgnoreCase);
        return
            named.TryGetValue(HashName, out var hash)
            && hash.Length == 64
            && Number(named, SizeName) == length
            && Number(named, RowsName) is { } rows
            && named.TryGetValue(SnapshotTime, out var stamp)
            && DateTimeOffset.TryParse(
                stamp,
                CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal,
                out var snapshot
            )
            ? new ExportFileFacts(length, hash, rows, snapshot)
            {
                SnapshotName = named.GetValueOrDefault(SharedSnapshot),
            }
            : null;
    }

    private static long? Number(Dictionary<string, string> metadata, string name) =>
        metadata.TryGetValue(name, out var text)
        && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
