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

/// <summary>The certificates of a case, and the public keys that check them.</summary>
public sealed class CertificateFunctions(Access access, TerminationCases cases, Certificates certificates)
{
    private const string Pem = ".pem";

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

    /// <param name="file">The certificate's number and its form: <c>1.json</c>, <c>1.sig</c> or <c>1.pdf</c>.</param>
    [Function(nameof(GetCertificate))]
    public async Task<IResult> GetCertificate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/terminations/{id}/certificates/{file}")]
            HttpRequest request,
        string id,
        string file
    )
    {
        await access.RequireAsync(request, Roles.Agent | Roles.Officer | Roles.Customer, id);
        CancellationToken aborted = request.HttpContext.RequestAborted;
        var query = new QueryFields(request.Query);
        string? locale = query.Text("locale");
        query.Done();
        CaseSnapshot found = await cases.LoadAsync(id, aborted);
        string[] parts = file.Split('.');
        if (
            parts.Length != 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || found.State.Certificates.Find(c => c.Number == number) is not { } certificate
        )
        {
            throw Unknown();
        }
        var run = new ErasureRef(id, certificate.Run);
        (byte[]? bytes, string type) = parts[1] switch
        {
            // Byte for byte as it was issued: its hash stands in the case, and its signature covers these bytes.
            "json" => (await certificates.ReadAsync(run, aborted), "application/json"),
            "sig" => (await certificates.ReadSignatureAsync(run, aborted), "application/octet-stream"),
            "pdf" => (await certificates.ReadPdfAsync(run, locale ?? found.State.Locale, aborted), "application/pdf"),
            _ => throw Unknown(),
        };
        return Results.Bytes(
            bytes ?? throw new InvalidOperationException($"Case {id}: certificate {file} is issued, but not stored."),
            type,
            $"certificate-{id}-{file}"
        );
    }

    /// <summary>Open to anyone: whoever is shown a certificate must be able to check it.</summary>
    [Function(nameof(ListCertificateKeys))]
    public async Task<IResult> ListCertificateKeys(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/certificate-keys")] HttpRequest request
    )
    {
        IReadOnlyDictionary<string, string> keys = await certificates.PublicKeysAsync(
            request.HttpContext.RequestAborted
        );
        return new ApiAnswer(
            200,
            new PageView<CertificateKeyView>(
                [
                    .. keys.OrderBy(key => key.Key, StringComparer.Ordinal)
                        .Select(key => new CertificateKeyView(
                            key.Key,
                            "ES256",
                            key.Key != certificates.CurrentKeyId,
                            key.Value
                        )),
                ],
                Cursor: null
            )
        );
    }

    /// <param name="file">A key's id, and <c>.pem</c>.</param>
    [Function(nameof(GetCertificateKey))]
    public async Task<IResult> GetCertificateKey(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/certificate-keys/{file}")]
            HttpRequest request,
        string file
    )
    {
        IReadOnlyDictionary<string, string> keys = await certificates.PublicKeysAsync(
            request.HttpContext.RequestAborted
        );
        return file.EndsWith(Pem, StringComparison.Ordinal) && keys.TryGetValue(file[..^Pem.Length], out string? key)
            ? Results.Text(key, "application/x-pem-file")
            : throw new ProblemException(ApiProblems.Unknown("key"));
    }

    private static ProblemException Unknown() => new(ApiProblems.Unknown("certificate"));
}
