#nullable enable
using System.Globalization;
using System.Runtime.Serialization;
using System.Text;
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>A message as it is stored and sent over HTTP.</summary>
internal sealed record BusMessage
{
    /// <summary>The limit of the service's standard tier.</summary>
    public const long LargestTransfer = 256 * 1024;

    // What the protocol adds to a message, about.
    private const int Envelope = 64;

    public required byte[] Body { get; init; }

    public string? MessageId { get; init; }

    public string? ContentType { get; init; }

    public string? CorrelationId { get; init; }

    public string? Subject { get; init; }

    public string? To { get; init; }

    public string? ReplyTo { get; init; }

    public string? ReplyToSessionId { get; init; }

    public string? SessionId { get; init; }

    public string? PartitionKey { get; init; }

    public string? TransactionPartitionKey { get; init; }

    /// <summary>Null for no end.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>On the virtual clock; null for now.</summary>
    public DateTimeOffset? ScheduledEnqueueTime { get; init; }

    public Dictionary<string, BusValue> Properties { get; init; } = [];

    [System.Text.Json.Serialization.JsonIgnore]
    public long Size =>
        Envelope
        + Body.Length
        + Texts().Sum(text => text is null ? 0L : Encoding.UTF8.GetByteCount(text))
        + Properties.Sum(property =>
            Encoding.UTF8.GetByteCount(property.Key) + (property.Value.Text?.Length ?? 0) + 2L
        );

    /// <exception cref="SerializationException">A property has a type that the protocol does not know.</exception>
    public static BusMessage Of(ServiceBusMessage message, DateTimeOffset? at = null)
    {
        DateTimeOffset? scheduled =
            at ?? (message.ScheduledEnqueueTime == default ? null : message.ScheduledEnqueueTime);
        return new BusMessage
        {
            Body = message.Body.ToArray(),
            MessageId = message.MessageId,
            ContentType = message.ContentType,
            CorrelationId = message.CorrelationId,
            Subject = message.Subject,
            To = message.To,
            ReplyTo = message.ReplyTo,
            ReplyToSessionId = message.ReplyToSessionId,
            SessionId = message.SessionId,
            PartitionKey = message.PartitionKey,
            TransactionPartitionKey = message.TransactionPartitionKey,
            TimeToLive = message.TimeToLive == TimeSpan.MaxValue ? null : message.TimeToLive,
            ScheduledEnqueueTime = scheduled?.ToUniversalTime(),
            Properties = BusProperties.Write(message.ApplicationProperties),
        };
    }

    private IEnumerable<string?> Texts() =>
        [MessageId, ContentType, CorrelationId, Subject, To, ReplyTo, ReplyToSessionId, SessionId, PartitionKey];
}

/// <summary>A message handed out, with what the broker knows of it.</summary>
internal sealed record BusDelivery
{
    public required BusMessage Message { get; init; }

    public required long SequenceNumber { get; init; }

    public required long EnqueuedSequenceNumber { get; init; }

    public required DateTimeOffset EnqueuedTime { get; init; }

    public required int DeliveryCount { get; init; }

    public required ServiceBusMessageState State { get; init; }

    public Guid? LockToken { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    public string? DeadLetterSource { get; init; }
}

/// <summary>A property's value as text, with its type.</summary>
internal sealed record BusValue(string Type, string? Text);

/// <summary>Application properties, of the types that the protocol knows.</summary>
internal static class BusProperties
{
    private static readonly Dictionary<string, (Type Type, Func<string, object> Parse)> Types = new[]
    {
        Of<string>("string", text => text),
        Of<bool>("bool", text => bool.Parse(text)),
        Of<byte>("byte", text => byte.Parse(text, CultureInfo.InvariantCulture)),
        Of<sbyte>("sbyte", text => sbyte.Parse(text, CultureInfo.InvariantCulture)),
        Of<short>("short", text => short.Parse(text, CultureInfo.InvariantCulture)),
        Of<ushort>("ushort", text => ushort.Parse(text, CultureInfo.InvariantCulture)),
        Of<int>("int", text => int.Parse(text, CultureInfo.InvariantCulture)),
        Of<uint>("uint", text => uint.Parse(text, CultureInfo.InvariantCulture)),
        Of<long>("long", text => long.Parse(text, CultureInfo.InvariantCulture)),
        Of<ulong>("ulong", text => ulong.Parse(text, CultureInfo.InvariantCulture)),
        Of<float>("float", text => float.Parse(text, CultureInfo.InvariantCulture)),
        Of<double>("double", text => double.Parse(text, CultureInfo.InvariantCulture)),
        Of<decimal>("decimal", text => decimal.Parse(text, CultureInfo.InvariantCulture)),
        Of<char>("char", text => text[0]),
        Of<Guid>("guid", text => Guid.Parse(text)),
        Of<Uri>("uri", text => new Uri(text, UriKind.RelativeOrAbsolute)),
        Of<TimeSpan>("timespan", text => TimeSpan.ParseExact(text, "c", CultureInfo.InvariantCulture)),
        Of<DateTime>(
            "datetime",
            text => DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
        ),
        Of<DateTimeOffset>(
            "datetimeoffset",
            text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind)
        ),
    }.ToDictionary(known => known.Name, known => (known.Type, known.Parse));

    private static readonly Dictionary<Type, string> Names = Types.ToDictionary(
        known => known.Value.Type,
        known => known.Key
    );

    /// <exception cref="SerializationException">A value has a type that the protocol does not know.</exception>
    public static Dictionary<string, BusValue> Write(IEnumerable<KeyValuePair<string, object>> properties) =>
        properties.ToDictionary(property => property.Key, property => Write(property.Key, property.Value));

    public static Dictionary<string, object?> Read(Dictionary<string, BusValue> properties) =>
        properties.ToDictionary(
            property => property.Key,
            property => property.Value.Text is { } text ? Types[property.Value.Type].Parse(text) : null
        );

    private static BusValue Write(string name, object? value)
    {
        switch (value)
        {
            case null:
                return new("null", null);
            case DateTime or DateTimeOffset:
                return new(Names[value.GetType()], string.Format(CultureInfo.InvariantCulture, "{0:O}", value));
            case TimeSpan span:
                return new("timespan", span.ToString("c", CultureInfo.InvariantCulture));
            case Uri uri:
                return new("uri", uri.OriginalString);
            default:
                return Names.TryGetValue(value.GetType(), out string? type)
                    ? new(type, Convert.ToString(value, CultureInfo.InvariantCulture))
                    : throw new SerializationException(
                        $"The application property '{name}' has the type {value.GetType()}, which cannot be sent."
                    );
        }
    }

    private static (string Name, Type Type, Func<string, object> Parse) Of<T>(
        string name,
        Func<string, object> parse
    ) => (name, typeof(T), parse);
}
