#nullable enable
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>Which queue, topic or subscription a path means, and whether its dead letters.</summary>
internal sealed record BusAddress(string Entity, bool IsDeadLetter)
{
    private const string DeadLetterSuffix = "/$DeadLetterQueue";
    private const string SubscriptionInfix = "/Subscriptions/";
    private const int LongestName = 260;
    private const int LongestSubscription = 50;

    /// <summary>The topic of a subscription; null for a queue or topic.</summary>
    public string? Topic =>
        Entity.IndexOf(SubscriptionInfix, StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? Entity[..at] : null;

    // Names are without regard to case.
    public bool Equals(BusAddress? other) =>
        other is not null
        && IsDeadLetter == other.IsDeadLetter
        && string.Equals(Entity, other.Entity, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() =>
        HashCode.Combine(StringComparer.OrdinalIgnoreCase.GetHashCode(Entity), IsDeadLetter);

    public override string ToString() => IsDeadLetter ? Entity + DeadLetterSuffix : Entity;

    /// <summary>The path of a subscription.</summary>
    public static string Subscription(string topic, string subscription)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(topic);
        ArgumentException.ThrowIfNullOrWhiteSpace(subscription);
        int suffix = subscription.IndexOf('/', StringComparison.Ordinal);
        string name = suffix < 0 ? subscription : subscription[..suffix];
        return topic + SubscriptionInfix + name + subscription[name.Length..];
    }

    /// <exception cref="ArgumentException">There is no such queue here.</exception>
    public static string WithSubQueue(string path, SubQueue subQueue) =>
        subQueue switch
        {
            SubQueue.None => path,
            SubQueue.DeadLetter => path + DeadLetterSuffix,
            _ => throw new ArgumentException(
                "The local broker forwards nothing, and so has no transfer dead letters.",
                nameof(subQueue)
            ),
        };

    /// <exception cref="ServiceBusException">The path is no name of an entity.</exception>
    public static BusAddress Parse(string path)
    {
        bool dead = path.EndsWith(DeadLetterSuffix, StringComparison.OrdinalIgnoreCase);
        var address = new BusAddress(dead ? path[..^DeadLetterSuffix.Length] : path, dead);
        string name = address.Topic ?? address.Entity;
        string? subscription = address.Topic is { } topic
            ? address.Entity[(topic.Length + SubscriptionInfix.Length)..]
            : null;
        if (
            !IsName(name, LongestName, slash: true)
            || (subscription is not null && !IsName(subscription, LongestSubscription, slash: false))
        )
        {
            throw new ServiceBusException(
                $"'{path}' is no name of a queue, topic or subscription: letters, digits, '.', '-', '_' (and '/' within "
                    + $"queues and topics), with a letter or digit at both ends, at most {LongestName} characters "
                    + $"({LongestSubscription} in a subscription).",
                ServiceBusFailureReason.MessagingEntityNotFound,
                path
            );
        }
        return address;
    }

    private static bool IsName(string name, int longest, bool slash) =>
        name.Length > 0
        && name.Length <= longest
        && char.IsAsciiLetterOrDigit(name[0])
        && char.IsAsciiLetterOrDigit(name[^1])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' || (slash && c == '/'));
}
