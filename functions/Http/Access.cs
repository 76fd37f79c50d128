using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Portability.Http.Problems;
using Portability.Http.Tokens;

namespace Portability.Http;

/// <summary>Knows whether a customer's link still opens its case.</summary>
public interface ICustomerLinks
{
    /// <returns>False when the link was revoked or never issued, and when there is no such case.</returns>
    ValueTask<bool> IsOpenAsync(string caseId, string linkId, CancellationToken cancellationToken);
}

/// <summary>Lets a caller in, or refuses. Every HTTP function's first line asks here.</summary>
public sealed class Access(IEnumerable<ITokenReader> readers, ICustomerLinks links)
{
    private const string Scheme = "Bearer ";
    private readonly ITokenReader[] readers = [.. readers];

    /// <summary>The caller, who has one of these roles and, as a customer, may see this case.</summary>
    /// <param name="request">Its <c>Authorization</c> header carries the bearer token.</param>
    /// <param name="roles">Any one of these is enough.</param>
    /// <param name="caseId">The case that is asked for; null for calls beside any case, which no customer may make.</param>
    /// <exception cref="ProblemException">
    /// 401 without a valid token, 403 without the role, 404 for a customer's link to another case.
    /// </exception>
    public async ValueTask<Identity> RequireAsync(HttpRequest request, Roles roles, string? caseId = null)
    {
        CancellationToken cancellationToken = request.HttpContext.RequestAborted;
        string token = BearerOf(request);
        Identity identity =
            await ReadAsync(token, cancellationToken) ?? throw new ProblemException(ApiProblems.InvalidToken());
        if (identity is { CaseId: { } own, LinkId: { } link })
        {
            if (!await links.IsOpenAsync(own, link, cancellationToken))
            {
                throw new ProblemException(ApiProblems.InvalidToken());
            }
            if (caseId is not null && own != caseId)
            {
                // Whether another case exists is none of this customer's business.
                throw new ProblemException(ApiProblems.UnknownCase());
            }
        }
        return (identity.Roles & roles) != Roles.None
            ? identity
            : throw new ProblemException(ApiProblems.Forbidden(roles));
    }

    private static string BearerOf(HttpRequest request)
    {
        string?[] values = [.. request.Headers[HeaderNames.Authorization]];
        return values switch
        {
            [] => throw new ProblemException(ApiProblems.NoToken()),
            [{ } value] when value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && value.Length <= 16_384 =>
                value[Scheme.Length..].Trim(),
            _ => throw new ProblemException(ApiProblems.InvalidToken()),
        };
    }

    private async ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        foreach (ITokenReader reader in readers)
        {
            if (await reader.ReadAsync(token, cancellationToken) is { } identity)
            {
                return identity;
            }
        }
        return null;
    }
}
