using System.ComponentModel;
using Microsoft.Azure.Functions.Worker.Converters;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>
/// Starts a function by a message of a queue or subscription. Names may be <c>%Setting%</c>; the parameter is a
/// ServiceBusReceivedMessage, or its body as string, byte[] or an object read from JSON.
/// </summary>
[ConverterFallbackBehavior(ConverterFallbackBehavior.Allow)]
[InputConverter(typeof(ServiceBusReceivedMessageConverter))]
public sealed class ServiceBusTriggerAttribute : TriggerBindingAttribute, ISupportCardinality
{
    private bool? _autoComplete;

    public ServiceBusTriggerAttribute(string queueName)
    {
        QueueName = queueName;
    }

    public ServiceBusTriggerAttribute(string topicName, string subscriptionName)
    {
        TopicName = topicName;
        SubscriptionName = subscriptionName;
    }

    /// <summary>The setting with the connection string, or the section with <c>fullyQualifiedNamespace</c>.</summary>
    public string? Connection { get; set; }

    public string? QueueName { get; }

    public string? TopicName { get; }

    public string? SubscriptionName { get; }

    public bool IsSessionsEnabled { get; set; }

    [DefaultValue(false)]
    public bool IsBatched { get; set; }

    /// <summary>Whether a message is completed when the function ends without a fault; host.json's word when not said.</summary>
    public bool AutoCompleteMessages
    {
        get => _autoComplete ?? false;
        set => _autoComplete = value;
    }

    Cardinality ISupportCardinality.Cardinality
    {
        get => IsBatched ? Cardinality.Many : Cardinality.One;
        set => IsBatched = value == Cardinality.Many;
    }

    internal bool? SaidAutoComplete => _autoComplete;
}

/// <summary>Sends what the function returns, or a property of it, to a queue or topic. Nothing is sent for null.</summary>
public sealed class ServiceBusOutputAttribute : OutputBindingAttribute
{
    public ServiceBusOutputAttribute(
        string queueOrTopicName,
        ServiceBusEntityType entityType = ServiceBusEntityType.Queue
    )
    {
        QueueOrTopicName = queueOrTopicName;
        EntityType = entityType;
    }

    public string QueueOrTopicName { get; private set; }

    public string? Connection { get; set; }

    public ServiceBusEntityType EntityType { get; set; }
}

/// <summary>What a name stands for.</summary>
public enum ServiceBusEntityType
{
    Queue,
    Topic,
}
