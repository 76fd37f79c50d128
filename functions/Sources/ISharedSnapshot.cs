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
}
