using Portability.DataMap;
using Portability.Erasure;
using Portability.Exports;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>What would become of a case's data if it were exported and erased as things stand. Changes nothing.</summary>
/// <param name="State">The case.</param>
/// <param name="Export">All categories and formats.</param>
/// <param name="Erasure">A first run over everything, retention measured against the day on which erasure opens.</param>
/// <param name="ErasureDuration">An estimate; null when the databases could not be looked at.</param>
/// <param name="Blockers">What stands in the case's own way; the data's are in the two parts.</param>
public sealed record CasePreview(
    Termination State,
    ExportPreview Export,
    ErasurePreview Erasure,
    TimeSpan? ErasureDuration,
    IReadOnlyList<CaseBlocker> Blockers
);

/// <param name="Code">Stable.</param>
/// <param name="Message">A sentence.</param>
public sealed record CaseBlocker(string Code, string Message);

/// <summary>Makes previews.</summary>
public sealed class CasePreviews(
    TerminationCases cases,
    Openings openings,
    Exporter exporter,
    Eraser eraser,
    MappedSystems systems,
    TimeProvider clock
)
{
    /// <summary>
    /// Rows that one run takes in a second, sealing, batches and recount together. Measured: 1,000,000 rows of ten tables (SQLite) in
    /// 48 s, 21,000 a second, on two cores that had much other work. An estimate is better too long: this is half of it.
    /// </summary>
    private const double RowsPerSecond = 10_000;

    /// <summary>
    /// What each dataset takes beside its rows: activities, catalogues read anew, fences. Assumed, from the 20 s that the sample LMS
    /// took with 33,027 rows in some twenty datasets.
    /// </summary>
    private static readonly TimeSpan PerDataset = TimeSpan.FromSeconds(1);

    /// <exception cref="UnknownCaseException">There is no such case.</exception>
    /// <remarks>What it shows of the plan is remembered: a run of another kind is refused until it has been shown again.</remarks>
    public async Task<CasePreview> PreviewAsync(string caseId, string actor, CancellationToken cancellation)
    {
        Termination state = (await cases.LoadAsync(caseId, cancellation)).State;
        DateTimeOffset now = clock.GetUtcNow();
        ExportPreview export = await exporter.PreviewAsync(
            new ExportOrder
            {
                CaseId = caseId,
                Number = state.Exports.Count + 1,
                CustomerId = state.CustomerId,
                Locale = state.Locale,
                RequestedAt = now,
            },
            cancellation
        );
        ErasurePreview erasure = await eraser.PreviewAsync(
            new ErasureOrder
            {
                CaseId = caseId,
                Run = state.Erasures.Count + 1,
                CustomerId = state.CustomerId,
                Kind = ErasureKind.Full,
                AsOf = state.ErasureOpens > now ? state.ErasureOpens : now,
                EffectiveEnd = state.EffectiveEnd,
                TimeZone = state.Term.TimeZone,
                HeldDatasets = [.. state.Holds.SelectMany(h => h.Datasets).Distinct(StringComparer.Ordinal)],
                MayBeGone = state.ErasureHasStarted || await openings.OtherCaseHasErasedAsync(state, cancellation),
            },
            cancellation
        );
        IReadOnlyList<string> changes = await eraser.ShownAsync(caseId, erasure, actor, cancellation);
        long rows = erasure.Datasets.Sum(dataset => dataset.Before);
        return new CasePreview(
            state,
            export,
            erasure with
            {
                Notes = [.. changes, .. erasure.Notes],
            },
            erasure.Datasets.Count == 0
                ? null
                : (erasure.Datasets.Count * PerDataset) + TimeSpan.FromSeconds(rows / RowsPerSecond),
            [.. await BlockersAsync(state, cancellation)]
        );
    }

    private async Task<List<CaseBlocker>> BlockersAsync(Termination s, CancellationToken cancellation)
    {
        var blockers = new List<CaseBlocker>();
        void Add(bool stands, string code, string message)
        {
            if (stands)
            {
                blockers.Add(new CaseBlocker(code, message));
            }
        }
        Add(s.HasEnded, "case-ended", "The case has ended: there is nothing to export or to erase in it.");
        Add(s.CaseIsHeld, "case-held", "A hold covers the whole case: nothing is erased until it is released.");
        Add(
            s.IsOnHold && !s.CaseIsHeld,
            "datasets-held",
            $"A hold covers {string.Join(", ", s.Holds.SelectMany(h => h.Datasets).Distinct(StringComparer.Ordinal))}: they are left alone."
        );
        Add(
            await openings.OtherCaseIsHeldAsync(s, cancellation),
            "other-case-held",
            "A hold stands on another case of this customer, and the data is one."
        );
        Add(
            await openings.OtherContractLivesAsync(s, cancellation),
            "other-contract",
            "Another contract of this customer lives, or a hold stands on one of its cases: erasure waits until the last one is due."
        );
        Add(s.ExportIsOwed, "export-owed", "An export is running or owed: erasure waits for it.");
        Add(
            !s.TermHasEnded && !s.HasEnded,
            "in-service",
            "The term has not ended: the service goes on, and nothing is erased before its day."
        );
        foreach (Approval approval in s.PendingApprovals)
        {
            Add(true, "approval-pending", $"Approval {approval.Id} waits for a second person.");
        }
        foreach (Attention item in s.Attention)
        {
            Add(true, "attention", $"Step {item.Step} needs attention ({item.Code}).");
        }
        foreach (ProcessorSystem processor in systems.Map.Systems.OfType<ProcessorSystem>())
        {
            Add(true, "processor", $"The sub-processor {processor.Name} must acknowledge the erasure.");
        }
        return blockers;
    }
}
