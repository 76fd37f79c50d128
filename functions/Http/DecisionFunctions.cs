using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.DataMap;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>What a second person or an officer decides: approvals, holds, and steps that need attention.</summary>
public sealed class DecisionFunctions(
    Access access,
    CaseCalls calls,
    HoldGate gate,
    MappedSystems systems,
    ILogger<DecisionFunctions> logger
)
{
    private enum Decision
    {
        Approve,
        Reject,
    }

    [Function(nameof(DecideApproval))]
    public async Task<IResult> DecideApproval(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/approvals/{approvalId}")]
            HttpRequest request,
        string id,
        string approvalId,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Officer, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f => (Decision: f.Choice<Decision>("decision"), Reason: f.OptionalLongText("reason"))
        );
        PersonalRow? reason = read.Reason is null ? null : PersonalRow.Of(read.Reason);
        var command = new DecideApproval(approvalId, read.Decision == Decision.Approve, reason?.Ref);
        // Only a rejection keeps its reason; a side row that no event points to would never be found again.
        IReadOnlyList<PersonalRow> personal = reason is null || read.Decision == Decision.Approve ? [] : [reason];
        IdempotentAnswer answer = await calls.RunAsync(
            call,
            async cause =>
            {
                CommandOutcome.Accepted done = await calls.ApplyAsync(call, command, cause, personal);
                if (done.Events.Any(e => e is HoldReleased))
                {
                    await gate.HoldEndedAsync(
                        done.Case.State,
                        new CaseOrchestrations(durable, logger),
                        CancellationToken.None
                    );
                }
                return CaseCalls.Remember(StatusCodes.Status200OK);
            }
        );
        return await calls.ShowAsync(call, answer.Status);
    }

    [Function(nameof(PlaceHold))]
    public async Task<IResult> PlaceHold(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/holds")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Officer, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f =>
                (
                    Reason: f.LongText("reason"),
                    Basis: f.LongText("legalBasis"),
                    Datasets: Names(f, "datasets"),
                    Until: f.OptionalInstant("until")
                )
        );
        ExportFunctions.RequireKnown(
            "datasets",
            read.Datasets,
            systems.Map.Tables.Select(t => t.Name).Concat(systems.Map.Blobs.Select(b => b.Name))
        );
        PersonalRow reason = PersonalRow.Of(read.Reason);
        PersonalRow basis = PersonalRow.Of(read.Basis);
        IdempotentAnswer answer = await calls.RunAsync(
            call,
            async cause =>
            {
                var command = new PlaceHold(reason.Ref, basis.Ref, read.Datasets, read.Until);
                CommandOutcome.Accepted done = await calls.ApplyAsync(call, command, cause, [reason, basis]);
                // Answered only when no batch that passed before it can still commit.
                await gate.ClearAsync(id, call.Cancellation);
                return CaseCalls.Remember(201, ("holdId", CaseCalls.CausedBy<HoldPlaced>(done, cause).HoldId));
            }
        );
        return await calls.ShowAsync(call, answer.Status);
    }

    [Function(nameof(ReleaseHold))]
    public async Task<IResult> ReleaseHold(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/holds/{holdId}/release")]
            HttpRequest request,
        string id,
        string holdId,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Officer, id);
        var (call, text) = await CaseCalls.ReadAsync(request, who, id, durable, f => f.LongText("reason"));
        PersonalRow reason = PersonalRow.Of(text);
        return await calls.ExecuteAsync(call, new ReleaseHold(holdId, reason.Ref), [reason], _ => 202);
    }

    [Function(nameof(SettleAttention))]
    public async Task<IResult> SettleAttention(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/attention/{itemId}")]
            HttpRequest request,
        string id,
        string itemId,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Officer, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f => (Action: f.Choice<AttentionAction>("action"), Reason: f.LongText("reason"))
        );
        PersonalRow reason = PersonalRow.Of(read.Reason);
        return await calls.ExecuteAsync(call, new SettleAttention(itemId, read.Action, reason.Ref), [reason]);
    }

    /// <summary>A list of names; left out it means all, so an empty one is refused.</summary>
    internal static IReadOnlyList<string> Names(JsonFields fields, string name)
    {
        IReadOnlyList<string>? names = fields.OptionalTexts(name);
        if (names is { Count: 0 })
        {
            fields.Refuse(name, "must name at least one, or be left out for all");
        }
        return names ?? [];
    }
}
