using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Configuration;

namespace Portability.Messaging;

/// <summary>The app's Service Bus namespace: a client for the life of the host, and a sender for each queue and topic.</summary>
public sealed class MessageBus(ServiceBusClient client) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ServiceBusSender> senders = new(StringComparer.Ordinal);

    /// <summary>Reads the setting <c>ServiceBus</c>, a connection string, or <c>ServiceBus__fullyQualifiedNamespace</c> for a managed identity.</summary>
    /// <exception cref="InvalidOperationException">Neither is there, or it is malformed.</exception>
    public static MessageBus Read(IConfiguration configuration)
    {
        try
        {
            if (configuration["ServiceBus"] is { Length: > 0 } connectionString)
            {
                return new MessageBus(new ServiceBusClient(connectionString));
            }
            if (configuration["ServiceBus:fullyQualifiedNamespace"] is { Length: > 0 } host)
            {
                return new MessageBus(new ServiceBusClient(host, Identity(configuration["ServiceBus:clientId"])));
            }
        }
        catch (Exception fault) when (fault is FormatException or ArgumentException)
        {
            throw new InvalidOperationException($"The setting ServiceBus cannot be used: {fault.Message}", fault);
        }
        throw new InvalidOperationException(
            "Set ServiceBus to a connection string of a Service Bus namespace, or ServiceBus__fullyQualifiedNamespace to "
                + "the namespace that the app's managed identity may use."
        );
    }

    public ServiceBusSender To(string queueOrTopic) => senders.GetOrAdd(queueOrTopic, client.CreateSender);

    public ValueTask DisposeAsync() => client.DisposeAsync();

    // A user-assigned identity is named by its client id, as in the trigger's own settings.
    private static TokenCredential Identity(string? clientId) =>
        new DefaultAzureCredential(new DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId });
}
