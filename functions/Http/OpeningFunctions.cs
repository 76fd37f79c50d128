using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>Opens cases.</summary>
public sealed class OpeningFunctions(
    Access access,
    Openings openings,
    IdempotentCalls idempotent,
    CaseCalls calls,
    ILogger<OpeningFunctions> logger
)
{
    [Function(nameof(OpenTermination))]
    public async Task<IResult> OpenTermination(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations")] HttpRequest request,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.System);
        JsonBody body = await JsonBody.ReadAsync(request);
        OpeningRequest opening = OpeningRequest.Read(body.Fields);
        if (opening.Notice is null && !who.Roles.HasFlag(Roles.System))
        {
            throw new ProblemException(
                new Problem(
                    403,
                    "expiry-by-contract-system",
                    "A contract that expires without a notice is reported by the contract system.",
                    "State the notice, or have the contract system open the case."
                )
            );
        }

        IdempotentAnswer answer = await idempotent.RunAsync(
            request,
            who,
            body,
            cause => OpenAsync(opening, who, cause, durable, request.HttpContext.RequestAborted)
        );
        string caseId = answer.Ids["caseId"];
        return
            await calls.ShowAsync(new CaseCall(request, who, body, caseId, durable), answer.Status) is ApiAnswer shown
            ? shown with
            {
                Location = $"{CaseCalls.Root}/{caseId}",
            }
            : throw new InvalidOperationException("A case is shown as JSON.");
    }

    private async Task<IdempotentAnswer> OpenAsync(
        OpeningRequest opening,
        Identity who,
        string cause,
        DurableTaskClient durable,
        CancellationToken cancellation
    )
    {
        (OpenTermination command, IReadOnlyList<PersonalRow> personal) = opening.ToCommand(
            Openings.CaseIdFor(opening.ContractId, cause),
            who.Actor
        );
        CommandOutcome outcome = await openings.OpenAsync(command, cause, personal, cancellation);
        CommandOutcome.Accepted opened = CaseCalls.AcceptedOr(outcome);
        await StartAsync(command.CaseId, durable);
        bool waits = opened.Case.State.Phase == Phase.PendingApproval;
        return CaseCalls.Remember(
            waits ? StatusCodes.Status202Accepted : StatusCodes.Status201Created,
            ("caseId", command.CaseId)
        );
    }

    private async Task StartAsync(string caseId, DurableTaskClient durable)
    {
        try
        {
            await new CaseOrchestrations(durable, logger).StartCaseAsync(caseId, CancellationToken.None);
        }
        catch (Exception unreachable)
        {
            // The case is open; the sweep starts what is not running.
            logger.LogWarning(unreachable, "Case {Case} was opened but not started; the sweep will.", caseId);
        }
    }
}
