namespace Portability.Exports.Drill;

/// <summary>An empty database that a dump is loaded into, gone when disposed.</summary>
internal interface IDrillDatabase : IAsyncDisposable
{
    /// <summary>What the dump is loaded into, as the manifest names it.</summary>
    string Engine { get; }

    /// <summary>Runs one statement of the dump. Throws <see cref="System.Data.Common.DbException"/> when it does not load.</summary>
    Task RunAsync(string statement, CancellationToken cancellationToken);

    /// <summary>Rows of each table, and rows whose references hold nothing.</summary>
    Task<DrillCounts> CountAsync(CancellationToken cancellationToken);
}

/// <summary>What a loaded dump holds.</summary>
/// <param name="Rows">By table.</param>
/// <param name="Orphans">Rows that refer to rows which are not there.</param>
internal sealed record DrillCounts(IReadOnlyDictionary<string, long> Rows, long Orphans);

/// <summary>A dump that was loaded, as the manifest says it.</summary>
/// <param name="File">The dump.</param>
/// <param name="Engine">What it was loaded into.</param>
/// <param name="Tables">How many tables it made.</param>
/// <param name="Rows">Rows in them, counted there: as many as were written.</param>
/// <param name="At">When.</param>
public sealed record RestoreDrillResult(string File, string Engine, int Tables, long Rows, DateTimeOffset At);

/// <summary>A dump does not load as it should. It was taken away, so that the next attempt writes it anew.</summary>
public sealed class RestoreDrillException(ExportRef export, string file, string reason, Exception? inner = null)
    : Exception($"Export {export.CaseId}/{export.Number}: the restore drill of {file} failed: {reason}.", inner)
{
    public string File { get; } = file;
}
