#nullable enable
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>A broker as the clients see it: in this process, or over HTTP in another. Refusals are ServiceBusExceptions.</summary>
internal interface IBus
{
    /// <returns>The sequence number of each message, in order.</returns>
    Task<long[]> SendAsync(BusSend call, CancellationToken ct);

    Task CancelScheduledAsync(BusNumbers call, CancellationToken ct);

    Task<IReadOnlyList<BusDelivery>> ReceiveAsync(BusReceive call, CancellationToken ct);

    Task<IReadOnlyList<BusDelivery>> ReceiveDeferredAsync(BusReceiveDeferred call, CancellationToken ct);

    Task<IReadOnlyList<BusDelivery>> PeekAsync(BusPeek call, CancellationToken ct);

    Task SettleAsync(BusSettle call, CancellationToken ct);

    /// <returns>When the lock ends now.</returns>
    Task<DateTimeOffset> RenewAsync(BusRenew call, CancellationToken ct);

    Task DetachAsync(BusDetach call, CancellationToken ct);
}

internal sealed record BusSend(string Path, BusMessage[] Messages);

internal sealed record BusNumbers(string Path, long[] Numbers);

/// <param name="Path">What is received from.</param>
/// <param name="Max">How many at most.</param>
/// <param name="Wait">How long to wait for the first.</param>
/// <param name="Mode">Lock or take.</param>
/// <param name="Consumer">A running processor, which a moved clock waits for; null for a receiver by hand.</param>
internal sealed record BusReceive(string Path, int Max, TimeSpan Wait, ServiceBusReceiveMode Mode, string? Consumer);

internal sealed record BusReceiveDeferred(string Path, long[] Numbers, ServiceBusReceiveMode Mode);

internal sealed record BusPeek(string Path, int Max, long From);

internal sealed record BusSettle(
    string Path,
    Guid Lock,
    BusOutcome Outcome,
    Dictionary<string, BusValue> Changed,
    string? Reason,
    string? Description
);

internal sealed record BusRenew(string Path, Guid Lock);

internal sealed record BusDetach(string Path, string Consumer);

internal enum BusOutcome
{
    Complete = 0,
    Abandon = 1,
    Defer = 2,
    DeadLetter = 3,
}
