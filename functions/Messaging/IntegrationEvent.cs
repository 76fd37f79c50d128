using System.Globalization;
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Portability.Storage;
using Portability.Terminations;

namespace Portability.Messaging;

/// <summary>
/// What others may know of an event: its name and whose it is. Ids only: whoever is allowed more reads the case by its
/// id over HTTP.
/// </summary>
/// <param name="Id">The event's id, the same however often it is published.</param>
/// <param name="Name">Stable name with version.</param>
/// <param name="Sequence">Its place in the case, 1 for the first: what consumers order by.</param>
public sealed record IntegrationEvent(
    string Id,
    string Name,
    string CaseId,
    string ContractId,
    string CustomerId,
    long Sequence,
    DateTimeOffset At
)
{
    public static IntegrationEvent Of(Termination state, EventEnvelope stored) =>
        new(stored.EventId, stored.Name, state.CaseId, state.ContractId, state.CustomerId, stored.Sequence, stored.At);

    public ServiceBusMessage ToMessage() =>
        new(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(this, EventCodec.Json)))
        {
            MessageId = Id,
            Subject = Name,
            ContentType = "application/json",
            CorrelationId = CaseId,
            ApplicationProperties =
            {
                ["caseId"] = CaseId,
                ["sequence"] = Sequence.ToString(CultureInfo.InvariantCulture),
            },
        };
}
