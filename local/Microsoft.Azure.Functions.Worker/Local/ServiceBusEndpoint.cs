using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Portability.Local.Bus;

namespace Portability.Local;

/// <summary>
/// The broker for other processes of this machine, which reach it by a connection string with
/// <c>UseDevelopmentEmulator=true</c>: <c>POST /local/servicebus/...</c>, JSON in and out.
/// </summary>
internal sealed class ServiceBusEndpoint(LocalBus bus, IHostApplicationLifetime lifetime)
{
    public void Map(IEndpointRouteBuilder endpoints)
    {
        Map<BusSend, long[]>(endpoints, "send", bus.SendAsync);
        Map<BusNumbers, bool>(endpoints, "cancel-scheduled", (call, ct) => Done(bus.CancelScheduledAsync(call, ct)));
        Map<BusReceive, IReadOnlyList<BusDelivery>>(endpoints, "receive", bus.ReceiveAsync);
        Map<BusReceiveDeferred, IReadOnlyList<BusDelivery>>(endpoints, "receive-deferred", bus.ReceiveDeferredAsync);
        Map<BusPeek, IReadOnlyList<BusDelivery>>(endpoints, "peek", bus.PeekAsync);
        Map<BusSettle, bool>(endpoints, "settle", (call, ct) => Done(bus.SettleAsync(call, ct)));
        Map<BusRenew, DateTimeOffset>(endpoints, "renew", bus.RenewAsync);
        Map<BusDetach, bool>(endpoints, "detach", (call, ct) => Done(bus.DetachAsync(call, ct)));
    }

    private void Map<TCall, TResult>(
        IEndpointRouteBuilder endpoints,
        string name,
        Func<TCall, CancellationToken, Task<TResult>> answer
    ) => endpoints.MapPost(HttpBus.Route + name, (RequestDelegate)(http => AnswerAsync(http, answer)));

    private async Task AnswerAsync<TCall, TResult>(
        HttpContext http,
        Func<TCall, CancellationToken, Task<TResult>> answer
    )
    {
        // Receivers wait for long; the host's end must not wait for them.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted,
            lifetime.ApplicationStopping
        );
        IResult result;
        try
        {
            TCall call =
                await http.Request.ReadFromJsonAsync<TCall>(HttpBus.Json, ending.Token)
                ?? throw new JsonException("The body is null.");
            result = Results.Json(await answer(call, ending.Token), HttpBus.Json);
        }
        catch (ServiceBusException refusal)
        {
            result = Results.Json(
                new BusFault(refusal.Text, refusal.Reason, refusal.EntityPath),
                HttpBus.Json,
                statusCode: StatusCodes.Status422UnprocessableEntity
            );
        }
        catch (Exception exception) when (exception is JsonException or BadHttpRequestException)
        {
            result = Results.Problem(exception.Message, statusCode: StatusCodes.Status400BadRequest);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            result = Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        }
        await result.ExecuteAsync(http);
    }

    private static async Task<bool> Done(Task task)
    {
        await task;
        return true;
    }
}
