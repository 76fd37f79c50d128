using Portability.Local.Bus;

namespace Azure.Messaging.ServiceBus;

/// <summary>A message as the broker handed it out.</summary>
public class ServiceBusReceivedMessage
{
    private readonly BusDelivery _delivery;

    internal ServiceBusReceivedMessage(BusDelivery delivery)
    {
        _delivery = delivery;
        LockedUntil = delivery.LockedUntil ?? default;
        Body = BinaryData.FromBytes(delivery.Message.Body);
        ApplicationProperties = BusProperties.Read(delivery.Message.Properties);
    }

    public BinaryData Body { get; }

    public string MessageId => _delivery.Message.MessageId;

    public string ContentType => _delivery.Message.ContentType;

    public string CorrelationId => _delivery.Message.CorrelationId;

    public string Subject => _delivery.Message.Subject;

    public string To => _delivery.Message.To;

    public string ReplyTo => _delivery.Message.ReplyTo;

    public string ReplyToSessionId => _delivery.Message.ReplyToSessionId;

    public string SessionId => _delivery.Message.SessionId;

    public string PartitionKey => _delivery.Message.PartitionKey;

    public string TransactionPartitionKey => _delivery.Message.TransactionPartitionKey;

    public TimeSpan TimeToLive => _delivery.Message.TimeToLive ?? TimeSpan.MaxValue;

    public DateTimeOffset ScheduledEnqueueTime => _delivery.Message.ScheduledEnqueueTime ?? default;

    public IReadOnlyDictionary<string, object> ApplicationProperties { get; }

    /// <summary>What settles the message while its lock lasts; empty for one that was only looked at.</summary>
    public string LockToken => (_delivery.LockToken ?? Guid.Empty).ToString();

    /// <summary>When the lock ends, in real time; moved by a renewal.</summary>
    public DateTimeOffset LockedUntil { get; internal set; }

    /// <summary>How often it was handed out, this time counted in.</summary>
    public int DeliveryCount => _delivery.DeliveryCount;

    public long SequenceNumber => _delivery.SequenceNumber;

    public long EnqueuedSequenceNumber => _delivery.EnqueuedSequenceNumber;

    public DateTimeOffset EnqueuedTime => _delivery.EnqueuedTime;

    public DateTimeOffset ExpiresAt =>
        TimeToLive >= DateTimeOffset.MaxValue - EnqueuedTime ? DateTimeOffset.MaxValue : EnqueuedTime + TimeToLive;

    public string DeadLetterSource => _delivery.DeadLetterSource;

    public string DeadLetterReason => Text(ServiceBusMessage.DeadLetterReasonKey);

    public string DeadLetterErrorDescription => Text(ServiceBusMessage.DeadLetterDescriptionKey);

    public ServiceBusMessageState State => _delivery.State;

    internal Guid? Lock => _delivery.LockToken;

    public override string ToString() => $"{{MessageId:{MessageId}}}";

    private string Text(string key) => ApplicationProperties.TryGetValue(key, out var value) ? value as string : null;
}
