using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>One erasure run of a case; runs are numbered from 1.</summary>
public sealed record ErasureRef(string CaseId, int Run);

/// <summary>The order for one run: stays the same however often a step is repeated.</summary>
public sealed record ErasureOrder
{
    public required string CaseId { get; init; }

    public required int Run { get; init; }

    /// <summary>Matched against the data map's tenant column and put into blob prefixes.</summary>
    public required string CustomerId { get; init; }

    public required ErasureKind Kind { get; init; }

    /// <summary>The instant that retention is measured against.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>When the termination took effect; some retention classes count from it.</summary>
    public required DateTimeOffset EffectiveEnd { get; init; }

    /// <summary>The contract's time zone (IANA name), in which retention days are counted.</summary>
    public required string TimeZone { get; init; }

    /// <summary>Datasets under a legal hold: left alone, with the parents their rows need.</summary>
    public IReadOnlyList<string> HeldDatasets { get; init; } = [];

    /// <summary>For a release: the datasets whose time has come; empty means every dataset with due rows.</summary>
    public IReadOnlyList<string> Datasets { get; init; } = [];

    /// <summary>
    /// True when another case of the customer has erased before: nothing of the customer need be there any more. Otherwise a run
    /// that finds nobody was given a wrong id.
    /// </summary>
    public bool MayBeGone { get; init; }

    /// <summary>The run this order belongs to.</summary>
    public ErasureRef Ref => new(CaseId, Run);
}

/// <summary>
/// Asked inside each batch's transaction, just before it commits. The implementation checks the holds of the customer at that
/// moment (and may put up a fence that a new hold waits for).
/// </summary>
public interface IErasureGate
{
    /// <summary>Begins an attempt at batches of a run; several of one run may be going on, left behind by hosts that were given up.</summary>
    IErasureAttempt Begin(ErasureRef run);
}

/// <summary>One attempt at batches of a run, one after the other.</summary>
public interface IErasureAttempt
{
    /// <summary>True when the batch may commit; false rolls it back and ends the call as stopped.</summary>
    ValueTask<bool> MayPassAsync(BatchPass batch, CancellationToken cancellationToken);

    /// <summary>Called after the batch that was let pass has certainly committed or failed: its fence may come down.</summary>
    ValueTask PassedAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;
}

/// <summary>A batch that asks to be let pass.</summary>
/// <param name="System">The system it changes.</param>
/// <param name="Dataset">The dataset it is of.</param>
/// <param name="Number">Its number in the dataset.</param>
/// <param name="Limit">After this time it has ended, whatever became of the eraser.</param>
/// <param name="IsExclusive">It holds a lock of the system by which no other batch of the run is between its leave and its end.</param>
public sealed record BatchPass(string System, string Dataset, int Number, TimeSpan Limit, bool IsExclusive);

/// <summary>An erasure that must not begin, with everything that stands in its way. Nothing was deleted.</summary>
public class ErasureRefusedException(ErasureRef run, IReadOnlyList<string> blockers)
    : Exception($"Erasure {run.Run} of case {run.CaseId} is refused: {string.Join("; ", blockers)}")
{
    /// <summary>The run refused.</summary>
    public ErasureRef Run { get; } = run;

    /// <summary>Each blocker as a sentence with what to do.</summary>
    public IReadOnlyList<string> Blockers { get; } = blockers;
}

/// <summary>The plan is of another kind than the one that a person was last shown. Nothing was deleted.</summary>
public sealed class PlanDiffersException(ErasureRef run, IReadOnlyList<string> blockers)
    : ErasureRefusedException(run, blockers);
