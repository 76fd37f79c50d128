#nullable enable
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>What the broker does with a call, within one transaction. Refuses before it writes.</summary>
internal sealed class BusRules(BusStore store, BusEntities entities, DateTimeOffset real)
{
    private readonly HashSet<BusAddress> _touched = [];

    /// <summary>The queues and subscriptions whose messages changed.</summary>
    public IReadOnlyCollection<BusAddress> Touched => _touched;

    /// <summary>Makes sure that an entity is there, by the settings or on first use.</summary>
    /// <exception cref="ServiceBusException">There is none, or it is of another kind.</exception>
    public void Require(string path, BusEntityKind wanted)
    {
        BusEntityKind? kind = store.KindOf(path);
        bool fits = kind == wanted || (wanted == BusEntityKind.Queue && kind == BusEntityKind.Subscription);
        if (fits)
        {
            return;
        }
        if (kind is not null)
        {
            throw NotFound(path, $"'{path}' is a {kind.ToString()!.ToLowerInvariant()}, not a {Word(wanted)}.");
        }
        if (!entities.CreateOnFirstUse)
        {
            throw NotFound(
                path,
                $"There is no {Word(wanted)} '{path}'. The settings under Local:ServiceBus declare what there is."
            );
        }
        if (new BusAddress(path, IsDeadLetter: false).Topic is { } topic)
        {
            Require(topic, BusEntityKind.Topic);
            store.Create(path, BusEntityKind.Subscription);
        }
        else
        {
            store.Create(path, wanted);
        }
    }

    public long[] Send(BusSend call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        if (address.IsDeadLetter || address.Topic is not null)
        {
            throw NotFound(call.Path, "Messages are sent to queues and topics, not to subscriptions or dead letters.");
        }
        if (store.KindOf(address.Entity) != BusEntityKind.Topic)
        {
            Require(address.Entity, BusEntityKind.Queue);
        }
        return [.. call.Messages.Select(message => Accept(address.Entity, message))];
    }

    /// <summary>Enqueues the scheduled messages whose time has come.</summary>
    public void EnqueueDue()
    {
        foreach ((string entity, BusMessage message) in store.TakeDue())
        {
            Enqueue(entity, message, store.NextSequence(entity));
        }
    }

    public void CancelScheduled(BusNumbers call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        foreach (long number in call.Numbers)
        {
            if (!store.IsScheduled(address.Entity, number))
            {
                throw new ServiceBusException(
                    $"No scheduled message has the sequence number {number}.",
                    ServiceBusFailureReason.MessageNotFound,
                    call.Path
                );
            }
        }
        foreach (long number in call.Numbers)
        {
            store.CancelScheduled(address.Entity, number);
        }
    }

    public IReadOnlyList<BusDelivery> Receive(BusAddress address, BusReceive call)
    {
        Require(address.Entity, BusEntityKind.Queue);
        Tidy(address.Entity);
        return HandOut(address, store.Ready(address, call.Max), call.Mode, call.Consumer is not null);
    }

    public IReadOnlyList<BusDelivery> ReceiveDeferred(BusReceiveDeferred call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        Require(address.Entity, BusEntityKind.Queue);
        var found = new List<StoredMessage>();
        foreach (long number in call.Numbers)
        {
            IReadOnlyList<StoredMessage> messages = store.Deferred(address, number);
            if (messages.Count == 0)
            {
                throw new ServiceBusException(
                    $"No deferred message has the sequence number {number}, or it is locked.",
                    ServiceBusFailureReason.MessageNotFound,
                    call.Path
                );
            }
            found.AddRange(messages);
        }
        return HandOut(address, found, call.Mode, byConsumer: false);
    }

    public IReadOnlyList<BusDelivery> Peek(BusPeek call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        if (store.KindOf(address.Entity) != BusEntityKind.Topic)
        {
            // A topic shows what is scheduled on it.
            Require(address.Entity, BusEntityKind.Queue);
        }
        Tidy(address.Entity);
        return [.. store.Peek(address, call.From, call.Max).Select(message => Delivery(message, message.Deliveries))];
    }

    public void Settle(BusSettle call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        StoredMessage found = Locked(address, call.Lock);
        BusMessage message = Changed(found.Message, call.Changed);
        BusEntitySettings settings = SettingsOf(address.Entity);
        _touched.Add(address);
        switch (call.Outcome)
        {
            case BusOutcome.Complete:
                store.Delete(found.Key);
                break;
            case BusOutcome.Defer:
                store.Release(found.Key, ServiceBusMessageState.Deferred, message);
                break;
            case BusOutcome.DeadLetter when !address.IsDeadLetter:
                Bury(address.Entity, found with { Message = message }, call.Reason, call.Description);
                break;
            // Dead letters are not buried twice, and come back as often as they are abandoned.
            case BusOutcome.Abandon
                when !address.IsDeadLetter
                    && found.State == ServiceBusMessageState.Active
                    && found.Deliveries >= settings.MaxDeliveryCount:
                BuryWornOut(address.Entity, found with { Message = message }, settings);
                break;
            default:
                store.Release(found.Key, found.State, message);
                break;
        }
    }

    public DateTimeOffset Renew(BusRenew call)
    {
        BusAddress address = BusAddress.Parse(call.Path);
        StoredMessage found = Locked(address, call.Lock);
        DateTimeOffset until = real + SettingsOf(address.Entity).LockDuration;
        store.Renew(found.Key, until);
        _touched.Add(address);
        return until;
    }

