using Portability.Terminations;

namespace Portability.Storage;

/// <summary>The columns of a case's head row: enough to list cases and to find those that are due.</summary>
public sealed record CaseSummary
{
    public required string ContractId { get; init; }
    public required string CustomerId { get; init; }
    public required Phase Phase { get; init; }
    public required DateTimeOffset OpenedAt { get; init; }

    /// <summary>When the last event happened.</summary>
    public required DateTimeOffset LastAt { get; init; }

    /// <summary>When the case's next step is due; null when it waits for a person or is done.</summary>
    public DateTimeOffset? DueAt { get; init; }

    public bool OnHold { get; init; }
    public bool NeedsAttention { get; init; }
    public bool Retaining { get; init; }

    /// <summary>Whether the contract is free for another case.</summary>
    public bool HasEnded => Phase is Phase.Closed or Phase.Withdrawn or Phase.Reinstated;

    /// <param name="state">The case after the events that are appended.</param>
    /// <param name="dueAt">When its next step is due.</param>
    public static CaseSummary Of(Termination state, DateTimeOffset? dueAt) =>
        new()
        {
            ContractId = state.ContractId,
            CustomerId = state.CustomerId,
            Phase = state.Phase,
            OpenedAt = state.OpenedAt,
            LastAt = state.LastAt,
            DueAt = dueAt,
            OnHold = state.IsOnHold,
            NeedsAttention = state.NeedsAttention,
            Retaining = state.IsRetaining,
        };
}

/// <summary>A listed case.</summary>
public sealed record IndexedCase(string CaseId, long Version, CaseSummary Summary);
