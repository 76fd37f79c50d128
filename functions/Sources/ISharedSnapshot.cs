using System.Data.Common;

namespace Portability.Sources;

/// <summary>
/// One moment of a database, held open: every connection opened through it reads that moment, also while earlier ones are closed.
/// Holding it keeps the engine from tidying up behind it, so it is held as long as an export is written and no longer.
/// </summary>
public interface ISharedSnapshot : IAsyncDisposable
{
    /// <summary>Tells this moment from any other.</summary>
    string Name { get; }

    /// <summary>
    /// Opens a read-only connection in this snapshot; null when the engine has no more for now. Throws
    /// <see cref="SourceUnreachableException"/> when it is lost.
    /// </summary>
    Task<DbConnection?> OpenReadAsync(CancellationToken cancellationToken);

    /// <summary>
    /// One of these tables that does not show this moment any more, since it was written anew; null when all do, as always where engines keep
    /// what a snapshot needs. Asked after the rows were read. May be asked when the snapshot is let go.
    /// </summary>
    Task<string?> FindRewrittenAsync(IReadOnlyList<string> tables, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(null);
}
