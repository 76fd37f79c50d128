using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;
using Portability.Erasure;

namespace Portability.Tests.Erasure;

public sealed class RunKeysTests
{
    private static readonly byte[] Old = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] New = RandomNumberGenerator.GetBytes(32);
    private static readonly byte[] Run = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public void Unwrap_AfterTheKeyWasChanged_StillOpensWhatTheOldOneWrapped()
    {
        byte[] wrapped = new RunKeys(Old).Wrap(Run, "case/0001/key");

        Assert.Equal(Run, new RunKeys(New, Old).Unwrap(wrapped, "case/0001/key"));
        Assert.Equal(-1, wrapped.AsSpan().IndexOf(Run));
    }

    [Fact]
    public void Unwrap_WithoutItsKey_NamesTheKeyThatIsMissing()
    {
        byte[] wrapped = new RunKeys(Old).Wrap(Run, "a");

        var missing = Assert.Throws<RunKeyMissingException>(() => new RunKeys(New).Unwrap(wrapped, "a"));

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Old)[..8]), missing.KeyId);
    }

    [Fact]
    public void Unwrap_AtAnotherPlaceOrChanged_IsRefused()
    {
        byte[] wrapped = new RunKeys(Old).Wrap(Run, "case/0001/key");

        Assert.ThrowsAny<CryptographicException>(() => new RunKeys(Old).Unwrap(wrapped, "case/0002/key"));
        wrapped[^1] ^= 1;
        Assert.ThrowsAny<CryptographicException>(() => new RunKeys(Old).Unwrap(wrapped, "case/0001/key"));
        Assert.ThrowsAny<CryptographicException>(() => new RunKeys(Old).Unwrap(Run, "case/0001/key"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("too short")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= nonsense")]
    public void Read_OfAMissingOrWrongSetting_SaysHowToMendIt(string setting)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Erasure:RunKey", setting)]).Build();

        var refused = Assert.Throws<InvalidOperationException>(() => RunKeys.Read(settings));

        Assert.Contains("openssl rand -base64 32", refused.Message, StringComparison.Ordinal);
    }
}
