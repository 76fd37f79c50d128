using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Terminations;

namespace Portability.Http;

/// <summary>The customer's word that everything was transferred.</summary>
public sealed class ConfirmationFunctions(Access access, CaseCalls calls)
{
    [Function(nameof(ConfirmTransfer))]
    public async Task<IResult> ConfirmTransfer(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/confirmation")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, command) = await CaseCalls.ReadAsync(request, who, id, durable, Read);
        return await calls.ExecuteAsync(
            call,
            command,
            status: done => command.EraseEarly && !done.Case.State.EarlyErasureIsApproved ? 202 : 200
        );
    }

    [Function(nameof(RevokeConfirmation))]
    public async Task<IResult> RevokeConfirmation(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/confirmation/revoke")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, _) = await CaseCalls.ReadAsync(request, who, id, durable, _ => true);
        return await calls.ExecuteAsync(call, new RevokeConfirmation());
    }

    private static ConfirmTransfer Read(JsonFields fields) =>
        new(fields.Integer("export"), fields.Text("manifestSha256", maxLength: 64), fields.Flag("eraseEarly"));
}
