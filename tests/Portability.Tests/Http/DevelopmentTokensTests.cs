using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Portability.Http;
using Portability.Http.Tokens;

namespace Portability.Tests.Http;

public sealed class DevelopmentTokensTests
{
    private const string Setting =
        "t-agent=ann:Support.Agent;t-both=olle:Privacy.Officer,Support.Agent;t-system=crm:Contract.System";

    [Theory]
    [InlineData("t-agent", "ann", Roles.Agent)]
    [InlineData("t-both", "olle", Roles.Officer | Roles.Agent)]
    [InlineData("t-system", "crm", Roles.System)]
    public async Task Token_ThatIsSet_SpeaksForItsIdentity(string token, string id, Roles roles) =>
        Assert.Equal(new Identity(id, roles), await Read(Setting)!.ReadAsync(token, default));

    [Theory]
    [InlineData("t-agen")]
    [InlineData("T-AGENT")]
    [InlineData("")]
    public async Task Token_ThatIsNot_SpeaksForNobody(string token) =>
        Assert.Null(await Read(Setting)!.ReadAsync(token, default));

    [Theory]
    [InlineData("Production", null)]
    [InlineData("Staging", null)]
    [InlineData("Development", "WEBSITE_INSTANCE_ID")]
    [InlineData("Development", "WEBSITE_SITE_NAME")]
    public void Read_OutsideDevelopment_StopsTheStart(string environment, string? site)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Read(Setting, environment, site));

        Assert.Contains("Access__DevelopmentTokens", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("t-agent", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("secret")]
    [InlineData("secret=ann")]
    [InlineData("secret=ann:Admin")]
    [InlineData("secret=ann:")]
    [InlineData("=ann:Support.Agent")]
    [InlineData("secret=:Support.Agent")]
    [InlineData("secret=system:Support.Agent")]
    [InlineData("secret=customer:link:Support.Agent")]
    public void Read_AMalformedSetting_StopsTheStartWithoutShowingTokens(string setting)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Read(setting));

        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InProductionWithoutTheSetting_GivesNoTokens() => Assert.Null(Read(null, "Production"));

    private static DevelopmentTokens? Read(string? setting, string environment = "Development", string? site = null)
    {
        var values = new List<KeyValuePair<string, string?>> { new("Access:DevelopmentTokens", setting) };
        if (site is not null)
        {
            values.Add(new(site, "some-site"));
        }
        return DevelopmentTokens.Read(
            new ConfigurationBuilder().AddInMemoryCollection(values).Build(),
            new TestEnvironment(environment)
        );
    }
}

internal sealed class TestEnvironment(string name) : IHostEnvironment
{
    public string EnvironmentName { get; set; } = name;
    public string ApplicationName { get; set; } = "Portability";
    public string ContentRootPath { get; set; } = AppContext.BaseDirectory;
    public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
}
