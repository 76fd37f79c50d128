using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Messaging;
using Portability.Storage;

namespace Portability.Workflow;

/// <summary>
/// Finds what nudges and restarts missed: starts loops that are absent or failed, nudges those whose stream has grown
/// or whose time has come, publishes events that are not out yet, completes or frees half-made openings, purges old
/// histories and keys of calls, and says what stays stuck.
/// </summary>
public sealed class Sweep(
    CaseIndex index,
    Openings openings,
    IdempotencyStore keys,
    TerminationCases cases,
    PublishedCursors cursors,
    EventPublisher publisher,
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
        IReadOnlyDictionary<string, long> published = await cursors.AllAsync(cancellation);
        int looked = 0;
        await foreach (IndexedCase found in index.AllAsync(CaseFilter.All, cancellation))
        {
            if (published.GetValueOrDefault(found.CaseId) < found.Version)
            {
                await PublishAsync(found, cancellation);
            }
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

    /// <summary>Events that a bus which was down left behind, of cases that are done too.</summary>
    private async Task PublishAsync(IndexedCase found, CancellationToken cancellation)
    {
        try
        {
            await publisher.TryPublishAsync((await cases.LoadAsync(found.CaseId, cancellation)).Stream, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogError(e, "The sweep could not read case {Case} to publish its events.", found.CaseId);
        }
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
