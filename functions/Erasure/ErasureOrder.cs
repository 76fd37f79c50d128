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

    /// <summary>The run this order belongs to.</summary>
    public ErasureRef Ref => new(CaseId, Run);
}

/// <summary>
/// Asked inside each batch's transaction, just before it commits. The implementation checks the case's holds at that moment (and may
/// put up a fence that a new hold waits for).
/// </summary>
public interface IErasureGate
{
    /// <summary>True when the batch may commit; false rolls it back and ends the call as stopped.</summary>
    ValueTask<bool> MayPassAsync(ErasureRef run, string dataset, int batch, CancellationToken cancellationToken);

    /// <summary>Called after a batch that was let pass has committed or failed: a fence may come down.</summary>
    ValueTask PassedAsync(ErasureRef run, string dataset, int batch, CancellationToken cancellationToken) =>
        ValueTask.CompletedTask;
}

/// <summary>An erasure that must not begin, with everything that stands in its way. Nothing was deleted.</summary>
public sealed class ErasureRefusedException(ErasureRef run, IReadOnlyList<string> blockers)
    : Exception($"Erasure {run.Run} of case {run.CaseId} is refused: {string.Join("; ", blockers)}")
{
    /// <summary>The run refused.</summary>
    public ErasureRef Run { get; } = run;

    /// <summary>Each blocker as a sentence with what to do.</summary>
    public IReadOnlyList<string> Blockers { get; } = blockers;
}
