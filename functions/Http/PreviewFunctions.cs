using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Portability.Http.Calls;
using Portability.Http.Views;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>The dry run of a case's export and erasure.</summary>
public sealed class PreviewFunctions(Access access, CasePreviews previews)
{
    [Function(nameof(GetPreview))]
    public async Task<IResult> GetPreview(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}/preview")]
            HttpRequest request,
        string id
    )
    {
        Identity who = await access.RequireAsync(request, Roles.Agent | Roles.Officer, id);
        return new ApiAnswer(
            200,
            PreviewView.Show(await previews.PreviewAsync(id, who.Actor, request.HttpContext.RequestAborted))
        );
    }
}
