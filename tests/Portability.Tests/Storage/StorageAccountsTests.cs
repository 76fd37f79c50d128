using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Sources;
using Portability.Tests.DataMap;

namespace Portability.Tests.Storage;

/// <summary>Which account is opened, and with what, by the names that Azure Functions gives these settings.</summary>
public sealed class StorageAccountsTests : IDisposable
{
    private const string Key =
        "DefaultEndpointsProtocol=https;AccountName=keyed;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net";
    private readonly string folder = Directory.CreateTempSubdirectory("portability-accounts-").FullName;

    private static IConfiguration Settings(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(pair => KeyValuePair.Create(pair.Name, (string?)pair.Value)))
            .Build();

    [Fact]
    public void Account_ByConnectionString_HoldsItsKey()
    {
        IConfiguration settings = Settings(("S", Key), ("S:accountName", "other"));

        Assert.Equal("https://keyed.blob.core.windows.net/", StorageAccounts.Blobs(settings, "S").Uri.AbsoluteUri);
        Assert.Equal("keyed", StorageAccounts.Tables(settings, "S").AccountName);
        Assert.True(StorageAccounts.Blobs(settings, "S").CanGenerateAccountSasUri);
    }

    [Fact]
    public void Account_ByName_IsOpenedByIdentityAndSignsNoLinksItself()
    {
        IConfiguration settings = Settings(("S:accountName", "mine"), ("S:clientId", "0000"));

        Assert.Equal("https://mine.blob.core.windows.net/", StorageAccounts.Blobs(settings, "S").Uri.AbsoluteUri);
        Assert.Equal("https://mine.table.core.windows.net/", StorageAccounts.Tables(settings, "S").Uri.AbsoluteUri);
        // So export links ask for a user delegation key.
        Assert.False(StorageAccounts.Blobs(settings, "S").CanGenerateAccountSasUri);
    }

    [Fact]
    public void Account_ByAddresses_TakesThem()
    {
        IConfiguration settings = Settings(
            ("S:blobServiceUri", "https://b.example/"),
            ("S:tableServiceUri", "https://t.example/")
        );

        Assert.Equal("https://b.example/", StorageAccounts.Blobs(settings, "S").Uri.AbsoluteUri);
        Assert.Equal("https://t.example/", StorageAccounts.Tables(settings, "S").Uri.AbsoluteUri);
    }

    [Theory]
    [InlineData("Other", "x", "Set S to the connection string")]
    [InlineData("S", "AccountKey=c2VjcmV0", "no connection string of a storage account")]
    [InlineData("S:blobServiceUri", "http://b.example/", "no https address")]
    [InlineData("S:blobServiceUri", "b.example", "no https address")]
    public void Account_ThatCannotBeOpened_SaysWhichSettingAndShowsNoKey(string name, string value, string message)
    {
        var fault = Assert.Throws<InvalidOperationException>(() => StorageAccounts.Blobs(Settings((name, value)), "S"));

        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Container_OfTheDataMap_IsOpenedByIdentityToo()
    {
        TenantDataMap map = MapFile.Load(
            folder,
            """{ "systems": [{ "name": "media", "kind": "blob", "connection": "M", "container": "m" }], "categories": { "d": "D" }, "datasets": [] }"""
        );

        var container = (BlobContainerSource)
            new MappedSystems(map, Settings(("M:accountName", "media"))).Blobs("media");

        Assert.Equal("https://media.blob.core.windows.net/m", container.Container.Uri.AbsoluteUri);
        Assert.Throws<SourceUnreachableException>(() => new MappedSystems(map, Settings()).Blobs("media"));
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
