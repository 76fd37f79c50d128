using System.Runtime.CompilerServices;
using Portability.Local.Bus;

namespace Azure.Messaging.ServiceBus;

/// <summary>Receives from one queue, subscription or their dead letters, and settles what it received.</summary>
public class ServiceBusReceiver : IAsyncDisposable
{
    private readonly ServiceBusClient _client;
    private readonly string _consumer;
    private long _peeked;

    protected ServiceBusReceiver() { }

    protected ServiceBusReceiver(ServiceBusClient client, string queueName, ServiceBusReceiverOptions options)
        : this(queueName, client, options) { }

    protected ServiceBusReceiver(
        ServiceBusClient client,
        string topicName,
        string subscriptionName,
        ServiceBusReceiverOptions options
    )
        : this(BusAddress.Subscription(topicName, subscriptionName), client, options) { }

    /// <param name="path">What is received from.</param>
    /// <param name="client">The namespace.</param>
    /// <param name="options">Settings; the defaults when null.</param>
    /// <param name="consumer">The processor this belongs to, which a moved clock waits for; null for none.</param>
    internal ServiceBusReceiver(
        string path,
        ServiceBusClient client,
        ServiceBusReceiverOptions options,
        string consumer = null
    )
    {
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfNegative(options.PrefetchCount, nameof(options));
        _client = client;
        _consumer = consumer;
        EntityPath = BusAddress.WithSubQueue(path, options.SubQueue);
        ReceiveMode = options.ReceiveMode;
        PrefetchCount = options.PrefetchCount;
        Identifier = options.Identifier ?? $"{EntityPath}-{Guid.NewGuid()}";
    }

    public virtual string FullyQualifiedNamespace => _client.FullyQualifiedNamespace;

    public virtual string EntityPath { get; }

    public virtual ServiceBusReceiveMode ReceiveMode { get; }

    public virtual int PrefetchCount { get; }

    public virtual string Identifier { get; }

    public virtual bool IsClosed { get; private set; }

    /// <returns>The next message; null when none came in time.</returns>
    public virtual async Task<ServiceBusReceivedMessage> ReceiveMessageAsync(
        TimeSpan? maxWaitTime = null,
        CancellationToken cancellationToken = default
    ) => First(await ReceiveMessagesAsync(1, maxWaitTime, cancellationToken));

    /// <summary>Waits for one message, and takes with it what else is there.</summary>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveMessagesAsync(
        int maxMessages,
        TimeSpan? maxWaitTime = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessages);
        if (maxWaitTime is { } wait)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(wait, TimeSpan.Zero, nameof(maxWaitTime));
        }
        var call = new BusReceive(EntityPath, maxMessages, maxWaitTime ?? _client.TryTimeout, ReceiveMode, _consumer);
        return Messages(await Bus().ReceiveAsync(call, cancellationToken));
    }

    /// <summary>All messages as they come, until the token says stop.</summary>
    public virtual async IAsyncEnumerable<ServiceBusReceivedMessage> ReceiveMessagesAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default
    )
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            ServiceBusReceivedMessage message;
            try
            {
                message = await ReceiveMessageAsync(maxWaitTime: null, cancellationToken);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                yield break;
            }
            if (message is not null)
            {
                yield return message;
            }
        }
    }

    public virtual async Task<ServiceBusReceivedMessage> PeekMessageAsync(
        long? fromSequenceNumber = null,
        CancellationToken cancellationToken = default
    ) => First(await PeekMessagesAsync(1, fromSequenceNumber, cancellationToken));

    /// <summary>
    /// Looks without locking, scheduled and deferred messages included. Goes on after the last message looked at, unless
    /// told where to begin.
    /// </summary>
    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> PeekMessagesAsync(
        int maxMessages,
        long? fromSequenceNumber = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxMessages);
        var from = fromSequenceNumber ?? _peeked + 1;
        var messages = Messages(await Bus().PeekAsync(new(EntityPath, maxMessages, from), cancellationToken));
        _peeked = messages.Length > 0 ? messages[^1].SequenceNumber : _peeked;
        return messages;
    }

    public virtual async Task<ServiceBusReceivedMessage> ReceiveDeferredMessageAsync(
        long sequenceNumber,
        CancellationToken cancellationToken = default
    ) => First(await ReceiveDeferredMessagesAsync([sequenceNumber], cancellationToken));

    public virtual async Task<IReadOnlyList<ServiceBusReceivedMessage>> ReceiveDeferredMessagesAsync(
        IEnumerable<long> sequenceNumbers,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(sequenceNumbers);
        long[] numbers = [.. sequenceNumbers];
        return numbers.Length == 0
            ? []
            : Messages(await Bus().ReceiveDeferredAsync(new(EntityPath, numbers, ReceiveMode), cancellationToken));
    }

    public virtual Task CompleteMessageAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => SettleAsync(message, new() { Outcome = BusOutcome.Complete }, cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) => SettleAsync(message, new() { Outcome = BusOutcome.Abandon, Changed = propertiesToModify }, cancellationToken);

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) => SettleAsync(message, new() { Outcome = BusOutcome.Defer, Changed = propertiesToModify }, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) =>
        SettleAsync(
            message,
            new() { Outcome = BusOutcome.DeadLetter, Changed = propertiesToModify },
            cancellationToken
        );

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default
    ) => DeadLetterMessageAsync(message, null, deadLetterReason, deadLetterErrorDescription, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default
    ) =>
        SettleAsync(
            message,
            new()
            {
                Outcome = BusOutcome.DeadLetter,
                Changed = propertiesToModify,
                Reason = deadLetterReason,
                Description = deadLetterErrorDescription,
            },
            cancellationToken
        );

    public virtual async Task RenewMessageLockAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => message.LockedUntil = await Bus().RenewAsync(new(EntityPath, Token(message)), cancellationToken);

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

    /// <summary>Tells the broker that this consumer is gone.</summary>
    internal Task DetachAsync() =>
        _consumer is null || _client.IsClosed
            ? Task.CompletedTask
            : _client.Bus().DetachAsync(new(EntityPath, _consumer), CancellationToken.None);

    private Task SettleAsync(
        ServiceBusReceivedMessage message,
        Settlement settlement,
        CancellationToken cancellationToken
    ) =>
        Bus()
            .SettleAsync(
                new(
                    EntityPath,
                    Token(message),
                    settlement.Outcome,
                    BusProperties.Write(settlement.Changed ?? new Dictionary<string, object>()),
                    settlement.Reason,
                    settlement.Description
                ),
                cancellationToken
            );

    private Guid Token(ServiceBusReceivedMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (ReceiveMode != ServiceBusReceiveMode.PeekLock)
        {
            throw new InvalidOperationException("The operation is only supported in 'PeekLock' receive mode.");
        }
        return message.Lock
            ?? throw new InvalidOperationException(
                "Peeked messages and messages received in ReceiveAndDelete mode have no lock and cannot be settled."
            );
    }

    private IBus Bus()
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(ServiceBusReceiver));
        return _client.Bus();
    }

    private static ServiceBusReceivedMessage First(IReadOnlyList<ServiceBusReceivedMessage> messages) =>
        messages.Count == 0 ? null : messages[0];

    private static ServiceBusReceivedMessage[] Messages(IReadOnlyList<BusDelivery> deliveries) =>
        [.. deliveries.Select(delivery => new ServiceBusReceivedMessage(delivery))];

    private readonly record struct Settlement
    {
        public BusOutcome Outcome { get; init; }

        public IDictionary<string, object> Changed { get; init; }

        public string Reason { get; init; }

        public string Description { get; init; }
    }
}
