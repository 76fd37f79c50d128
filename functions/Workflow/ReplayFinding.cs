using Portability.Erasure;

namespace Portability.Workflow;

/// <summary>What a look at one erased customer says.</summary>
public enum ReplayVerdict
{
    /// <summary>Nothing came back.</summary>
    Clean,

    /// <summary>Something did, and may be erased again.</summary>
    CameBack,

    /// <summary>An earlier replay was interrupted: it goes on.</summary>
    Unfinished,

    /// <summary>Rows are there that the ledger does not know: the id may be another tenancy's by now. Erased only when told.</summary>
    Reused,

    /// <summary>Another contract of the customer lives: what is there is its own.</summary>
    Living,

    /// <summary>A hold covers the case.</summary>
    Held,

    /// <summary>It cannot be looked at whole, or not be erased as things are.</summary>
    Blocked,
}

/// <summary>One erased customer, and what is there of it.</summary>
public sealed record ReplayFinding
{
    public required string CustomerId { get; init; }

    /// <summary>The customer's latest erased case, which a replay is a run of.</summary>
    public required string CaseId { get; init; }

    /// <summary>When the customer was erased first.</summary>
    public required DateTimeOffset ErasedAt { get; init; }

    /// <summary>Runs that the ledger has of the customer.</summary>
    public required int Runs { get; init; }

    public required ReplayVerdict Verdict { get; init; }

    /// <summary>What stands behind the verdict, in sentences.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>What stops nothing and a person should know.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>What is there; empty where nothing was looked at.</summary>
    public IReadOnlyList<ReturnedDataset> Datasets { get; init; } = [];

    /// <summary>True when a replay would erase.</summary>
    public bool IsToErase => Verdict is ReplayVerdict.CameBack or ReplayVerdict.Unfinished;
}

/// <summary>How a replay ended.</summary>
/// <param name="Run">The run of the case.</param>
/// <param name="Certificate">Number of the certificate that was issued, or null: something is held or unproven.</param>
/// <param name="Sha256">Of that certificate.</param>
/// <param name="Left">Datasets that are not proven, or held.</param>
public sealed record ReplayResult(int Run, int? Certificate, string? Sha256, IReadOnlyList<string> Left);
