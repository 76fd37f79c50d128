using Portability.Erasure;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>
/// After a restore: finds, for every erasure of the ledger, what has come back, and erases it again as another run of the case, by
/// the very steps of an erasure. A replay that was interrupted is gone on with by the next call, or by the app's own sweep.
/// </summary>
public sealed class LedgerReplay(
    LedgerReader ledger,
    TerminationCases cases,
    Openings openings,
    Eraser eraser,
    ErasureActivities runs,
    TimeProvider clock
)
{
    /// <summary>Looks at every customer of the ledger, or at those of some cases. Changes nothing.</summary>
    /// <param name="only">Case ids; empty means all.</param>
    /// <param name="evenIfReused">Customers whose rows are taken although the ledger does not know them.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <exception cref="LedgerBrokenException">The ledger is not as it was written.</exception>
    /// <exception cref="RunKeyMissingException">The settings no longer hold the key of its hashes.</exception>
    public async Task<IReadOnlyList<ReplayFinding>> LookAsync(
        IReadOnlyCollection<string> only,
        IReadOnlyCollection<string> evenIfReused,
        CancellationToken cancellation
    )
    {
        var findings = new List<ReplayFinding>();
        IReadOnlyList<LedgerRecord> records = await ledger.ReadAsync(cancellation);
        foreach (var customer in records.GroupBy(r => r.Entry.CustomerId, StringComparer.Ordinal))
        {
            if (only.Count == 0 || customer.Any(r => only.Contains(r.Entry.CaseId)))
            {
                findings.Add(await LookAtAsync([.. customer], evenIfReused.Contains(customer.Key), cancellation));
            }
        }
        return findings;
    }

    /// <summary>Erases what a look found. May be repeated.</summary>
    /// <exception cref="ErasureRefusedException">It must not begin; nothing was deleted.</exception>
    public async Task<ReplayResult> ReplayAsync(ReplayFinding finding, CancellationToken cancellation)
    {
        if (!finding.IsToErase)
        {
            throw new ArgumentException($"Nothing of {finding.CustomerId} is to be erased.", nameof(finding));
        }
        Termination state = await cases.ReportAsync(finding.CaseId, new StartReplay(), cancellation);
        var work = new ErasureWork(finding.CaseId, state.Erasures[^1].Number, 0);
        ErasureOutline outline;
        do
        {
            outline = await runs.SealAsync(work, cancellation);
        } while (outline.Unfinished);
        if (outline.CaseHeld)
        {
            return Stopped(work);
        }
        foreach (string dataset in outline.Datasets)
        {
            if (!await EraseAsync(new DatasetToErase(work.CaseId, work.Run, dataset, Cursor: null), cancellation))
            {
                return Stopped(work);
            }
        }
        Termination? concluded;
        do
        {
            concluded = await runs.ConcludeAsync(work, cancellation);
        } while (concluded is null);
        return Result(concluded, work.Run);
    }

    private async Task<ReplayFinding> LookAtAsync(
        IReadOnlyList<LedgerRecord> records,
        bool evenIfReused,
        CancellationToken cancellation
    )
    {
        LedgerEntry latest = records.MaxBy(r => (r.Entry.EffectiveEnd, r.Entry.Number))!.Entry;
        var finding = new ReplayFinding
        {
            CustomerId = latest.CustomerId,
            CaseId = latest.CaseId,
            ErasedAt = records.Min(r => r.Entry.VerifiedAt),
            Runs = records.Count,
            Verdict = ReplayVerdict.Clean,
            Reasons = [],
        };
        if (await cases.FindAsync(latest.CaseId, cancellation) is not { State: var state })
        {
            return await LookWithoutCaseAsync(finding, latest, records, cancellation);
        }
        if (await LivingAsync(state, cancellation) is { Count: > 0 } living)
        {
            return finding with { Verdict = ReplayVerdict.Living, Reasons = living };
        }
        ErasureRun last = state.Erasures[^1];
        bool isUnfinished = last is { Ended: false, Kind: ErasureKind.Replay };
        if (!last.Ended && !isUnfinished)
        {
            return finding with
            {
                Verdict = ReplayVerdict.Blocked,
                Reasons = [$"erasure {last.Number} of the case is under way: let it end, then look again"],
            };
        }
        ReturnReport report = await eraser.FindReturnsAsync(OrderFor(state), records, cancellation);
        finding = finding with { Datasets = report.Datasets, Notes = report.Notes };
        return Judge(finding, state, report, isUnfinished, evenIfReused);
    }

    /// <summary>A case goes ten years after its end, the ledger's entry stays: what came back is seen, and is not erased from here.</summary>
    private async Task<ReplayFinding> LookWithoutCaseAsync(
        ReplayFinding finding,
        LedgerEntry latest,
        IReadOnlyList<LedgerRecord> records,
        CancellationToken cancellation
    )
    {
        var order = new ErasureOrder
        {
            CaseId = latest.CaseId,
            Run = latest.Run + 1,
            CustomerId = latest.CustomerId,
            Kind = ErasureKind.Replay,
            AsOf = clock.GetUtcNow(),
            EffectiveEnd = latest.EffectiveEnd,
            TimeZone = latest.TimeZone,
            MayBeGone = true,
        };
        ReturnReport report = await eraser.FindReturnsAsync(order, records, cancellation);
        finding = finding with { Datasets = report.Datasets, Notes = report.Notes };
        return report is { CameBack: 0, Blockers.Count: 0 }
            ? finding
            : finding with
            {
                Verdict = ReplayVerdict.Blocked,
                Reasons =
                [
                    .. report.Blockers,
                    $"the case {latest.CaseId} is not in this storage, and a replay is a run of it: restore the case too, or erase by hand",
                ],
            };
    }

    private static ReplayFinding Judge(
        ReplayFinding finding,
        Termination state,
        ReturnReport report,
        bool isUnfinished,
        bool evenIfReused
    )
    {
        if (report.Blockers.Count > 0)
        {
            return finding with { Verdict = ReplayVerdict.Blocked, Reasons = report.Blockers };
        }
        if (report.CameBack == 0 && !isUnfinished)
        {
            return finding;
        }
        if (state.CaseIsHeld)
        {
            return finding with
            {
                Verdict = ReplayVerdict.Held,
                Reasons = ["a hold covers the case: look again after its release"],
            };
        }
        if (isUnfinished)
        {
            // It was judged before it began, and what it has deleted since cannot be looked up any more.
            return finding with
            {
                Verdict = ReplayVerdict.Unfinished,
                Reasons = ["an earlier replay was interrupted: it goes on"],
            };
        }
        string? reused =
            report.Unknown > 0
                ? $"{report.Unknown} of {report.Datasets.Sum(d => d.Told)} rows looked up are not in the ledger: they were written after the erasure, or had gone before it"
            : report.CanBeTold ? null
            : "none of its rows can be looked up in the ledger: their keys are texts, or the tables are new";
        return reused is null || evenIfReused
            ? finding with
            {
                Verdict = ReplayVerdict.CameBack,
                Reasons = [],
                Notes = reused is null ? finding.Notes : [.. finding.Notes, reused],
            }
            : finding with
            {
                Verdict = ReplayVerdict.Reused,
                Reasons = [reused],
            };
    }

    /// <summary>Contracts of the customer that have not ended in an erasure: each latest case that is not erasing or closed.</summary>
    private async Task<IReadOnlyList<string>> LivingAsync(Termination state, CancellationToken cancellation)
    {
        var latest = new Dictionary<string, IndexedCase>(StringComparer.Ordinal);
        await foreach (IndexedCase found in openings.CasesOfAsync(state.CustomerId, cancellation))
        {
            if (
                !latest.TryGetValue(found.Summary.ContractId, out IndexedCase? known)
                || known.Summary.OpenedAt < found.Summary.OpenedAt
            )
            {
                latest[found.Summary.ContractId] = found;
            }
        }
        return
        [
            .. latest
                .Values.Where(other => other.Summary.Phase is not (Phase.Erasing or Phase.Closed))
                .Select(other =>
                    $"contract {other.Summary.ContractId} of this customer lives (case {other.CaseId}, {other.Summary.Phase}): what is there is its own, and goes with it"
                ),
        ];
    }

    private ErasureOrder OrderFor(Termination state) =>
        new()
        {
            CaseId = state.CaseId,
            Run = state.Erasures[^1].Number + 1,
            CustomerId = state.CustomerId,
            Kind = ErasureKind.Replay,
            AsOf = LookedAtAsOf(state),
            EffectiveEnd = state.EffectiveEnd,
            TimeZone = state.Term.TimeZone,
            MayBeGone = true,
            HeldDatasets = [.. state.Holds.SelectMany(h => h.Datasets).Distinct(StringComparer.Ordinal)],
        };

    /// <summary>
    /// Kept rows whose day has come and which the case's own timer has not taken yet did not come back: as long as there are any,
    /// it is the moment before that day.
    /// </summary>
    private DateTimeOffset LookedAtAsOf(Termination state)
    {
        DateTimeOffset now = clock.GetUtcNow();
        IEnumerable<DateTimeOffset> due = state
            .Retained.Select(rows => state.Calendar.StartOfDay(rows.ReleaseOn))
            .Where(day => day <= now);
        return due.Select(day => day.AddTicks(-1)).Append(now).Min();
    }

    /// <summary>Erases one dataset; false when the whole case is held.</summary>
    private async Task<bool> EraseAsync(DatasetToErase todo, CancellationToken cancellation)
    {
        while (true)
        {
            DatasetErasure progress = await runs.EraseDataset(todo, cancellation);
            if (progress.CaseHeld)
            {
                return false;
            }
            if (progress.Done || progress.Stopped)
            {
                return true;
            }
            todo = todo with { Cursor = progress.Cursor };
        }
    }

    private static ReplayResult Stopped(ErasureWork work) =>
        new(work.Run, Certificate: null, Sha256: null, ["a hold was placed on the case: look again after its release"]);

    private static ReplayResult Result(Termination state, int number)
    {
        Certificate? certificate = state.Certificates.Find(c => c.Run == number);
        return new(
            number,
            certificate?.Number,
            certificate?.Sha256,
            certificate is not null
                ? []
                :
                [
                    .. state
                        .Outcomes.Where(o => o.Value is ErasureOutcome.Held or ErasureOutcome.Unproven)
                        .Select(o => $"{o.Key}: {(o.Value == ErasureOutcome.Held ? "held" : "unproven")}"),
                ]
        );
    }
}
