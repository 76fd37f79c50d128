using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Portability.Erasure;
using Portability.Http.Calls;
using Portability.Http.Problems;
using Portability.Http.Views;
using Portability.Terminations;
using Portability.Workflow;

namespace Portability.Http;

/// <summary>The certificates of a case.</summary>
public sealed class CertificateFunctions(Access access, TerminationCases cases, Eraser eraser)
{
    private const string Json = ".json";

    [Function(nameof(ListCertificates))]
    public async Task<IResult> ListCertificates(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}/certificates")]
            HttpRequest request,
        string id
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer | Roles.Customer, id);
        CaseSnapshot found = await cases.LoadAsync(id, request.HttpContext.RequestAborted);
        return found.State.Certificates.IsEmpty
            ? throw Unknown()
            : new ApiAnswer(200, new PageView<CertificateView>(CaseViews.Certificates(found.State), Cursor: null));
    }

    /// <param name="file">The certificate's number and its form, as in <c>1.json</c>.</param>
    [Function(nameof(GetCertificate))]
    public async Task<IResult> GetCertificate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}/certificates/{file}")]
            HttpRequest request,
        string id,
        string file
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer | Roles.Customer, id);
        CaseSnapshot found = await cases.LoadAsync(id, request.HttpContext.RequestAborted);
        if (
            !file.EndsWith(Json, StringComparison.Ordinal)
            || !int.TryParse(file[..^Json.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || found.State.Certificates.Find(c => c.Number == number) is not { } certificate
        )
        {
            throw Unknown();
        }
        byte[] bytes =
            await eraser.ReadCertificateAsync(new ErasureRef(id, certificate.Run), request.HttpContext.RequestAborted)
            ?? throw new InvalidOperationException($"Case {id}: certificate {number} is issued, but not stored.");
        // Byte for byte as it was issued: its hash stands in the case.
        return Results.Bytes(bytes, "application/json", $"certificate-{id}-{file}");
    }

    private static ProblemException Unknown() => new(ApiProblems.Unknown("certificate"));
}
