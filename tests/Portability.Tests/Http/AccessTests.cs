using Microsoft.AspNetCore.Http;
using Portability.Http;
using Portability.Http.Problems;
using Portability.Http.Tokens;
using Portability.Notifications;

namespace Portability.Tests.Http;

public sealed class AccessTests
{
    private static readonly DateTimeOffset Now = new(2027, 4, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly CustomerLinkTokens links = new(new byte[32], new SettableTime(Now));
    private readonly Register register = new();

    [Fact]
    public async Task Require_StaffWithOneOfTheRoles_LetsIn()
    {
        Identity identity = await AskAsync("Bearer staff", Roles.Agent | Roles.System, "case-1");

        Assert.Equal("ann", identity.Id);
    }

    [Fact]
    public async Task Require_WithoutAToken_Challenges()
    {
        Problem problem = await RefusedAsync(authorization: null, Roles.Agent);

        Assert.Equal((401, "no-token"), (problem.Status, problem.Slug));
        Assert.Equal("Bearer realm=\"portability\"", problem.Headers["WWW-Authenticate"]);
    }

    [Theory]
    [InlineData("Bearer unknown")]
    [InlineData("Basic c3RhZmY=")]
    [InlineData("Bearer")]
    [InlineData("staff")]
    public async Task Require_WithAnUnknownToken_ChallengesWithTheReason(string authorization)
    {
        Problem problem = await RefusedAsync(authorization, Roles.Agent);

        Assert.Equal((401, "invalid-token"), (problem.Status, problem.Slug));
        Assert.Contains("error=\"invalid_token\"", problem.Headers["WWW-Authenticate"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Require_AnotherRole_Forbids()
    {
        Problem problem = await RefusedAsync("Bearer staff", Roles.Officer);

        Assert.Equal((403, "wrong-role"), (problem.Status, problem.Slug));
    }

    [Fact]
    public async Task Require_TheCustomersOwnCase_LetsIn()
    {
        register.Open.Add(("case-1", "link-1"));

        Identity identity = await AskAsync(Link("case-1"), Roles.Customer, "case-1");

        Assert.Equal("customer:link-1", identity.Actor);
    }

    [Fact]
    public async Task Require_AnotherCaseOfTheCustomer_DoesNotExist()
    {
        register.Open.Add(("case-1", "link-1"));

        Problem problem = await RefusedAsync(Link("case-1"), Roles.Customer | Roles.Agent, "case-2");

        Assert.Equal((404, "unknown-case"), (problem.Status, problem.Slug));
    }

    [Fact]
    public async Task Require_ARevokedLink_IsNoToken()
    {
        Problem problem = await RefusedAsync(Link("case-1"), Roles.Customer, "case-1");

        Assert.Equal(401, problem.Status);
    }

    [Fact]
    public async Task Require_ACustomerBesideAnyCase_Forbids()
    {
        register.Open.Add(("case-1", "link-1"));

        Assert.Equal(403, (await RefusedAsync(Link("case-1"), Roles.Agent | Roles.System)).Status);
    }

    private string Link(string caseId) => $"Bearer {links.Issue(caseId, "link-1", Now.AddDays(1))}";

    private async Task<Problem> RefusedAsync(string? authorization, Roles roles, string? caseId = null) =>
        (await Assert.ThrowsAsync<ProblemException>(() => AskAsync(authorization, roles, caseId))).Problem;

    private async Task<Identity> AskAsync(string? authorization, Roles roles, string? caseId = null)
    {
        var http = new DefaultHttpContext();
        if (authorization is not null)
        {
            http.Request.Headers.Authorization = authorization;
        }
        return await new Access([new Staff(), new CustomerLinkReader(links)], register).RequireAsync(
            http.Request,
            roles,
            caseId
        );
    }

    private sealed class Staff : ITokenReader
    {
        public ValueTask<Identity?> ReadAsync(string token, CancellationToken cancellationToken) =>
            ValueTask.FromResult(token == "staff" ? new Identity("ann", Roles.Agent) : null);
    }

    private sealed class Register : ICustomerLinks
    {
        public HashSet<(string Case, string Link)> Open { get; } = [];

        public ValueTask<bool> IsOpenAsync(string caseId, string linkId, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Open.Contains((caseId, linkId)));
    }
}
