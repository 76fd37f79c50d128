using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Portability.Local.Bus;

namespace Portability.Local;

/// <summary>What the settings say of Service Bus: connections, declared entities and host.json's section.</summary>
internal sealed class ServiceBusSettings(IConfiguration configuration, AppSettings settings)
{
    private const string DefaultConnection = "ServiceBus";
    private const string Section = "Local:ServiceBus";

    private IConfigurationSection HostSection =>
        configuration.GetSection(LocalHostDefaults.HostSection + ":extensions:serviceBus");

    public bool AutoCompleteMessages => HostSection.GetValue("autoCompleteMessages", defaultValue: true);

    public int MaxConcurrentCalls => HostSection.GetValue("maxConcurrentCalls", 16 * Environment.ProcessorCount);

    public TimeSpan MaxAutoLockRenewalDuration =>
        HostSection.GetValue("maxAutoLockRenewalDuration", TimeSpan.FromMinutes(5));

    /// <summary>Each namespace that some setting names, as connection string or by <c>fullyQualifiedNamespace</c>.</summary>
    public IReadOnlyList<string> Namespaces() =>
        [
            .. configuration
                .AsEnumerable()
                .Select(setting => NamespaceOf(setting.Key, setting.Value))
                .OfType<string>()
                .Distinct(StringComparer.OrdinalIgnoreCase),
        ];

    /// <exception cref="HostStartException">The setting is absent or malformed.</exception>
    public ServiceBusClient Client(string? connection)
    {
        string name = settings.Expand(connection ?? DefaultConnection);
        // The host looks for the name with its own prefix first, and so do its readers of settings.
        string? text = configuration["AzureWebJobs" + name] ?? configuration[name];
        try
        {
            if (!string.IsNullOrEmpty(text))
            {
                return new ServiceBusClient(text);
            }
            string? host =
                configuration[$"AzureWebJobs{name}:fullyQualifiedNamespace"]
                ?? configuration[$"{name}:fullyQualifiedNamespace"];
            return string.IsNullOrEmpty(host)
                ? throw new HostStartException(
                    $"The Service Bus connection '{name}' is not there: set {name} to a connection string, or "
                        + $"{name}__fullyQualifiedNamespace to a namespace.",
                    null
                )
                : new ServiceBusClient(host, new NoCredential());
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new HostStartException($"The setting {name}: {exception.Message}", exception);
        }
    }

    /// <exception cref="HostStartException">A declared property cannot be used.</exception>
    public BusEntities Entities()
    {
        try
        {
            var subscriptions = new Dictionary<string, BusEntitySettings>(StringComparer.OrdinalIgnoreCase);
            foreach (IConfigurationSection topic in configuration.GetSection(Section + ":Topics").GetChildren())
            {
                foreach (IConfigurationSection subscription in topic.GetSection("Subscriptions").GetChildren())
                {
                    string path = BusAddress.Subscription(topic.Key, subscription.Key);
                    subscriptions[path] = Read(path, subscription);
                }
            }
            return new BusEntities
            {
                Queues = Read("Queues"),
                Topics = Read("Topics"),
                Subscriptions = subscriptions,
                CreateOnFirstUse = configuration.GetValue(Section + ":CreateOnFirstUse", defaultValue: true),
            };
        }
        catch (Exception exception) when (exception is FormatException or InvalidOperationException)
        {
            throw new HostStartException($"Local__ServiceBus: {exception.Message}", exception);
        }
    }

    private Dictionary<string, BusEntitySettings> Read(string kind) =>
        configuration
            .GetSection($"{Section}:{kind}")
            .GetChildren()
            .ToDictionary(entity => entity.Key, entity => Read(entity.Key, entity), StringComparer.OrdinalIgnoreCase);

    private static BusEntitySettings Read(string path, IConfigurationSection entity) =>
        BusEntitySettings.Read(
            path,
            entity
                .GetChildren()
                .Where(property => property.Value is not null)
                .Select(property => KeyValuePair.Create(property.Key, property.Value!))
        );

    private static string? NamespaceOf(string key, string? value)
    {
        if (key.EndsWith(":fullyQualifiedNamespace", StringComparison.OrdinalIgnoreCase))
        {
            return value;
        }
        if (value?.Contains("Endpoint=sb://", StringComparison.OrdinalIgnoreCase) != true)
        {
            return null;
        }
        try
        {
            return ServiceBusConnectionStringProperties.Parse(value).FullyQualifiedNamespace;
        }
        catch (FormatException)
        {
            // Whoever uses the setting is told.
            return null;
        }
    }

    /// <summary>The broker of the process asks for no token; nothing here may ever be given one.</summary>
    private sealed class NoCredential : global::Azure.Core.TokenCredential
    {
        public override global::Azure.Core.AccessToken GetToken(
            global::Azure.Core.TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException("The local broker takes no token.");

        public override ValueTask<global::Azure.Core.AccessToken> GetTokenAsync(
            global::Azure.Core.TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException("The local broker takes no token.");
    }
}
