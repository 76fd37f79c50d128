using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Messaging;

/// <summary>
/// Publishes a case's events from where its cursor stands. Sent first and then noted, so that a lost note repeats an event
/// under its own id and none is ever left out. A bus that does not answer holds up no case: the sweep tries again.
/// </summary>
public sealed class EventPublisher(MessageBus bus, PublishedCursors cursors, ILogger<EventPublisher> logger)
{
    /// <summary>A bus that is slower than this is left to the sweep.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <returns>Whether everything up to the stream's end is out.</returns>
    public async Task<bool> TryPublishAsync(CaseStream stream, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await PublishAsync(stream, patience.Token);
            return true;
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogWarning(
                fault,
                "Events of case {Case} are not published yet; the sweep tries again.",
                stream.CaseId
            );
            return false;
        }
    }

    private async Task PublishAsync(CaseStream stream, CancellationToken cancellationToken)
    {
        PublishedCursor cursor = await cursors.ReadAsync(stream.CaseId, cancellationToken);
        if (cursor.Published >= stream.Version)
        {
            return;
        }
        Termination state = stream.Fold();
        ServiceBusSender sender = bus.To(Queues.Events);
        var waiting = new Queue<ServiceBusMessage>(
            stream
                .Events.Where(e => e.Sequence > cursor.Published)
                .Select(e => IntegrationEvent.Of(state, e).ToMessage())
        );
        while (waiting.Count > 0)
        {
            using ServiceBusMessageBatch batch = await sender.CreateMessageBatchAsync(cancellationToken);
            while (waiting.TryPeek(out ServiceBusMessage? message) && batch.TryAddMessage(message))
            {
                waiting.Dequeue();
            }
            if (batch.Count == 0)
            {
                // One that no batch has room for would be tried for ever.
                throw new InvalidOperationException(
                    $"Event {waiting.Peek().MessageId} is larger than a message may be."
                );
            }
            await sender.SendMessagesAsync(batch, cancellationToken);
        }
        await cursors.MoveAsync(cursor, stream.Version, cancellationToken);
    }
}
