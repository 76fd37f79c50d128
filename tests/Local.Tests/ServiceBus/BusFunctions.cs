using Azure.Messaging.ServiceBus;
using Local.Tests.Functions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Local.Tests.ServiceBus;

/// <summary>The forms a function on a queue or subscription may take.</summary>
public sealed class BusFunctions(Journal journal)
{
    [Function("AsMessage")]
    public void AsMessage(
        [ServiceBusTrigger("messages")] ServiceBusReceivedMessage message,
        string messageId,
        int deliveryCount,
        FunctionContext context
    ) =>
        journal.Add(
            $"message {message.Body} {messageId} {deliveryCount} {context.FunctionDefinition.InputBindings["message"].Type}"
        );

    [Function("AsText")]
    public void AsText([ServiceBusTrigger("%TextQueue%")] string text) => journal.Add("text " + text);

    [Function("AsBytes")]
    public void AsBytes([ServiceBusTrigger("bytes")] byte[] bytes) => journal.Add("bytes " + bytes.Length);

    [Function("AsObject")]
    public void AsObject([ServiceBusTrigger("orders")] Order order) => journal.Add($"order {order.Item} {order.Count}");

    [Function("Audit")]
    public void Audit([ServiceBusTrigger("events", "audit")] string text) => journal.Add("audit " + text);

    [Function("Failing")]
    public void Failing([ServiceBusTrigger("failing")] ServiceBusReceivedMessage message)
    {
        journal.Add("failing " + message.DeliveryCount);
        throw new InvalidOperationException("no");
    }

    [Function("ByHand")]
    public async Task ByHandAsync(
        [ServiceBusTrigger("by-hand", AutoCompleteMessages = false)] ServiceBusReceivedMessage message,
        ServiceBusMessageActions actions,
        CancellationToken cancellationToken
    )
    {
        switch (message.Body.ToString())
        {
            case "complete":
                await actions.CompleteMessageAsync(message, cancellationToken);
                break;
            case "abandon" when message.DeliveryCount < 3:
                await actions.AbandonMessageAsync(
                    message,
                    new Dictionary<string, object> { ["tried"] = message.DeliveryCount },
                    cancellationToken
                );
                break;
            case "defer":
                await actions.DeferMessageAsync(message, null, cancellationToken);
                break;
            default:
                await actions.RenewMessageLockAsync(message, cancellationToken);
                await actions.DeadLetterMessageAsync(message, null, "by hand", "said so", cancellationToken);
                break;
        }
        journal.Add($"by hand {message.Body} {message.ApplicationProperties.GetValueOrDefault("tried")}");
    }
}

public sealed record Answer(
    [property: HttpResult] IResult Result,
    [property: ServiceBusOutput("orders")] Order? Order,
    [property: ServiceBusOutput("messages")] string[] Texts
);

/// <summary>Functions that send by what they return.</summary>
public static class OutputFunctions
{
    [Function("Returns")]
    [ServiceBusOutput("events", ServiceBusEntityType.Topic)]
    public static string Returns([ServiceBusTrigger("in")] string text) => text + " returned";

    [Function("Answers")]
    public static Answer Answers([HttpTrigger(AuthorizationLevel.Anonymous, "post")] HttpRequest request) =>
        new(Results.Accepted(), new Order(request.Method, 7), ["one", "two"]);
}

/// <summary>A function that holds its message until it is told.</summary>
public sealed class SlowFunctions(Journal journal)
{
    [Function("Slow")]
    public async Task SlowAsync([ServiceBusTrigger("slow")] string text)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(300));
        journal.Add(text);
    }
}

public static class BatchFunctions
{
    [Function("Batch")]
    public static void Batch([ServiceBusTrigger("q", IsBatched = true)] string[] texts) => Assert.NotNull(texts);
}

public static class NoConnectionFunctions
{
    [Function("NoConnection")]
    public static void NoConnection([ServiceBusTrigger("q", Connection = "Elsewhere")] string text) =>
        Assert.NotNull(text);
}
