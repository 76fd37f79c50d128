using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Portability.Http;
using Portability.Http.Problems;
using Portability.Http.Tokens;

namespace Portability.Tests.Http;

public sealed class EntraTokensTests : IAsyncLifetime
{
    private const string Audience = "api://portability";
    private readonly RsaSecurityKey key = new(RSA.Create(2048)) { KeyId = "key-1" };
    private WebApplication issuer = null!;
    private string authority = null!;

    public async Task InitializeAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        issuer = builder.Build();
        issuer.MapGet(
            "/.well-known/openid-configuration",
            () => Results.Json(new { issuer = authority, jwks_uri = $"{authority}/keys" })
        );
        issuer.MapGet(
            "/keys",
            () =>
            {
                RSAParameters rsa = key.Rsa.ExportParameters(includePrivateParameters: false);
                return Results.Json(
                    new
                    {
                        keys = new[]
                        {
                            new
                            {
                                kty = "RSA",
                                use = "sig",
                                kid = key.KeyId,
                                n = Base64UrlEncoder.Encode(rsa.Modulus),
                                e = Base64UrlEncoder.Encode(rsa.Exponent),
                            },
                        },
                    }
                );
            }
        );
        await issuer.StartAsync();
        authority = issuer.Urls.Single();
    }

    public async Task DisposeAsync()
    {
        await issuer.DisposeAsync();
        key.Rsa.Dispose();
    }

    [Fact]
    public async Task Token_OfTheIssuerForThisApp_GivesIdAndRoles()
    {
        Identity? identity = await ReadAsync(Token());

        Assert.Equal(new Identity("object-1", Roles.Agent | Roles.Officer), identity);
    }

    [Fact]
    public async Task Token_WithoutOurRoles_IsKnownButMayNothing()
    {
        Identity? identity = await ReadAsync(Token(roles: ["Other.Role", "support.agent"]));

        Assert.Equal(new Identity("object-1", Roles.None), identity);
    }

    [Fact]
    public async Task Token_ForAnotherAudience_IsRefused() =>
        Assert.Null(await ReadAsync(Token(audience: "api://other")));

    [Fact]
    public async Task Token_OfAnotherIssuer_IsRefused() =>
        Assert.Null(await ReadAsync(Token(from: "https://evil.example")));

    [Fact]
    public async Task Token_Expired_IsRefused() =>
        Assert.Null(await ReadAsync(Token(lifetime: TimeSpan.FromMinutes(-10))));

    [Fact]
    public async Task Token_SignedByAnother_IsRefused()
    {
        using var rsa = RSA.Create(2048);
        var forged = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = "key-1" }, SecurityAlgorithms.RsaSha256);

        Assert.Null(await ReadAsync(Token(signing: forged)));
    }

    [Fact]
    public async Task Token_SignedWithThePublicKeyAsSecret_IsRefused()
    {
        byte[] secret = key.Rsa.ExportSubjectPublicKeyInfo();
        var forged = new SigningCredentials(
            new SymmetricSecurityKey(secret) { KeyId = "key-1" },
            SecurityAlgorithms.HmacSha256
        );

        Assert.Null(await ReadAsync(Token(signing: forged)));
    }

    [Fact]
    public async Task Token_Unsigned_IsRefused() =>
        Assert.Null(
            await ReadAsync(
                new JsonWebTokenHandler().CreateToken(
                    new SecurityTokenDescriptor
                    {
                        Issuer = authority,
                        Audience = Audience,
                        Subject = new ClaimsIdentity(),
                    }
                )
            )
        );

    [Theory]
    [InlineData("not-a-jwt")]
    [InlineData("cl1.case-1.link-1.1.abc")]
    public async Task Token_OfAnotherKind_IsLeftToOthers(string token) => Assert.Null(await ReadAsync(token));

    [Fact]
    public async Task Issuer_OutOfReach_IsNotTheCallersFault()
    {
        string token = Token();
        await issuer.StopAsync();

        var refused = await Assert.ThrowsAsync<ProblemException>(() => ReadAsync(token));

        Assert.Equal((int)HttpStatusCode.ServiceUnavailable, refused.Problem.Status);
    }

    [Theory]
    [InlineData("http://login.example/tenant", Audience, "Development")]
    [InlineData("http://127.0.0.1:1/", Audience, "Production")]
    [InlineData("https://login.example/tenant", "", "Production")]
    [InlineData("login.example", Audience, "Production")]
    public void Read_UnsafeOrIncompleteSettings_StopTheStart(string setting, string audience, string environment) =>
        Assert.Throws<InvalidOperationException>(() => Create(setting, audience, environment));

    private Task<Identity?> ReadAsync(string token) =>
        Create(authority, Audience, "Development").ReadAsync(token, default).AsTask();

    private static EntraTokens Create(string authority, string audience, string environment) =>
        EntraTokens.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection([new("Access:Authority", authority), new("Access:Audience", audience)])
                .Build(),
            new TestEnvironment(environment)
        )!;

    private string Token(
        string? from = null,
        string audience = Audience,
        string[]? roles = null,
        TimeSpan? lifetime = null,
        SigningCredentials? signing = null
    )
    {
        DateTime expires = TimeProvider.System.GetUtcNow().UtcDateTime + (lifetime ?? TimeSpan.FromMinutes(10));
        return new JsonWebTokenHandler().CreateToken(
            new SecurityTokenDescriptor
            {
                Issuer = from ?? authority,
                Audience = audience,
                Expires = expires,
                NotBefore = expires.AddHours(-1),
                IssuedAt = expires.AddHours(-1),
                Claims = new Dictionary<string, object>
                {
                    ["oid"] = "object-1",
                    ["sub"] = "subject-1",
                    ["roles"] = roles ?? ["Support.Agent", "Privacy.Officer"],
                },
                SigningCredentials = signing ?? new SigningCredentials(key, SecurityAlgorithms.RsaSha256),
            }
        );
    }
}
