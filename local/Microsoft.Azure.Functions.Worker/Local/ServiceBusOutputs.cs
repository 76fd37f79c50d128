using System.Collections;
using System.Reflection;
using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace Portability.Local;

/// <summary>Sends what functions return where an output binding says so; a failure to send fails the function.</summary>
internal sealed class ServiceBusOutputs(
    ServiceBusSettings busSettings,
    AppSettings settings,
    IOptions<WorkerOptions> worker
)
{
    /// <summary>The method's own output binding and those of the returned type's properties.</summary>
    public static IEnumerable<ServiceBusOutput> Of(MethodInfo method)
    {
        if (method.GetCustomAttribute<ServiceBusOutputAttribute>() is { } own)
        {
            yield return new("$return", own, null);
        }
        Type type = method.ReturnType;
        type =
            type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)
                ? type.GetGenericArguments()[0]
                : type;
        foreach (PropertyInfo property in type.GetProperties())
        {
            if (property.GetCustomAttribute<ServiceBusOutputAttribute>() is { } output)
            {
                yield return new(property.Name, output, property);
            }
        }
    }

    public async Task SendAsync(FunctionMethod function, object? returned, CancellationToken cancellationToken)
    {
        if (returned is null)
        {
            return;
        }
        foreach ((_, ServiceBusOutputAttribute output, PropertyInfo? property) in function.ServiceBusOutputs)
        {
            ServiceBusMessage[] messages =
            [
                .. Items(property is null ? returned : property.GetValue(returned)).Select(Message),
            ];
            if (messages.Length > 0)
            {
                await using ServiceBusClient client = busSettings.Client(output.Connection);
                await using ServiceBusSender sender = client.CreateSender(settings.Expand(output.QueueOrTopicName));
                await sender.SendMessagesAsync(messages, cancellationToken);
            }
        }
    }

    // Text and bytes are one message; any other sequence is one for each item.
    private static IEnumerable<object> Items(object? value) =>
        value switch
        {
            null => [],
            string or byte[] => [value],
            IEnumerable many => many.OfType<object>(),
            _ => [value],
        };

    private ServiceBusMessage Message(object item) =>
        item switch
        {
            string text => new ServiceBusMessage(text) { ContentType = "text/plain" },
            byte[] bytes => new ServiceBusMessage(bytes) { ContentType = "application/octet-stream" },
            _ => new ServiceBusMessage(worker.Value.Serializer!.Serialize(item, item.GetType(), CancellationToken.None))
            {
                ContentType = "application/json",
            },
        };
}

/// <summary>One output binding: of the returned value as a whole, or of one of its properties.</summary>
internal sealed record ServiceBusOutput(string Name, ServiceBusOutputAttribute Attribute, PropertyInfo? Property);
