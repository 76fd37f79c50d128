using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker.Converters;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Settles the message that started a function; with it goes <c>AutoCompleteMessages = false</c>.</summary>
[InputConverter(typeof(ServiceBusMessageActionsConverter))]
public class ServiceBusMessageActions
{
    private readonly ProcessMessageEventArgs? _args;

    protected ServiceBusMessageActions() { }

    internal ServiceBusMessageActions(ProcessMessageEventArgs args)
    {
        _args = args;
    }

    private ProcessMessageEventArgs Args =>
        _args ?? throw new InvalidOperationException("These actions belong to no message.");

    public virtual Task CompleteMessageAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => Args.CompleteMessageAsync(message, cancellationToken);

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default
    ) => Args.AbandonMessageAsync(message, propertiesToModify, cancellationToken);

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        Dictionary<string, object>? propertiesToModify = default,
        string? deadLetterReason = default,
        string? deadLetterErrorDescription = default,
        CancellationToken cancellationToken = default
    ) =>
        Args.DeadLetterMessageAsync(
            message,
            propertiesToModify,
            deadLetterReason,
            deadLetterErrorDescription,
            cancellationToken
        );

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object>? propertiesToModify = default,
        CancellationToken cancellationToken = default
    ) => Args.DeferMessageAsync(message, propertiesToModify, cancellationToken);

    public virtual Task RenewMessageLockAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => Args.RenewMessageLockAsync(message, cancellationToken);
}
