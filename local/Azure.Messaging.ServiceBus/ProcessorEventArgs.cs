namespace Azure.Messaging.ServiceBus;

/// <summary>A message for a processor's handler, and the ways to settle it.</summary>
public class ProcessMessageEventArgs : EventArgs
{
    private readonly ServiceBusReceiver _receiver;

    public ProcessMessageEventArgs(
        ServiceBusReceivedMessage message,
        ServiceBusReceiver receiver,
        CancellationToken cancellationToken
    )
        : this(message, receiver, identifier: null, cancellationToken) { }

    public ProcessMessageEventArgs(
        ServiceBusReceivedMessage message,
        ServiceBusReceiver receiver,
        string identifier,
        CancellationToken cancellationToken
    )
    {
        Message = message;
        _receiver = receiver;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    public ServiceBusReceivedMessage Message { get; }

    /// <summary>Cancelled when the processor stops.</summary>
    public CancellationToken CancellationToken { get; }

    public string Identifier { get; }

    public string FullyQualifiedNamespace => _receiver.FullyQualifiedNamespace;

    public string EntityPath => _receiver.EntityPath;

    /// <summary>Whether the handler settled the message itself.</summary>
    internal bool IsSettled { get; private set; }

    public virtual Task AbandonMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) => SettledAsync(message, _receiver.AbandonMessageAsync(message, propertiesToModify, cancellationToken));

    public virtual Task CompleteMessageAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => SettledAsync(message, _receiver.CompleteMessageAsync(message, cancellationToken));

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) => SettledAsync(message, _receiver.DeadLetterMessageAsync(message, propertiesToModify, cancellationToken));

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default
    ) =>
        SettledAsync(
            message,
            _receiver.DeadLetterMessageAsync(message, deadLetterReason, deadLetterErrorDescription, cancellationToken)
        );

    public virtual Task DeadLetterMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify,
        string deadLetterReason,
        string deadLetterErrorDescription = null,
        CancellationToken cancellationToken = default
    ) =>
        SettledAsync(
            message,
            _receiver.DeadLetterMessageAsync(
                message,
                propertiesToModify,
                deadLetterReason,
                deadLetterErrorDescription,
                cancellationToken
            )
        );

    public virtual Task DeferMessageAsync(
        ServiceBusReceivedMessage message,
        IDictionary<string, object> propertiesToModify = null,
        CancellationToken cancellationToken = default
    ) => SettledAsync(message, _receiver.DeferMessageAsync(message, propertiesToModify, cancellationToken));

    public virtual Task RenewMessageLockAsync(
        ServiceBusReceivedMessage message,
        CancellationToken cancellationToken = default
    ) => _receiver.RenewMessageLockAsync(message, cancellationToken);

    private async Task SettledAsync(ServiceBusReceivedMessage message, Task settling)
    {
        await settling;
        IsSettled |= ReferenceEquals(message, Message);
    }
}

/// <summary>What went wrong in a processor, and when.</summary>
public sealed class ProcessErrorEventArgs : EventArgs
{
    public ProcessErrorEventArgs(
        Exception exception,
        ServiceBusErrorSource errorSource,
        string fullyQualifiedNamespace,
        string entityPath,
        CancellationToken cancellationToken
    )
        : this(exception, errorSource, fullyQualifiedNamespace, entityPath, identifier: null, cancellationToken) { }

    public ProcessErrorEventArgs(
        Exception exception,
        ServiceBusErrorSource errorSource,
        string fullyQualifiedNamespace,
        string entityPath,
        string identifier,
        CancellationToken cancellationToken
    )
    {
        Exception = exception;
        ErrorSource = errorSource;
        FullyQualifiedNamespace = fullyQualifiedNamespace;
        EntityPath = entityPath;
        Identifier = identifier;
        CancellationToken = cancellationToken;
    }

    public Exception Exception { get; }

    public ServiceBusErrorSource ErrorSource { get; }

    public string FullyQualifiedNamespace { get; }

    public string EntityPath { get; }

    public string Identifier { get; }

    public CancellationToken CancellationToken { get; }
}
