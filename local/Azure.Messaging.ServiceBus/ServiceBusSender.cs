using Portability.Local.Bus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Sends to one queue or topic.</summary>
public class ServiceBusSender : IAsyncDisposable
{
    private readonly ServiceBusClient _client;

    protected ServiceBusSender() { }

    protected ServiceBusSender(ServiceBusClient client, string queueOrTopicName)
        : this(queueOrTopicName, client, new ServiceBusSenderOptions()) { }

    protected ServiceBusSender(ServiceBusClient client, string queueOrTopicName, ServiceBusSenderOptions options)
        : this(queueOrTopicName, client, options) { }

    internal ServiceBusSender(string entity, ServiceBusClient client, ServiceBusSenderOptions options)
    {
        _client = client;
        EntityPath = entity;
        Identifier = options?.Identifier ?? $"{entity}-{Guid.NewGuid()}";
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath { get; }

    public virtual bool IsClosed { get; private set; }

    public virtual string Identifier { get; }

    public virtual Task SendMessageAsync(ServiceBusMessage message, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(message);
        return SendAsync([message], at: null, cancellationToken);
    }

    /// <summary>Sends all or none; none at all is no call.</summary>
    public virtual Task SendMessagesAsync(
        IEnumerable<ServiceBusMessage> messages,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        return SendAsync([.. messages], at: null, cancellationToken);
    }

    public virtual Task SendMessagesAsync(
        ServiceBusMessageBatch messageBatch,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messageBatch);
        return SendAsync(messageBatch.Messages, at: null, cancellationToken);
    }

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CancellationToken cancellationToken = default
    ) => CreateMessageBatchAsync(new CreateMessageBatchOptions(), cancellationToken);

    public virtual ValueTask<ServiceBusMessageBatch> CreateMessageBatchAsync(
        CreateMessageBatchOptions options,
        CancellationToken cancellationToken = default
    )
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusSender));
        cancellationToken.ThrowIfCancellationRequested();
        var size = options?.MaxSizeInBytes ?? BusMessage.LargestTransfer;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, BusMessage.LargestTransfer, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(options));
        return ValueTask.FromResult(new ServiceBusMessageBatch(size));
    }

    /// <returns>The number that cancels it.</returns>
    public virtual async Task<long> ScheduleMessageAsync(
        ServiceBusMessage message,
        DateTimeOffset scheduledEnqueueTime,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(message);
        return (await ScheduleMessagesAsync([message], scheduledEnqueueTime, cancellationToken))[0];
    }

    public virtual Task<IReadOnlyList<long>> ScheduleMessagesAsync(
        IEnumerable<ServiceBusMessage> messages,
        DateTimeOffset scheduledEnqueueTime,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        return SendAsync([.. messages], scheduledEnqueueTime, cancellationToken);
    }

    public virtual Task CancelScheduledMessageAsync(
        long sequenceNumber,
        CancellationToken cancellationToken = default
    ) => CancelScheduledMessagesAsync([sequenceNumber], cancellationToken);

    public virtual Task CancelScheduledMessagesAsync(
        IEnumerable<long> sequenceNumbers,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        long[] numbers = [.. sequenceNumbers];
        return numbers.Length == 0
            ? Task.CompletedTask
            : Bus().CancelScheduledAsync(new(EntityPath, numbers), cancellationToken);
    }

    public virtual Task CloseAsync(CancellationToken cancellationToken = default)
    {
        IsClosed = true;
        return Task.CompletedTask;
    }

    public virtual async ValueTask DisposeAsync()
    {
        await CloseAsync();
        GC.SuppressFinalize(this);
    }

    private async Task<IReadOnlyList<long>> SendAsync(
        IReadOnlyCollection<ServiceBusMessage> messages,
        DateTimeOffset? at,
        CancellationToken cancellationToken
    )
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (messages.Count == 0)
        {
            return [];
        }
        var bus = Bus();
        BusMessage[] wire = [.. messages.Select(message => BusMessage.Of(message, at))];
        if (wire.Sum(message => message.Size) > BusMessage.LargestTransfer)
        {
            throw new ServiceBusException(
                $"The messages are larger than {BusMessage.LargestTransfer} bytes together, which is the most of a "
                    + "transfer.",
                ServiceBusFailureReason.MessageSizeExceeded,
                EntityPath
            );
        }
        return await bus.SendAsync(new(EntityPath, wire), cancellationToken);
    }

    private IBus Bus()
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusSender));
        return _client.Bus();
    }
}
