using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Exports;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>What an erasure's orchestration has done. Each may be repeated: counts come from what was sealed.</summary>
public sealed class ErasureActivities(
    TerminationCases cases,
    Openings openings,
    Eraser eraser,
    Certificates certificates,
    ErasureLedger ledger,
    Exporter exporter,
    AccountAccess access,
    TimeProvider clock,
    ILogger<ErasureActivities> logger
)
{
    /// <summary>
    /// Checks the plan, and refuses it as a whole; then erases the export files, and seals the run: plan and keys, before the first
    /// deletion of anything that is not a copy.
    /// </summary>
    [Function(nameof(SealErasure))]
    public async Task<ErasureOutline> SealErasure(
        [ActivityTrigger] ErasureWork work,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        (Termination state, ErasureRun run) = await RunAsync(work, cancellation);
        if (run.Outcomes is not null)
        {
            // It only waited for sub-processors; what is left is the certificate.
            return new ErasureOutline(CaseHeld: state.CaseIsHeld, []);
        }
        ExportRun[] exports = [.. state.Exports.Where(e => !e.FilesErased)];
        if (exports.Length > 0 && !state.CaseIsHeld)
        {
            // Sealing checks too, but the files would be gone by then.
            await eraser.CheckAsync(await OrderAsync(state, run, cancellation), cancellation);
        }
        var orchestrations = new CaseOrchestrations(client, logger);
        foreach (ExportRun export in exports)
        {
            string writer = CaseOrchestrations.ExportInstance(work.CaseId, export.Number);
            if (export.Status == ExportStatus.Running || await orchestrations.IsAliveAsync(writer, cancellation))
            {
                // Files go once nobody writes them any more, and nothing else goes before they do.
                throw new ExportStillRunningException(work.CaseId, export.Number);
            }
            if (await IsHeldAsync(work.CaseId, cancellation))
            {
                return new ErasureOutline(CaseHeld: true, []);
            }
            await exporter.EraseAsync(new ExportRef(work.CaseId, export.Number), cancellation);
            await cases.ReportAsync(work.CaseId, new RecordExportErased(export.Number), cancellation);
        }
        return await SealAsync(work, cancellation);
    }

    /// <summary>The same for a case whose export files have gone, and for a caller without orchestrations.</summary>
    public async Task<ErasureOutline> SealAsync(ErasureWork work, CancellationToken cancellation)
    {
        (Termination state, ErasureRun run) = await RunAsync(work, cancellation);
        if (state.CaseIsHeld || await openings.OtherCaseIsHeldAsync(state, cancellation))
        {
            return new ErasureOutline(CaseHeld: true, []);
        }
        ErasureOrder order = await OrderAsync(state, run, cancellation);
        if (order.Kind == ErasureKind.Replay)
        {
            // The restored database lets its users in again.
            await access.FreezeAsync(order.CustomerId, cancellation);
        }
        ErasurePlan? plan = await eraser.ContinueSealAsync(order, cancellation);
        return new ErasureOutline(CaseHeld: false, [.. (plan?.Datasets ?? []).Select(d => d.Name)])
        {
            Unfinished = plan is null,
        };
    }

    private async Task<ErasureOrder> OrderAsync(Termination state, ErasureRun run, CancellationToken cancellation) =>
        new()
        {
            CaseId = state.CaseId,
            Run = run.Number,
            CustomerId = state.CustomerId,
            Kind = run.Kind,
            AsOf = run.StartedAt,
            EffectiveEnd = state.EffectiveEnd,
            TimeZone = state.Term.TimeZone,
            Datasets = run.Datasets,
            MayBeGone = run.Kind == ErasureKind.Replay || await openings.OtherCaseHasErasedAsync(state, cancellation),
            HeldDatasets = [.. state.Holds.SelectMany(h => h.Datasets).Distinct(StringComparer.Ordinal)],
        };

    [Function(nameof(EraseDataset))]
    public async Task<DatasetErasure> EraseDataset(
        [ActivityTrigger] DatasetToErase todo,
        CancellationToken cancellation
    )
    {
        var reference = new ErasureRef(todo.CaseId, todo.Run);
        ErasurePlan plan = await eraser.ReadPlanAsync(reference, cancellation);
        PlannedErasure planned = plan.Datasets.First(d => d.Name == todo.Dataset);
        Termination state = (await cases.LoadAsync(todo.CaseId, cancellation)).State;
        if (state.CaseIsHeld || await openings.OtherCaseIsHeldAsync(state, cancellation))
        {
            return new DatasetErasure(Done: false, Stopped: false, CaseHeld: true, todo.Cursor);
        }
        if (state.IsHeld(todo.Dataset))
        {
            return new DatasetErasure(Done: false, Stopped: true, CaseHeld: false, todo.Cursor);
        }
        BatchOutcome outcome = await eraser.EraseAsync(reference, todo.Dataset, todo.Cursor, cancellation);
        if (outcome.Stopped)
        {
            // By a hold on the case, on this dataset, or on one whose rows this dataset's batches would touch.
            bool held = await IsHeldAsync(todo.CaseId, cancellation);
            return new DatasetErasure(Done: false, Stopped: !held, CaseHeld: held, outcome.Cursor);
        }
        if (!outcome.Done)
        {
            return new DatasetErasure(Done: false, Stopped: false, CaseHeld: false, outcome.Cursor);
        }
        await RecordAsync(plan, planned, outcome, cancellation);
        return new DatasetErasure(Done: true, Stopped: false, CaseHeld: false, Cursor: null);
    }

    /// <summary>
    /// Recounts by another path, records its word on each dataset, and certifies what is proven. False when it ran out of time
    /// and is to be called again.
    /// </summary>
    [Function(nameof(ConcludeErasure))]
    public async Task<bool> ConcludeErasure(
        [ActivityTrigger] ErasureWork work,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        if (await ConcludeAsync(work, cancellation) is not { } state)
        {
            return false;
        }
        await new CaseOrchestrations(client, logger).NudgeAsync(work.CaseId, state.Version, cancellation);
        return true;
    }

    /// <summary>The same for a caller without a loop to nudge; null when it ran out of time.</summary>
    public async Task<Termination?> ConcludeAsync(ErasureWork work, CancellationToken cancellation)
    {
        var reference = new ErasureRef(work.CaseId, work.Run);
        (Termination state, ErasureRun run) = await RunAsync(work, cancellation);
        if (run.Outcomes is null)
        {
            if (await eraser.ContinueVerifyAsync(reference, cancellation) is not { } report)
            {
                return null;
            }
            foreach (DatasetVerification d in report.Datasets.Where(d => d.Outcome == ErasureOutcome.Unproven))
            {
                await cases.ReportAsync(work.CaseId, new RecordResidue(work.Run, d.Dataset, d.After), cancellation);
            }
            IReadOnlyList<DatasetOutcome> outcomes =
            [
                .. report.Datasets.Select(d => new DatasetOutcome(d.Dataset, Word(state, d))),
            ];
            state = await cases.ReportAsync(work.CaseId, new RecordVerification(work.Run, outcomes), cancellation);
            run = state.Erasures.First(r => r.Number == work.Run);
        }
        if (run.Kind == ErasureKind.Replay && state.Phase == Phase.Closed)
        {
            await access.CloseAsync(state.CustomerId, cancellation);
        }
        // Whatever was proven: what was deleted must be found again should a backup bring it back. Before the certificate, which
        // names the entry, and before the sealed keys go.
        LedgerPlace place = await ledger.RecordAsync(reference, state.ContractId, cancellation);
        // Sub-processors are the case's to wait for: it has this run again when they are done.
        if (!run.Ended && state.ProcessorsAreDone)
        {
            state = await CertifyAsync(reference, place, cancellation);
        }
        if (state is { EverythingIsProven: true, ProcessorsAreDone: true, IsRetaining: false, IsOnHold: false })
        {
            // No later run will look for these rows again: the sealed keys and the key to them are destroyed.
            await eraser.ForgetAsync(work.CaseId, cancellation);
        }
        return state;
    }

    private async Task<Termination> CertifyAsync(
        ErasureRef reference,
        LedgerPlace place,
        CancellationToken cancellation
    )
    {
        CaseSnapshot snapshot = await cases.LoadAsync(reference.CaseId, cancellation);
        Termination state = snapshot.State;
        ErasureRun run = state.Erasures.First(r => r.Number == reference.Run);
        ExportRun? export = state.Exports.LastOrDefault(e => e.Status == ExportStatus.Ready);
        CertificateSummary certificate = await certificates.IssueAsync(
            reference,
            new CertificateFacts
            {
                ContractId = state.ContractId,
                Actors = snapshot.Actors,
                StartedAt = run.StartedAt,
                CompletedAt = clock.GetUtcNow(),
                Export = export?.Number,
                ManifestSha256 = export?.ManifestSha256,
                Exported =
                    export?.Datasets.ToDictionary(d => d.Dataset, d => d.Rows, StringComparer.Ordinal)
                    ?? new Dictionary<string, long>(StringComparer.Ordinal),
                Processors =
                [
                    .. state
                        .Processors.Values.Where(p => p is { Status: ProcessorStatus.Proven, AcknowledgedAt: not null })
                        .Select(p => new ProcessorAcknowledgement(p.Name, p.Reference!, p.AcknowledgedAt!.Value)),
                ],
                StreamVersion = state.Version,
                StreamHash = snapshot.Stream.LastHash,
                Ledger = place,
                Supersedes = state.Certificates.LastOrDefault() is { } earlier
                    ? Certificates.NumberOf(new ErasureRef(reference.CaseId, earlier.Run))
                    : null,
            },
            cancellation
        );
        return await cases.ReportAsync(
            reference.CaseId,
            new RecordCertificate(reference.Run, reference.Run, certificate.Sha256),
            cancellation
        );
    }

    private async Task RecordAsync(
        ErasurePlan plan,
        PlannedErasure planned,
        BatchOutcome outcome,
        CancellationToken cancellation
    )
    {
        ErasureOrder order = plan.Order;
        var calendar = new TermCalendar(order.TimeZone);
        bool released =
            order.Kind == ErasureKind.Release
            && (order.Datasets.Count == 0 || order.Datasets.Contains(planned.Name, StringComparer.Ordinal))
            && !order.HeldDatasets.Contains(planned.Name, StringComparer.Ordinal)
            && outcome.Remaining == 0;
        if (released)
        {
            Termination state = (await cases.LoadAsync(order.CaseId, cancellation)).State;
            foreach (
                Terminations.RetainedRows rows in state.Retained.Where(r =>
                    r.Dataset == planned.Name && calendar.StartOfDay(r.ReleaseOn) <= order.AsOf
                )
            )
            {
                await cases.ReportAsync(
                    order.CaseId,
                    new RecordRetainedErased(order.Run, planned.Name, rows.Rows, rows.ReleaseOn),
                    cancellation
                );
            }
        }
        foreach (Erasure.RetainedRows kept in planned.Retained)
        {
            await cases.ReportAsync(
                order.CaseId,
                new RecordDatasetRetained(
                    order.Run,
                    planned.Name,
                    kept.Class,
                    kept.LegalBasis,
                    kept.Rows,
                    calendar.DateOf(kept.ReleasesAt)
                ),
                cancellation
            );
        }
        await cases.ReportAsync(
            order.CaseId,
            new RecordDatasetErased(
                order.Run,
                planned.Name,
                planned.Before,
                outcome.Deleted,
                outcome.Anonymised,
                outcome.Unlinked
            ),
            cancellation
        );
    }

    private async Task<bool> IsHeldAsync(string caseId, CancellationToken cancellation)
    {
        Termination state = (await cases.LoadAsync(caseId, cancellation)).State;
        return state.CaseIsHeld || await openings.OtherCaseIsHeldAsync(state, cancellation);
    }

    /// <summary>What a hold kept from being erased is held, not unproven.</summary>
    private static ErasureOutcome Word(Termination state, DatasetVerification d) =>
        d.Outcome == ErasureOutcome.Unproven && state.IsHeld(d.Dataset) ? ErasureOutcome.Held : d.Outcome;

    private async Task<(Termination State, ErasureRun Run)> RunAsync(ErasureWork work, CancellationToken cancellation)
    {
        Termination state = (await cases.LoadAsync(work.CaseId, cancellation)).State;
        ErasureRun run =
            state.Erasures.Find(r => r.Number == work.Run)
            ?? throw new InvalidOperationException($"Case {work.CaseId} has no erasure run {work.Run}.");
        return (state, run);
    }
}