    private long Accept(string entity, BusMessage message)
    {
        BusEntitySettings settings = SettingsOf(entity);
        long sequence = store.NextSequence(entity);
        bool isRepeat =
            settings.DuplicateDetectionWindow is { } window
            && message.MessageId is { } id
            && !store.NoteSent(entity, id, window);
        if (isRepeat)
        {
            // Taken, and dropped: the sender is told nothing, as by the service.
            return sequence;
        }
        if (message.ScheduledEnqueueTime is { } at && at > store.Now)
        {
            store.Insert(entity, message, sequence, settings);
        }
        else
        {
            Enqueue(entity, message, sequence);
        }
        return sequence;
    }

    private void Enqueue(string entity, BusMessage message, long sequence)
    {
        if (store.KindOf(entity) != BusEntityKind.Topic)
        {
            store.Insert(entity, message, sequence, SettingsOf(entity));
            _touched.Add(new(entity, IsDeadLetter: false));
            return;
        }
        foreach (string subscription in store.SubscriptionsOf(entity))
        {
            store.Insert(subscription, message, store.NextSequence(subscription), SettingsOf(subscription));
            _touched.Add(new(subscription, IsDeadLetter: false));
        }
    }

    private List<BusDelivery> HandOut(
        BusAddress address,
        IReadOnlyList<StoredMessage> messages,
        ServiceBusReceiveMode mode,
        bool byConsumer
    )
    {
        var deliveries = new List<BusDelivery>();
        TimeSpan lockDuration = SettingsOf(address.Entity).LockDuration;
        foreach (StoredMessage message in messages)
        {
            BusDelivery delivery = Delivery(message, message.Deliveries + 1);
            if (mode == ServiceBusReceiveMode.PeekLock)
            {
                delivery = delivery with { LockToken = Guid.NewGuid(), LockedUntil = real + lockDuration };
                store.Lock(message.Key, delivery.LockToken.Value, delivery.LockedUntil.Value, byConsumer);
            }
            else
            {
                store.Delete(message.Key);
            }
            deliveries.Add(delivery);
        }
        if (deliveries.Count > 0)
        {
            _touched.Add(address);
        }
        return deliveries;
    }

    /// <summary>Puts away what has expired, and what came back as often as may be by locks that ran out.</summary>
    private void Tidy(string entity)
    {
        BusEntitySettings settings = SettingsOf(entity);
        foreach (StoredMessage message in store.Expired(entity))
        {
            if (settings.DeadLetteringOnMessageExpiration)
            {
                Bury(entity, message, "TTLExpiredException", "The message expired and was dead lettered.");
            }
            else
            {
                store.Delete(message.Key);
                _touched.Add(new(entity, IsDeadLetter: false));
            }
        }
        foreach (StoredMessage message in store.WornOut(entity, settings.MaxDeliveryCount))
        {
            BuryWornOut(entity, message, settings);
        }
    }

    private void BuryWornOut(string entity, StoredMessage message, BusEntitySettings settings) =>
        Bury(
            entity,
            message,
            "MaxDeliveryCountExceeded",
            $"Message could not be consumed after {settings.MaxDeliveryCount} delivery attempts."
        );

    private void Bury(string entity, StoredMessage found, string? reason, string? description)
    {
        var properties = new Dictionary<string, BusValue>(found.Message.Properties);
        Add(ServiceBusMessage.DeadLetterReasonKey, reason);
        Add(ServiceBusMessage.DeadLetterDescriptionKey, description);
        store.Bury(found.Key, entity, found.Message with { Properties = properties });
        _touched.Add(new(entity, IsDeadLetter: false));
        _touched.Add(new(entity, IsDeadLetter: true));

        void Add(string key, string? text)
        {
            if (text is not null)
            {
                properties[key] = new("string", text);
            }
        }
    }

    private StoredMessage Locked(BusAddress address, Guid token) =>
        store.Locked(address, token)
        ?? throw new ServiceBusException(
            "The lock supplied is invalid. Either the lock expired, or the message has already been removed from the queue.",
            ServiceBusFailureReason.MessageLockLost,
            address.ToString()
        );

    private BusEntitySettings SettingsOf(string entity) =>
        entities.Queues.GetValueOrDefault(entity)
        ?? entities.Topics.GetValueOrDefault(entity)
        ?? entities.Subscriptions.GetValueOrDefault(entity)
        ?? new();

    private static BusMessage Changed(BusMessage message, Dictionary<string, BusValue> changed)
    {
        if (changed.Count == 0)
        {
            return message;
        }
        var properties = new Dictionary<string, BusValue>(message.Properties);
        foreach ((string key, BusValue value) in changed)
        {
            properties[key] = value;
        }
        return message with { Properties = properties };
    }

    private static BusDelivery Delivery(StoredMessage stored, int deliveries) =>
        new()
        {
            Message = stored.Message,
            SequenceNumber = stored.Sequence,
            EnqueuedSequenceNumber = stored.EnqueuedSequence,
            EnqueuedTime = stored.Enqueued,
            DeliveryCount = deliveries,
            State = stored.State,
            DeadLetterSource = stored.Source,
        };

    private static string Word(BusEntityKind kind) => kind == BusEntityKind.Topic ? "topic" : "queue or subscription";

    private static ServiceBusException NotFound(string path, string text) =>
        new(text, ServiceBusFailureReason.MessagingEntityNotFound, path);
}
