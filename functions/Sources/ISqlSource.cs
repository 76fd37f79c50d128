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
    /// Holds a snapshot that any number of connections can read; null where the engine cannot, so that each connection has its own.
    /// </summary>
    /// <param name="tables">What will be read, as the catalogue spells it, for <see cref="ISharedSnapshot.FindRewrittenAsync"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<ISharedSnapshot?> HoldSnapshotAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken) =>
        Task.FromResult<ISharedSnapshot?>(null);

    /// <summary>
    /// As <see cref="OpenReadAsync"/>, but temporary tables may be made and filled. Nothing else is written, and they end with the connection.
    /// </summary>
    Task<DbConnection> OpenWorkAsync(CancellationToken cancellationToken) => OpenReadAsync(cancellationToken);

    /// <summary>
    /// Opens a connection for erasure: foreign keys enforced, deleted content overwritten where the engine can, waits for locks bounded.
    /// </summary>
    Task<DbConnection> OpenWriteAsync(CancellationToken cancellationToken);

    /// <summary>
    /// After deletions: drops copies of old pages that the engine still holds, as far as no reader needs them (SQLite: the write-ahead log).
    /// </summary>
    Task ScrubAsync(CancellationToken cancellationToken);

    /// <summary>The same where copies can be told by the table that rows went from (PostgreSQL: its dead rows, and materialised views over it).</summary>
    Task ScrubAsync(TableInfo table, CancellationToken cancellationToken) => ScrubAsync(cancellationToken);
}

/// <summary>A system of the data map cannot be reached; nothing was changed.</summary>
public class SourceUnreachableException : Exception
{
    public SourceUnreachableException(string system, string reason, Exception? inner = null)
        : base($"System '{system}' cannot be reached: {reason}", inner) => System = system;

    private protected SourceUnreachableException(string message, string system)
        : base(message) => System = system;

    /// <summary>The data map's name of the system.</summary>
    public string System { get; }
}

/// <summary>What was read from a system cannot be relied on: a table was written anew meanwhile, and reads as empty. Reading again mends it.</summary>
public sealed class TableRewrittenException(string system, string table)
    : Exception(
        $"System '{system}': {table} was emptied or written anew (TRUNCATE, ALTER TABLE, VACUUM FULL) after the snapshot was taken that is being "
            + "read: rows would be missing. The next attempt reads a new snapshot."
    )
{
    /// <summary>The data map's name of the system.</summary>
    public string System { get; } = system;

    /// <summary>As the catalogue spells it.</summary>
    public string Table { get; } = table;
}

/// <summary>A system can be reached and must not be used as it is: what it shows would not be all there is. Nothing was changed.</summary>
public sealed class SourceUnfitException(string system, string reason, string mend)
    : SourceUnreachableException($"System '{system}' cannot be used: {reason}. Mend: {mend}", system)
{
    /// <summary>What to do about it.</summary>
    public string Mend { get; } = mend;
}
