using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Http;

/// <summary>What support records of a case: withdrawal, reinstatement, another contact, agreed assistance.</summary>
public sealed class NoticeFunctions(Access access, CaseCalls calls)
{
    [Function(nameof(WithdrawNotice))]
    public async Task<IResult> WithdrawNotice(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/withdrawal")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f =>
                (
                    At: f.Instant("receivedAt"),
                    Channel: Formats.NameOf(f.Choice<NoticeChannel>("channel")),
                    Reference: f.Text("reference", 1000)
                )
        );
        PersonalRow reference = PersonalRow.Of(read.Reference);
        return await calls.ExecuteAsync(
            call,
            new WithdrawNotice(read.At, read.Channel, reference.Ref),
            personal: [reference]
        );
    }

    [Function(nameof(Reinstate))]
    public async Task<IResult> Reinstate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/reinstatement")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent, id);
        var (call, text) = await CaseCalls.ReadAsync(request, who, id, durable, f => f.LongText("reason"));
        PersonalRow reason = PersonalRow.Of(text);
        return await calls.ExecuteAsync(call, new RequestReinstatement(reason.Ref), [reason], _ => 202);
    }

    [Function(nameof(ChangeContact))]
    public async Task<IResult> ChangeContact(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/contact")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Customer, id);
        var (call, contact) = await CaseCalls.ReadAsync(request, who, id, durable, ContactRequest.Read);
        PersonalRow details = PersonalRow.Of(contact.Details);
        return await calls.ExecuteAsync(call, new ChangeContact(details.Ref, contact.Locale), [details]);
    }

    [Function(nameof(AgreeAssistance))]
    public async Task<IResult> AgreeAssistance(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/v1/terminations/{id}/assistance")]
            HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent, id);
        var (call, read) = await CaseCalls.ReadAsync(
            request,
            who,
            id,
            durable,
            f => (Reference: f.Text("agreementReference", 1000), Until: f.OptionalDate("extendsWindowTo"))
        );
        PersonalRow reference = PersonalRow.Of(read.Reference);
        return await calls.ExecuteAsync(call, new AgreeAssistance(reference.Ref, read.Until), [reference]);
    }
}
