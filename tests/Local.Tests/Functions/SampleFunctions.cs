using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using FromBodyAttribute = Microsoft.Azure.Functions.Worker.Http.FromBodyAttribute;

namespace Local.Tests.Functions;

public sealed record Order(string Item, int Count);

/// <summary>Every form an HTTP function may take.</summary>
public sealed class HttpFunctions(TimeProvider clock)
{
    [Function("Route")]
    public static IActionResult Route(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "route/{id:int}/{day}/{key?}")] HttpRequest request,
        int id,
        DateOnly day,
        Guid? key,
        FunctionContext context,
        CancellationToken cancellationToken
    ) =>
        new OkObjectResult(
            new
            {
                id,
                day,
                key,
                Bound = (string?)context.BindingContext.BindingData["id"],
                request.Path,
                Cancellable = cancellationToken.CanBeCanceled,
            }
        );

    [Function("Body")]
    public static IResult Body(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "orders")] HttpRequest request,
        [FromBody] Order order
    ) => Results.Json(order with { Count = order.Count + 1 }, statusCode: StatusCodes.Status201Created);

    [Function("Data")]
    public static async Task<HttpResponseData> DataAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "data")] HttpRequestData request
    )
    {
        Order order = (await request.ReadFromJsonAsync<Order>())!;
        HttpResponseData response = request.CreateResponse(HttpStatusCode.Accepted);
        response.Headers.Add("X-Query", request.Query["q"]);
        response.Headers.Add("X-Agent", request.Headers.GetValues("X-Agent"));
        response.Cookies.Append("seen", request.Cookies.Single().Value);
        await response.WriteAsJsonAsync(order);
        return response;
    }

    [Function("Empty")]
    public static HttpResponseData Empty(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "data")] HttpRequestData request
    ) => request.CreateResponse(HttpStatusCode.NoContent);

    [Function("Poco")]
    public Order Poco([HttpTrigger(AuthorizationLevel.Function)] HttpRequest request) =>
        new(request.Method, clock.GetUtcNow().Year);

    [Function("Written")]
    public static Task WrittenAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        request.HttpContext.Response.WriteAsync("written by hand");

    [Function("Fault")]
    public static IActionResult Fault([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        throw new InvalidOperationException("secret of " + request.Path);

    [Function("Endless")]
    public static Task EndlessAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request,
        CancellationToken cancellationToken
    ) => Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).WaitAsync(request.HttpContext.RequestAborted);

    [Function("Upload")]
    public static async Task<long> UploadAsync([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request)
    {
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory);
        return memory.Length;
    }

    [Function("Multiple")]
    public static Answer Multiple([HttpTrigger(AuthorizationLevel.Anonymous, "get")] HttpRequest request) =>
        new(new AcceptedResult(), request.Path);
}

public sealed record Answer([property: HttpResult] IActionResult Result, string Path);

/// <summary>A counter that outlives scopes, to be looked at by tests.</summary>
public sealed class Journal
{
    private readonly ConcurrentQueue<string> _lines = new();

    public IReadOnlyList<string> Lines => [.. _lines];

    public void Add(string line) => _lines.Enqueue(line);
}

/// <summary>An orchestration with an activity, a timer and an event, started over HTTP.</summary>
public sealed class DurableFunctions(Journal journal)
{
    [Function("Start")]
    public static async Task<IActionResult> StartAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "start/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(OrchestrateAsync),
            new Order("from " + request.Method, 1),
            new StartOrchestrationOptions(id),
            cancellationToken
        );
        return new AcceptedResult();
    }

    [Function("Read")]
    public static async Task<IActionResult> ReadAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "read/{id}")] HttpRequest request,
        string id,
        [DurableClient] DurableTaskClient client
    )
    {
        OrchestrationMetadata? found = await client.GetInstanceAsync(
            id,
            getInputsAndOutputs: true,
            request.HttpContext.RequestAborted
        );
        return found is null
            ? new NotFoundResult()
            : new OkObjectResult(new { Status = found.RuntimeStatus.ToString(), Output = found.SerializedOutput });
    }

    [Function(nameof(OrchestrateAsync))]
    public async Task<Order> OrchestrateAsync(
        [OrchestrationTrigger] TaskOrchestrationContext context,
        FunctionContext function
    )
    {
        Order order = context.GetInput<Order>()!;
        await context.CreateTimer(TimeSpan.FromDays(10), CancellationToken.None);
        if (!context.IsReplaying)
        {
            journal.Add($"{function.FunctionDefinition.Name} woke");
        }
        return await context.CallActivityAsync<Order>(nameof(AddAsync), order);
    }

    [Function(nameof(AddAsync))]
    public async Task<Order> AddAsync(
        [ActivityTrigger] Order order,
        string instanceId,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken
    )
    {
        OrchestrationMetadata? self = await client.GetInstanceAsync(instanceId, cancellationToken);
        journal.Add($"{self!.InstanceId} adds to {order.Item}");
        return order with { Count = order.Count + 1 };
    }
}
