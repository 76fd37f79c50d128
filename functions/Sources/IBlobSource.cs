namespace Portability.Sources;

/// <summary>One blob container of the product: listed, read and erased under a prefix.</summary>
public interface IBlobSource
{
    /// <summary>The data map's name of the system.</summary>
    string System { get; }

    /// <summary>Lists blobs whose name starts with the prefix, in name order, as they stand or with every version and snapshot.</summary>
    IAsyncEnumerable<BlobEntry> ListAsync(string prefix, BlobStates states, CancellationToken cancellationToken);

    /// <summary>Lists the distinct first levels below a prefix (folders end in '/'), which is how unclassified prefixes are found cheaply.</summary>
    IAsyncEnumerable<string> ListLevelAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Opens a blob (or the version or snapshot that the entry names) for reading from an offset on.</summary>
    Task<Stream> OpenReadAsync(BlobEntry blob, long offset, CancellationToken cancellationToken);

    /// <summary>
    /// Deletes a blob with its snapshots and versions, breaking a lease that stands in the way. Deleting what is gone is not an error.
    /// </summary>
    Task DeleteAsync(string name, CancellationToken cancellationToken);
}

/// <summary>Which states of a blob a listing shows.</summary>
public enum BlobStates
{
    /// <summary>Only what a reader of the container sees.</summary>
    Current,

    /// <summary>Current blobs, their snapshots, and their versions.</summary>
    All,
}

/// <summary>One blob, snapshot or version of a listing.</summary>
/// <param name="Name">Full name within the container.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ContentType">As stored, or null.</param>
/// <param name="LastModified">When the content was last written.</param>
/// <param name="Snapshot">Set for a snapshot.</param>
/// <param name="VersionId">Set where the account keeps versions.</param>
public sealed record BlobEntry(
    string Name,
    long Size,
    string? ContentType,
    DateTimeOffset LastModified,
    string? Snapshot = null,
    string? VersionId = null
)
{
    /// <summary>Entity tag of the content, or null.</summary>
    public string? ETag { get; init; }

    /// <summary>True for what a reader of the container sees; false for a snapshot or an older version.</summary>
    public bool IsCurrent { get; init; } = true;
}
