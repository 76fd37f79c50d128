using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Configuration;
using Portability.Notifications;
using Portability.Tests.Http;

namespace Portability.Tests.Notifications;

public sealed class CustomerLinkTokensTests
{
    private static readonly DateTimeOffset Now = new(2027, 4, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly byte[] Key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly SettableTime time = new(Now);
    private readonly CustomerLinkTokens tokens;

    public CustomerLinkTokensTests()
    {
        tokens = new CustomerLinkTokens(Key, time);
    }

    [Fact]
    public void Token_Issued_OpensThatCase()
    {
        string token = tokens.Issue("case-1", "link-1", Now.AddDays(1));

        Assert.Equal(new CustomerLink("case-1", "link-1"), tokens.Verify(token));
    }

    [Fact]
    public void Token_AtItsExpiry_NoLongerOpens()
    {
        string token = tokens.Issue("case-1", "link-1", Now.AddDays(1));

        time.Now = Now.AddDays(1).AddSeconds(-1);
        Assert.NotNull(tokens.Verify(token));
        time.Now = Now.AddDays(1);
        Assert.Null(tokens.Verify(token));
    }

    [Fact]
    public void Token_SignedWithAnotherKey_IsRefused()
    {
        string token = new CustomerLinkTokens(new byte[32], time).Issue("case-1", "link-1", Now.AddDays(1));

        Assert.Null(tokens.Verify(token));
    }

    [Fact]
    public void Token_WithAnyOneCharacterChanged_IsRefused()
    {
        string token = tokens.Issue("case-1", "link-1", Now.AddDays(1));
        Prop.ForAll(
                Gen.Choose(0, token.Length - 1).Zip(Gen.Choose(33, 126)).ToArbitrary(),
                change =>
                {
                    var altered = new StringBuilder(token) { [change.Item1] = (char)change.Item2 };
                    return altered.ToString() == token || tokens.Verify(altered.ToString()) is null;
                }
            )
            .QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("")]
    [InlineData("cl1")]
    [InlineData("cl1....")]
    [InlineData("cl1.case-1.link-1.1.")]
    [InlineData("cl1.case-1.link-1.not-a-number.AAAA")]
    [InlineData("eyJhbGciOiJub25lIn0.e30.")]
    [InlineData("cl1.case-1.link-1.99999999999999999999.ÅÄÖ")]
    public void Token_OfAnotherShape_IsRefused(string token) => Assert.Null(tokens.Verify(token));

    [Theory]
    [InlineData("case.1", "link")]
    [InlineData("case", "")]
    [InlineData("case/1", "link")]
    public void Issue_AnIdThatWouldBeReadOtherwise_Throws(string caseId, string linkId) =>
        Assert.Throws<ArgumentException>(() => tokens.Issue(caseId, linkId, Now));

    [Theory]
    [InlineData(null)]
    [InlineData("not base64")]
    [InlineData("c2hvcnQ=")]
    public void Read_AMissingOrWeakKey_StopsTheStart(string? key)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("Access:LinkKey", key)])
            .Build();

        var error = Assert.Throws<InvalidOperationException>(() => CustomerLinkTokens.Read(configuration, time));
        Assert.Contains("Access__LinkKey", error.Message, StringComparison.Ordinal);
    }
}
