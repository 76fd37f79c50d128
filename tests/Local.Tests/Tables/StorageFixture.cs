using Azure.Data.Tables;
using Portability.Demo;

namespace Portability.Local.Tests.Tables;

/// <summary>One Azurite for all tests of the table client; each test makes a table of its own.</summary>
public sealed class StorageFixture : IAsyncLifetime
{
    private AzuriteProcess? azurite;

    public string ConnectionString => azurite!.ConnectionString;

    public async Task InitializeAsync() => azurite = await AzuriteProcess.StartAsync();

    public async Task DisposeAsync()
    {
        if (azurite is not null)
        {
            await azurite.DisposeAsync();
        }
    }

    /// <summary>A setting of the connection string, such as <c>AccountKey</c>.</summary>
    public string Setting(string name) =>
        ConnectionString.Split(';').Single(part => part.StartsWith(name + "=", StringComparison.Ordinal))[
            (name.Length + 1)..
        ];

    public async Task<TableClient> NewTableAsync()
    {
        var table = new TableClient(ConnectionString, $"t{Guid.NewGuid():N}");
        await table.CreateAsync();
        return table;
    }
}

[CollectionDefinition(Name)]
public sealed class StorageCollection : ICollectionFixture<StorageFixture>
{
    public const string Name = "storage";
}
