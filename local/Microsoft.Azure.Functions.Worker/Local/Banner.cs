using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Portability.Local;

/// <summary>Says at the start where the host listens and what it found.</summary>
internal static class Banner
{
    public static void Write(
        ILogger log,
        IEnumerable<string> addresses,
        IReadOnlyList<FunctionMethod> functions,
        HttpTriggers https
    )
    {
        log.LogInformation("Functions host listening on {Addresses}", string.Join(", ", addresses));
        foreach (FunctionMethod function in functions.OrderBy(function => FunctionMethod.TypeOf(function.Trigger)))
        {
            log.LogInformation(
                "  {Trigger}: {Function}",
                FunctionMethod.TypeOf(function.Trigger),
                Describe(function, https)
            );
        }
        if (
            functions.Any(function =>
                function.Trigger is HttpTriggerAttribute { AuthLevel: > AuthorizationLevel.Anonymous }
            )
        )
        {
            log.LogWarning("Function keys (AuthorizationLevel) are not checked by this host, only in Azure");
        }
    }

    private static string Describe(FunctionMethod function, HttpTriggers https)
    {
        switch (function.Trigger)
        {
            case HttpTriggerAttribute:
                string methods = string.Join(',', HttpTriggers.MethodsOf(function).DefaultIfEmpty("any"));
                return $"{function.Name} [{methods}] {https.RouteOf(function)}";
            case TimerTriggerAttribute timer:
                return $"{function.Name} [{timer.Schedule}]";
            case ServiceBusTriggerAttribute bus:
                return $"{function.Name} [{bus.QueueName ?? $"{bus.TopicName}/{bus.SubscriptionName}"}]";
            default:
                return function.Name;
        }
    }
}
