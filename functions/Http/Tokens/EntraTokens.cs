using System.Security.Claims;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Portability.Http.Problems;

namespace Portability.Http.Tokens;

/// <summary>
/// Access tokens of Entra ID, or of another issuer with OpenID configuration: signature, issuer, audience and lifetime
/// are checked, and the app roles in <c>roles</c> say what the caller may do.
/// </summary>
public sealed class EntraTokens : ITokenReader
{
    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly ConfigurationManager<OpenIdConnectConfiguration> metadata;
    private readonly string[] audiences;

    private EntraTokens(Uri authority, string[] audiences, bool requireHttps)
    {
        this.audiences = audiences;
        metadata = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{authority.AbsoluteUri.TrimEnd('/')}/.well-known/openid-configuration",
            new OpenIdConnectConfigurationRetriever(),
            new HttpDocumentRetriever { RequireHttps = requireHttps }
        );
    }

    /// <summary>
    /// Reads <c>Access:Authority</c> (<c>https://login.microsoftonline.com/{tenant}/v2.0</c>) and <c>Access:Audience</c>
    /// (the app's client id or its <c>api://</c> address; several are separated by spaces).
    /// </summary>
    /// <returns>Null when no authority is set.</returns>
    /// <exception cref="InvalidOperationException">The settings are incomplete, or the authority is not HTTPS.</exception>
    public static EntraTokens? Read(IConfiguration configuration, IHostEnvironment environment)
    {
        if (configuration["Access:Authority"] is not { Length: > 0 } setting)
        {
            return null;
        }
        string[] accepted = (configuration["Access:Audience"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Plain HTTP is for an issuer on a developer's own machine, nothing else.
        bool mayBePlain = environment.IsDevelopment();
        if (
            !Uri.TryCreate(setting, UriKind.Absolute, out Uri? authority)
            || !(authority.Scheme == Uri.UriSchemeHttps || (mayBePlain && authority.IsLoopback))
            || accepted.Length == 0
        )
        {
            throw new InvalidOperationException(
                "Access__Authority must be the HTTPS address of an issuer, and Access__Audience the audience of its tokens."
            );
        }
        return new EntraTokens(authority, accepted, requireHttps: !authority.IsLoopback);
    }

    /// <inheritdoc/>
    /// <exception cref="ProblemException">503: the issuer's keys cannot be read now.</exception>
    public async ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken)
    {
        if (!handler.CanReadToken(token))
        {
            return null;
        }
        TokenValidationResult result = await handler.ValidateTokenAsync(token, await RulesAsync(cancellationToken));
        if (!result.IsValid && result.Exception is SecurityTokenSignatureKeyNotFoundException)
        {
            // The issuer may have new keys. The manager itself bounds how often it looks.
            metadata.RequestRefresh();
            result = await handler.ValidateTokenAsync(token, await RulesAsync(cancellationToken));
        }
        return result.IsValid ? IdentityOf(result.ClaimsIdentity) : null;
    }

    private static Identity? IdentityOf(ClaimsIdentity claims)
    {
        // The object id is the person's in the whole tenant; the subject only in this app.
        string? id = claims.FindFirst("oid")?.Value ?? claims.FindFirst("sub")?.Value;
        Roles roles = claims.FindAll("roles").Aggregate(Roles.None, (all, claim) => all | RoleNames.Parse(claim.Value));
        return id is null ? null : new Identity(id, roles);
    }

    private async Task<TokenValidationParameters> RulesAsync(CancellationToken cancellationToken)
    {
        OpenIdConnectConfiguration issuer;
        try
        {
            issuer = await metadata.GetConfigurationAsync(cancellationToken);
        }
        catch (InvalidOperationException unreachable)
        {
            throw new ProblemException(ApiProblems.IssuerUnreachable(), unreachable);
        }
        return new TokenValidationParameters
        {
            ValidIssuer = issuer.Issuer,
            ValidAudiences = audiences,
            IssuerSigningKeys = issuer.SigningKeys,
            // Never a symmetric algorithm: the public key must not pass for a secret one.
            ValidAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"],
            ValidTypes = ["JWT", "at+jwt"],
            RequireSignedTokens = true,
            RequireExpirationTime = true,
            ClockSkew = TimeSpan.FromMinutes(2),
        };
    }
}
