namespace Azure.Messaging.ServiceBus;

/// <summary>A message to be sent.</summary>
public class ServiceBusMessage
{
    private const int LongestKey = 128;

    private string _messageId;
    private string _sessionId;
    private string _replyToSessionId;
    private string _partitionKey;
    private string _transactionPartitionKey;
    private TimeSpan _timeToLive = TimeSpan.MaxValue;
    private BinaryData _body;

    public ServiceBusMessage()
        : this(default(ReadOnlyMemory<byte>)) { }

    public ServiceBusMessage(string body)
        : this(BinaryData.FromString(body ?? "")) { }

    public ServiceBusMessage(ReadOnlyMemory<byte> body)
        : this(BinaryData.FromBytes(body)) { }

    public ServiceBusMessage(BinaryData body)
    {
        Body = body;
    }

    /// <summary>A copy to be sent again: without what the broker set.</summary>
    public ServiceBusMessage(ServiceBusReceivedMessage receivedMessage)
    {
        ArgumentNullException.ThrowIfNull(receivedMessage);
        Body = receivedMessage.Body;
        _messageId = receivedMessage.MessageId;
        _sessionId = receivedMessage.SessionId;
        _replyToSessionId = receivedMessage.ReplyToSessionId;
        _partitionKey = receivedMessage.PartitionKey;
        _transactionPartitionKey = receivedMessage.TransactionPartitionKey;
        ContentType = receivedMessage.ContentType;
        CorrelationId = receivedMessage.CorrelationId;
        Subject = receivedMessage.Subject;
        To = receivedMessage.To;
        ReplyTo = receivedMessage.ReplyTo;
        TimeToLive = receivedMessage.TimeToLive;
        foreach (var property in receivedMessage.ApplicationProperties)
        {
            if (property.Key is not (DeadLetterReasonKey or DeadLetterDescriptionKey))
            {
                ApplicationProperties[property.Key] = property.Value;
            }
        }
    }

    public BinaryData Body
    {
        get => _body;
        set => _body = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>The sender's name for the message: what duplicate detection goes by. At most 128 characters.</summary>
    public string MessageId
    {
        get => _messageId;
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(value);
            _messageId = Key(value, nameof(MessageId));
        }
    }

    public string ContentType { get; set; }

    public string CorrelationId { get; set; }

    public string Subject { get; set; }

    public string To { get; set; }

    public string ReplyTo { get; set; }

    public string ReplyToSessionId
    {
        get => _replyToSessionId;
        set => _replyToSessionId = Key(value, nameof(ReplyToSessionId));
    }

    public string SessionId
    {
        get => _sessionId;
        set
        {
            _sessionId = Key(value, nameof(SessionId));
            // A partition follows the session.
            _partitionKey = _partitionKey is null ? null : value;
        }
    }

    public string PartitionKey
    {
        get => _partitionKey;
        set
        {
            if (_sessionId is not null && value is not null && value != _sessionId)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(value),
                    $"PartitionKey:{value} is not the same as SessionId:{_sessionId}."
                );
            }
            _partitionKey = Key(value, nameof(PartitionKey));
        }
    }

    public string TransactionPartitionKey
    {
        get => _transactionPartitionKey;
        set => _transactionPartitionKey = Key(value, nameof(TransactionPartitionKey));
    }

    public TimeSpan TimeToLive
    {
        get => _timeToLive;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            _timeToLive = value;
        }
    }

    public DateTimeOffset ScheduledEnqueueTime { get; set; }

    /// <summary>Values of the primitive types, string, Guid, Uri, dates and spans.</summary>
    public IDictionary<string, object> ApplicationProperties { get; } = new Dictionary<string, object>();

    internal const string DeadLetterReasonKey = "DeadLetterReason";

    internal const string DeadLetterDescriptionKey = "DeadLetterErrorDescription";

    public override string ToString() => $"{{MessageId:{MessageId}}}";

    private static string Key(string value, string name) =>
        value is { Length: > LongestKey }
            ? throw new ArgumentException($"{name} has {value.Length} characters; {LongestKey} is the most.", name)
            : value;
}
