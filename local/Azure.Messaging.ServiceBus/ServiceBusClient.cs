using Azure.Core;
using Portability.Local.Bus;

namespace Azure.Messaging.ServiceBus;

/// <summary>
/// Makes senders, receivers and processors of a namespace. Nothing is reached before their first call; which broker serves
/// the namespace is said in <see cref="BusDirectory"/>.
/// </summary>
public class ServiceBusClient : IAsyncDisposable
{
    private readonly Func<IBus> _connect;
    private readonly ServiceBusClientOptions _options = new();

    protected ServiceBusClient() { }

    public ServiceBusClient(string connectionString)
        : this(connectionString, new ServiceBusClientOptions()) { }

    public ServiceBusClient(string connectionString, ServiceBusClientOptions options)
    {
        var parsed = ServiceBusConnectionStringProperties.ParseForClient(connectionString);
        FullyQualifiedNamespace = parsed.FullyQualifiedNamespace;
        EntityPath = parsed.EntityPath;
        _options = options ?? new();
        Identifier = _options.Identifier ?? $"{FullyQualifiedNamespace}-{Guid.NewGuid()}";
        _connect = () => BusDirectory.Find(FullyQualifiedNamespace, parsed.IsEmulator ? parsed.Endpoint : null);
    }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential)
        : this(fullyQualifiedNamespace, credential, new ServiceBusClientOptions()) { }

    public ServiceBusClient(string fullyQualifiedNamespace, TokenCredential credential, ServiceBusClientOptions options)
        : this(fullyQualifiedNamespace, (object)credential, options) { }

    public ServiceBusClient(
        string fullyQualifiedNamespace,
        AzureNamedKeyCredential credential,
        ServiceBusClientOptions options = null
    )
        : this(fullyQualifiedNamespace, (object)credential, options) { }

    public ServiceBusClient(
        string fullyQualifiedNamespace,
        AzureSasCredential credential,
        ServiceBusClientOptions options = null
    )
        : this(fullyQualifiedNamespace, (object)credential, options) { }

    private ServiceBusClient(string fullyQualifiedNamespace, object credential, ServiceBusClientOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(fullyQualifiedNamespace);
        ArgumentNullException.ThrowIfNull(credential);
        if (Uri.CheckHostName(fullyQualifiedNamespace) == UriHostNameType.Unknown)
        {
            throw new ArgumentException(
                $"'{fullyQualifiedNamespace}' is not a well-formed Service Bus fully qualified namespace.",
                nameof(fullyQualifiedNamespace)
            );
        }
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        _options = options ?? new();
        Identifier = _options.Identifier ?? $"{FullyQualifiedNamespace}-{Guid.NewGuid()}";
        _connect = () => BusDirectory.Find(FullyQualifiedNamespace, emulator: null);
    }

    public virtual string FullyQualifiedNamespace { get; }

    public virtual bool IsClosed { get; private set; }

    public virtual string Identifier { get; }

    public ServiceBusTransportType TransportType => _options.TransportType;

    internal TimeSpan TryTimeout => _options.RetryOptions.TryTimeout;

    private string EntityPath { get; }

    public virtual ServiceBusSender CreateSender(string queueOrTopicName) =>
        CreateSender(queueOrTopicName, new ServiceBusSenderOptions());

    public virtual ServiceBusSender CreateSender(string queueOrTopicName, ServiceBusSenderOptions options) =>
        new(Checked(queueOrTopicName), this, options);

    public virtual ServiceBusReceiver CreateReceiver(string queueName) =>
        CreateReceiver(queueName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(string queueName, ServiceBusReceiverOptions options) =>
        new(Checked(queueName), this, options);

    public virtual ServiceBusReceiver CreateReceiver(string topicName, string subscriptionName) =>
        CreateReceiver(topicName, subscriptionName, new ServiceBusReceiverOptions());

    public virtual ServiceBusReceiver CreateReceiver(
        string topicName,
        string subscriptionName,
        ServiceBusReceiverOptions options
    ) => new(BusAddress.Subscription(Checked(topicName), subscriptionName), this, options);

    public virtual ServiceBusProcessor CreateProcessor(string queueName) =>
        CreateProcessor(queueName, new ServiceBusProcessorOptions());

    public virtual ServiceBusProcessor CreateProcessor(string queueName, ServiceBusProcessorOptions options) =>
        new(Checked(queueName), this, options);

    public virtual ServiceBusProcessor CreateProcessor(string topicName, string subscriptionName) =>
        CreateProcessor(topicName, subscriptionName, new ServiceBusProcessorOptions());

    public virtual ServiceBusProcessor CreateProcessor(
        string topicName,
        string subscriptionName,
        ServiceBusProcessorOptions options
    ) => new(BusAddress.Subscription(Checked(topicName), subscriptionName), this, options);

    public virtual ValueTask DisposeAsync()
    {
        // Senders, receivers and processors look here before each call.
        IsClosed = true;
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    internal IBus Bus()
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusClient));
        return _connect();
    }

    private string Checked(string entity)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusClient));
        ArgumentException.ThrowIfNullOrWhiteSpace(entity);
        return EntityPath is null || string.Equals(EntityPath, entity, StringComparison.OrdinalIgnoreCase)
            ? entity
            : throw new ArgumentException(
                $"The queue or topic name '{entity}' is not the EntityPath '{EntityPath}' of the connection string.",
                nameof(entity)
            );
    }
}
