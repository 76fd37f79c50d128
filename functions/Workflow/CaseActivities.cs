using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.DataMap;
using Portability.Erasure;
using Portability.Exports;
using Portability.Messaging;
using Portability.Terminations;

namespace Portability.Workflow;

/// <summary>What the case's loop has done: finding the next step, taking it, and saying that it failed.</summary>
public sealed class CaseActivities(
    TerminationCases cases,
    Openings openings,
    CustomerMessages messages,
    Redactions redactions,
    Removals removals,
    HoldGate gate,
    AccountAccess access,
    Exporter exporter,
    ProcessorSteps processors,
    EventPublisher publisher,
    MappedSystems systems,
    TimeProvider clock,
    ILogger<CaseActivities> logger
)
{
    [Function(nameof(FindNextStep))]
    public async Task<StepToTake> FindNextStep([ActivityTrigger] string caseId, CancellationToken cancellation)
    {
        if (await cases.FindAsync(caseId, cancellation) is { } found)
        {
            // Everything that happened comes by here; what a bus that is down leaves behind is the sweep's.
            await publisher.TryPublishAsync(found.Stream, cancellation);
            Termination state = found.State;
            return StepToTake.From(state.Version, Lifecycle.Next(state, clock.GetUtcNow()));
        }
        // Removed; or an attempt to remove it ended half-way, and nobody is left to be told of a failure.
        bool isHalfDone = await removals.IsHalfDoneAsync(caseId, cancellation);
        return StepToTake.From(0, isHalfDone ? new NextStep.RemoveCase() : new NextStep.Done()) with
        {
            AttentionStep = null,
        };
    }

    [Function(nameof(TakeStep))]
    public async Task TakeStep(
        [ActivityTrigger] CaseStep todo,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        string caseId = todo.CaseId;
        StepToTake step = todo.Step;
        var orchestrations = new CaseOrchestrations(client, logger);
        switch (step.Name)
        {
            case nameof(NextStep.EndTerm):
                await ReportAsync(caseId, new EndTerm(), cancellation);
                break;
            case nameof(NextStep.FreezeAccess):
                Termination ending = (await cases.LoadAsync(caseId, cancellation)).State;
                if (await openings.OtherContractIsAsync(ending, inService: true, cancellation))
                {
                    throw new OtherContractInServiceException(caseId);
                }
                await access.FreezeAsync(ending.CustomerId, cancellation);
                await ReportAsync(caseId, new RecordAccessFrozen(), cancellation);
                break;
            case nameof(NextStep.RestoreAccess):
                Termination returning = (await cases.LoadAsync(caseId, cancellation)).State;
                if (await openings.OtherContractIsAsync(returning, inService: false, cancellation))
                {
                    throw new OtherContractFrozenException(caseId);
                }
                await access.RestoreAsync(returning.CustomerId, cancellation);
                await ReportAsync(caseId, new RecordAccessRestored(), cancellation);
                break;
            case nameof(NextStep.ExpireHold):
                Termination freed = await cases.ReportAsync(caseId, new ExpireHold(step.Subject!), cancellation);
                await gate.HoldEndedAsync(freed, orchestrations, cancellation);
                break;
            case nameof(NextStep.SendMessage):
                await messages.SendAsync(caseId, step.Subject!, cancellation);
                break;
            case nameof(NextStep.RunExport):
                await orchestrations.StartExportAsync(caseId, step.Number, cancellation);
                break;
            case nameof(NextStep.EraseExport):
                await EraseExportAsync(orchestrations, caseId, step.Number, cancellation);
                break;
            case nameof(NextStep.StartErasure):
                Termination asking = (await cases.LoadAsync(caseId, cancellation)).State;
                bool lives = await openings.OtherContractLivesAsync(asking, cancellation);
                Termination asked = await ReportAsync(
                    caseId,
                    new StartErasure(lives)
                    {
                        Processors = [.. systems.Map.Systems.OfType<ProcessorSystem>().Select(p => p.Name)],
                    },
                    cancellation
                );
                if (step.Until is not null && asked.Version > asking.Version)
                {
                    // The loop was to wait for another look; there is something to do now.
                    await orchestrations.NudgeAsync(caseId, asked.Version, cancellation);
                }
                break;
            case nameof(NextStep.RunErasure):
                await orchestrations.StartErasureAsync(caseId, step.Number, cancellation);
                break;
            case nameof(NextStep.CommandProcessor):
                await processors.CommandAsync(caseId, step.Subject!, cancellation);
                break;
            case nameof(NextStep.ChaseProcessor):
                await processors.ChaseAsync(caseId, step.Subject!, cancellation);
                break;
            case nameof(NextStep.AskProcessor):
                await processors.AskAsync(caseId, step.Subject!, cancellation);
                break;
            case nameof(NextStep.EscalateProcessor):
                await ReportAsync(caseId, new EscalateProcessor(step.Subject!), cancellation);
                break;
            case nameof(NextStep.CloseAccount):
                await access.CloseAsync(await CustomerOfAsync(caseId, cancellation), cancellation);
                await ReportAsync(caseId, new RecordAccountClosed(), cancellation);
                break;
            case nameof(NextStep.RedactPersonalData):
                await redactions.RedactAsync(caseId, cancellation);
                break;
            case nameof(NextStep.RemoveCase):
                await removals.RemoveAsync(caseId, cancellation);
                break;
            default:
                throw new InvalidOperationException($"No way to take the step {step.Name}.");
        }
    }

    /// <summary>Puts a step that keeps failing on the case's attention list.</summary>
    [Function(nameof(ReportFailure))]
    public async Task ReportFailure(
        [ActivityTrigger] StepFailure failure,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation
    )
    {
        logger.LogError("Case {Case}: {Step} failed ({Code}).", failure.CaseId, failure.Step, failure.Code);
        Termination state = await ReportAsync(
            failure.CaseId,
            new RaiseAttention(failure.Step, failure.Code),
            cancellation
        );
        await new CaseOrchestrations(client, logger).NudgeAsync(failure.CaseId, state.Version, cancellation);
    }

    /// <summary>Files go once nobody writes them any more: a writer that ended later would leave a file behind.</summary>
    private async Task EraseExportAsync(
        CaseOrchestrations orchestrations,
        string caseId,
        int export,
        CancellationToken cancellation
    )
    {
        if (await orchestrations.IsAliveAsync(CaseOrchestrations.ExportInstance(caseId, export), cancellation))
        {
            throw new ExportStillRunningException(caseId, export);
        }
        await exporter.EraseAsync(new ExportRef(caseId, export), cancellation);
        await ReportAsync(caseId, new RecordExportErased(export), cancellation);
    }

    private async Task<string> CustomerOfAsync(string caseId, CancellationToken cancellation) =>
        (await cases.LoadAsync(caseId, cancellation)).State.CustomerId;

    private Task<Termination> ReportAsync(string caseId, TerminationCommand command, CancellationToken cancellation) =>
        cases.ReportAsync(caseId, command, cancellation);
}

/// <summary>The files of a cancelled export cannot go yet; trying again later helps.</summary>
public sealed class ExportStillRunningException(string caseId, int export)
    : Exception($"Export {export} of case {caseId} has not stopped yet.");

/// <summary>Freezing the customer's access would take the service from a contract that is still in its term.</summary>
public sealed class OtherContractInServiceException(string caseId)
    : Exception($"Case {caseId}: another contract of the customer is in service; its access cannot be frozen yet.");

/// <summary>Giving access back would open data that another case of the customer keeps read-only.</summary>
public sealed class OtherContractFrozenException(string caseId)
    : Exception($"Case {caseId}: another case of the customer keeps its access frozen.");
