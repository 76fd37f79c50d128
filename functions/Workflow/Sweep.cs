using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Storage;

namespace Portability.Workflow;

/// <summary>
/// Finds what nudges and restarts missed: starts loops that are absent or failed, nudges those whose stream has grown
/// or whose time has come, completes or frees half-made openings, purges old histories and keys of calls, and says what
/// stays stuck.
/// </summary>
public sealed class Sweep(
    CaseIndex index,
    Openings openings,
    IdempotencyStore keys,
    TimeProvider clock,
    ILogger<Sweep> logger
)
{
    /// <summary>Ended orchestrations say nothing that the stream does not; their history is for finding faults.</summary>
    private static readonly TimeSpan HistoryKept = TimeSpan.FromDays(30);

    private static readonly IReadOnlyList<OrchestrationRuntimeStatus> Ended =
    [
        OrchestrationRuntimeStatus.Completed,
        OrchestrationRuntimeStatus.Failed,
        OrchestrationRuntimeStatus.Terminated,
    ];

    [Function(nameof(Sweep))]
    public async Task RunAsync(
        [TimerTrigger("%SweepSchedule%")] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        var orchestrations = new CaseOrchestrations(client, logger);
        int looked = 0;
        await foreach (IndexedCase found in index.AllAsync(CaseFilter.All, cancellation))
        {
            if (found.Summary is { HasEnded: true, DueAt: null })
            {
                continue;
            }
            looked++;
            try
            {
                await LookAtAsync(orchestrations, found, cancellation);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // One case that cannot be read must not keep the others from being found.
                logger.LogError(e, "The sweep could not look at case {Case}.", found.CaseId);
            }
        }
        await client.PurgeAllInstancesAsync(
            new PurgeInstancesFilter(CreatedTo: clock.GetUtcNow() - HistoryKept, Statuses: Ended),
            cancellation
        );
        int forgotten = await keys.PurgeOldAsync(cancellation);
        int freed = await openings.SettleHalfMadeAsync(cancellation);
        int repaired = await index.RepairAsync(cancellation);
        logger.LogInformation(
            "The sweep looked at {Cases} cases, freed {Freed} reservations, mended {Repaired} entries of the index and "
                + "forgot {Forgotten} keys of calls.",
            looked,
            freed,
            repaired,
            forgotten
        );
    }

    private async Task LookAtAsync(CaseOrchestrations orchestrations, IndexedCase found, CancellationToken cancellation)
    {
        string caseId = found.CaseId;
        CaseStatus? status = await orchestrations.StatusAsync(caseId, cancellation);
        if (status is null)
        {
            logger.LogWarning("Case {Case} had no running loop; it is started from its stream.", caseId);
            await orchestrations.StartCaseAsync(caseId, cancellation);
        }
        else if (status.Version < found.Version || status.Until < clock.GetUtcNow())
        {
            await orchestrations.NudgeAsync(caseId, found.Version, cancellation);
        }
        if (found.Summary.NeedsAttention)
        {
            logger.LogWarning("Case {Case} needs attention ({Phase}).", caseId, found.Summary.Phase);
        }
    }
}
