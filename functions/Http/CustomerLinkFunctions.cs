using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Portability.Http.Calls;
using Portability.Notifications;
using Portability.Storage;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>Issues and revokes the links that open a case to its customer.</summary>
public sealed class CustomerLinkFunctions(Access access, TerminationCases cases, CaseCalls calls, CustomerPages pages)
{
    private const string Route = "api/v1/terminations/{id}/customer-links";

    [Function(nameof(IssueCustomerLink))]
    public async Task<IResult> IssueCustomerLink(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route)] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent, id);
        var (call, wanted) = await CaseCalls.ReadAsync(request, who, id, durable, f => f.OptionalInstant("expiresAt"));
        CaseSnapshot found = await cases.LoadAsync(id, call.Cancellation);
        IdempotentAnswer answer = await calls.RunAsync(
            call,
            async cause =>
            {
                // From the cause: a repeat whose record was lost issues the same link, not a second one.
                string linkId = EventIds.For(id, cause, 0).Replace("-", "", StringComparison.Ordinal);
                var command = new IssueCustomerLink(
                    linkId,
                    WholeSeconds(wanted ?? TerminationDecider.UsualLinkExpiry(found.State))
                );
                CommandOutcome.Accepted done = await calls.ApplyAsync(call, command, cause);
                DateTimeOffset expiresAt = CaseCalls.CausedBy<CustomerLinkIssued>(done, cause).ExpiresAt;
                return CaseCalls.Remember(
                    201,
                    ("linkId", linkId),
                    ("expiresAt", expiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))
                );
            }
        );
        string link = answer.Ids["linkId"];
        var expires = DateTimeOffset.FromUnixTimeSeconds(
            long.Parse(answer.Ids["expiresAt"], CultureInfo.InvariantCulture)
        );
        return new ApiAnswer(answer.Status, new IssuedLinkView(link, pages.AddressOf(id, link, expires), expires))
        {
            Location = $"{CaseCalls.Root}/{id}",
        };
    }

    [Function(nameof(RevokeCustomerLink))]
    public async Task<IResult> RevokeCustomerLink(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = Route + "/{linkId}/revoke")] HttpRequest request,
        string id,
        string linkId,
        [DurableClient] DurableTaskClient durable
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent, id);
        var (call, _) = await CaseCalls.ReadAsync(request, who, id, durable, _ => true);
        return await calls.ExecuteAsync(call, new RevokeCustomerLink(linkId));
    }

    // The token tells seconds; the event must say the same.
    private static DateTimeOffset WholeSeconds(DateTimeOffset instant) =>
        DateTimeOffset.FromUnixTimeSeconds(instant.ToUnixTimeSeconds());

    /// <param name="Url">The customer's page with the token in its fragment; shown to the caller only, never stored.</param>
    private sealed record IssuedLinkView(string Id, Uri Url, DateTimeOffset ExpiresAt);
}
