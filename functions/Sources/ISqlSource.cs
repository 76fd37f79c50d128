using System.Data.Common;

namespace Portability.Sources;

/// <summary>One SQL database of the customer-facing product: its catalogue, consistent reads, and guarded writes.</summary>
public interface ISqlSource
{
    /// <summary>The data map's name of the system.</summary>
    string System { get; }

    /// <summary>How this engine quotes, compares and binds.</summary>
    SqlDialect Dialect { get; }

    /// <summary>Reads the live catalogue. Throws <see cref="SourceUnreachableException"/> when the database cannot be opened.</summary>
    Task<Catalogue> ReadCatalogueAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Opens a read-only connection with a snapshot transaction begun: everything read through it is of one moment.
    /// Disposing the connection ends the snapshot.
    /// </summary>
    Task<DbConnection> OpenReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Opens a connection for erasure: foreign keys enforced, deleted content overwritten where the engine can, waits for locks bounded.
    /// </summary>
    Task<DbConnection> OpenWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// After deletions: drops copies of old pages that the engine still holds, as far as no reader needs them (SQLite: the write-ahead log).
    /// </summary>
    Task ScrubAsync(CancellationToken cancellationToken);
}

/// <summary>A system of the data map cannot be reached; nothing was changed.</summary>
public sealed class SourceUnreachableException(string system, string reason, Exception? inner = null)
    : Exception($"System '{system}' cannot be reached: {reason}", inner)
{
    /// <summary>The data map's name of the system.</summary>
    public string System { get; } = system;
}
