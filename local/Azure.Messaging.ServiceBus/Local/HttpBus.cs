#nullable enable
using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Messaging.ServiceBus;

namespace Portability.Local.Bus;

/// <summary>The broker of a host in another process, by its <c>/local/servicebus</c> calls.</summary>
#pragma warning disable CA1001 // One a host for the life of the process, as HttpClient is meant to be used.
internal sealed class HttpBus : IBus
#pragma warning restore CA1001
{
    public const string Route = "/local/servicebus/";

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    private static readonly ConcurrentDictionary<Uri, HttpBus> Buses = new();

    private readonly HttpClient _http;

    private HttpBus(Uri address)
    {
        // A receive waits as long as its caller wants; each call has its own token.
        _http = new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };
    }

    public static HttpBus At(Uri endpoint) =>
        Buses.GetOrAdd(
            new UriBuilder("http", endpoint.Host, endpoint.IsDefaultPort ? 7071 : endpoint.Port).Uri,
            uri => new(uri)
        );

    public Task<long[]> SendAsync(BusSend call, CancellationToken ct) => CallAsync<BusSend, long[]>("send", call, ct);

    public Task CancelScheduledAsync(BusNumbers call, CancellationToken ct) =>
        CallAsync<BusNumbers, bool>("cancel-scheduled", call, ct);

    public async Task<IReadOnlyList<BusDelivery>> ReceiveAsync(BusReceive call, CancellationToken ct) =>
        await CallAsync<BusReceive, BusDelivery[]>("receive", call, ct);

    public async Task<IReadOnlyList<BusDelivery>> ReceiveDeferredAsync(BusReceiveDeferred call, CancellationToken ct) =>
        await CallAsync<BusReceiveDeferred, BusDelivery[]>("receive-deferred", call, ct);

    public async Task<IReadOnlyList<BusDelivery>> PeekAsync(BusPeek call, CancellationToken ct) =>
        await CallAsync<BusPeek, BusDelivery[]>("peek", call, ct);

    public Task SettleAsync(BusSettle call, CancellationToken ct) => CallAsync<BusSettle, bool>("settle", call, ct);

    public Task<DateTimeOffset> RenewAsync(BusRenew call, CancellationToken ct) =>
        CallAsync<BusRenew, DateTimeOffset>("renew", call, ct);

    public Task DetachAsync(BusDetach call, CancellationToken ct) => CallAsync<BusDetach, bool>("detach", call, ct);

    private async Task<TResult> CallAsync<TCall, TResult>(string name, TCall call, CancellationToken ct)
    {
        try
        {
            using HttpResponseMessage response = await _http.PostAsJsonAsync(Route + name, call, Json, ct);
            if (response.IsSuccessStatusCode)
            {
                return (await response.Content.ReadFromJsonAsync<TResult>(Json, ct))!;
            }
            BusFault? fault =
                response.StatusCode == System.Net.HttpStatusCode.UnprocessableEntity
                    ? await response.Content.ReadFromJsonAsync<BusFault>(Json, ct)
                    : null;
            throw fault?.ToException()
                ?? new ServiceBusException(
                    $"{_http.BaseAddress} answered {(int)response.StatusCode}: is a host of the embedded runtime there?",
                    ServiceBusFailureReason.ServiceCommunicationProblem
                );
        }
        catch (Exception fault) when (fault is HttpRequestException or JsonException or IOException)
        {
            throw new ServiceBusException(
                $"The broker at {_http.BaseAddress} cannot be reached: {fault.Message}",
                ServiceBusFailureReason.ServiceCommunicationProblem,
                innerException: fault
            );
        }
    }
}

/// <summary>A refusal, to be thrown again in the caller's process.</summary>
internal sealed record BusFault(string Message, ServiceBusFailureReason Reason, string? Entity)
{
    public ServiceBusException ToException() => new(Message, Reason, Entity);
}
