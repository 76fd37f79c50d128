using Azure.Core;
using Azure.Data.Tables;
using Azure.Identity;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;

namespace Portability;

/// <summary>
/// Opens storage accounts by the settings that Azure Functions itself knows for a connection: the name alone is a connection string;
/// <c>NAME__accountName</c>, or <c>NAME__blobServiceUri</c> and <c>NAME__tableServiceUri</c>, mean the identity that the app runs under
/// (<c>NAME__clientId</c> picks one of several). Written after the documentation, and not tried on a real account.
/// </summary>
public static class StorageAccounts
{
    /// <summary>True when the settings name an account in one way or another.</summary>
    public static bool IsSet(IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 }
        || Part(settings, name, "accountName") is not null
        || Part(settings, name, "blobServiceUri") is not null;

    /// <summary>The account's blobs. Throws <see cref="InvalidOperationException"/> saying which setting is missing or wrong.</summary>
    public static BlobServiceClient Blobs(IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 } connection
            ? Opened(name, () => new BlobServiceClient(connection))
            : new BlobServiceClient(Address(settings, name, "blob"), Identity(settings, name));

    /// <summary>The account's tables. Throws <see cref="InvalidOperationException"/> saying which setting is missing or wrong.</summary>
    public static TableServiceClient Tables(IConfiguration settings, string name) =>
        settings[name] is { Length: > 0 } connection
            ? Opened(name, () => new TableServiceClient(connection))
            : new TableServiceClient(Address(settings, name, "table"), Identity(settings, name));

    private static Uri Address(IConfiguration settings, string name, string service)
    {
        var written = Part(settings, name, $"{service}ServiceUri");
        if (written is null && Part(settings, name, "accountName") is { } account)
        {
            written = $"https://{account}.{service}.core.windows.net";
        }
        if (written is null)
        {
            throw new InvalidOperationException(
                $"Set {name} to the connection string of a storage account, or {name}__accountName (or {name}__{service}ServiceUri) to reach "
                    + "it by the app's own identity."
            );
        }
        // Tokens are never sent in the clear.
        return Uri.TryCreate(written, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps
            ? address
            : throw new InvalidOperationException($"{name}: '{written}' is no https address of a storage service.");
    }

    private static TokenCredential Identity(IConfiguration settings, string name) =>
        new DefaultAzureCredential(
            new DefaultAzureCredentialOptions { ManagedIdentityClientId = Part(settings, name, "clientId") }
        );

    private static string? Part(IConfiguration settings, string name, string part) =>
        settings[$"{name}:{part}"] is { Length: > 0 } value ? value : null;

    private static T Opened<T>(string name, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"The setting {name} is no connection string of a storage account.",
                wrong
            );
        }
    }
}
