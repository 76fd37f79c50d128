using Azure.Messaging.ServiceBus;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Portability.Local.Bus;

namespace Portability.Local;

/// <summary>
/// Starts the broker, then a processor for each function with a Service Bus trigger. A function that fails abandons its
/// message, which comes again until it is dead-lettered.
/// </summary>
internal sealed class ServiceBusTriggers(
    IReadOnlyList<FunctionMethod> functions,
    FunctionRunner runner,
    ServiceBusSettings busSettings,
    AppSettings settings,
    LocalBus bus,
    ILogger<ServiceBusTriggers> log
) : IAsyncDisposable
{
    private const string Consumer = "host";

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<ServiceBusProcessor> _processors = [];
    private readonly List<ServiceBusClient> _clients = [];
    private bool _started;

    /// <summary>The path of the queue or subscription that a trigger names.</summary>
    public static string PathOf(ServiceBusTriggerAttribute trigger, AppSettings settings) =>
        trigger.QueueName is { } queue
            ? settings.Expand(queue)
            : BusAddress.Subscription(settings.Expand(trigger.TopicName!), settings.Expand(trigger.SubscriptionName!));

    /// <exception cref="HostStartException">A connection or an entity is not there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        BusDirectory.Add(bus, busSettings.Namespaces());
        _started = true;
        try
        {
            await bus.StartAsync();
            foreach (FunctionMethod function in functions)
            {
                if (function.Trigger is ServiceBusTriggerAttribute trigger)
                {
                    await StartAsync(function, trigger, cancellationToken);
                }
            }
        }
        catch (Exception exception) when (exception is ServiceBusException or InvalidOperationException)
        {
            throw new HostStartException(exception.Message, exception);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_started)
        {
            return;
        }
        await _stopping.CancelAsync();
        await Task.WhenAll(_processors.Select(processor => processor.StopProcessingAsync(cancellationToken)));
        bus.Stop();
        BusDirectory.Remove(bus);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ServiceBusClient client in _clients)
        {
            await client.DisposeAsync();
        }
        _stopping.Dispose();
    }

    private async Task StartAsync(
        FunctionMethod function,
        ServiceBusTriggerAttribute trigger,
        CancellationToken cancellationToken
    )
    {
        string path = PathOf(trigger, settings);
        ServiceBusClient client = busSettings.Client(trigger.Connection);
        _clients.Add(client);
        var processor = new TriggerProcessor(path, client, Options(trigger));
        processor.ProcessMessageAsync += args => RunAsync(function, args);
        processor.ProcessErrorAsync += args => Tell(function, args);
        await bus.AttachAsync(path, Consumer);
        await processor.StartProcessingAsync(cancellationToken);
        _processors.Add(processor);
    }

    private ServiceBusProcessorOptions Options(ServiceBusTriggerAttribute trigger) =>
        new()
        {
            AutoCompleteMessages = trigger.SaidAutoComplete ?? busSettings.AutoCompleteMessages,
            MaxConcurrentCalls = busSettings.MaxConcurrentCalls,
            MaxAutoLockRenewalDuration = busSettings.MaxAutoLockRenewalDuration,
        };

    private Task RunAsync(FunctionMethod function, ProcessMessageEventArgs args) =>
        runner.RunAsync(function, args, BindingData(args.Message), _stopping.Token);

    private Task Tell(FunctionMethod function, ProcessErrorEventArgs args)
    {
        if (args.ErrorSource == ServiceBusErrorSource.ProcessMessageCallback)
        {
            // The runner has logged the fault itself.
            log.LogWarning("{Function} gives its message back to {Entity}", function.Name, args.EntityPath);
        }
        else
        {
            log.LogError(
                args.Exception,
                "{Function}: {Source} on {Entity} failed",
                function.Name,
                args.ErrorSource,
                args.EntityPath
            );
        }
        return Task.CompletedTask;
    }

    private static Dictionary<string, object?> BindingData(ServiceBusReceivedMessage message) =>
        new(StringComparer.OrdinalIgnoreCase)
        {
            ["MessageId"] = message.MessageId,
            ["DeliveryCount"] = message.DeliveryCount,
            ["SequenceNumber"] = message.SequenceNumber,
            ["EnqueuedTimeUtc"] = message.EnqueuedTime.UtcDateTime,
            ["CorrelationId"] = message.CorrelationId,
            ["Subject"] = message.Subject,
            ["ContentType"] = message.ContentType,
            ["ReplyTo"] = message.ReplyTo,
            ["To"] = message.To,
        };

    /// <summary>The names that parameters may bear, as <see cref="BindingData"/> fills them.</summary>
    internal static readonly string[] BindingNames =
    [
        "MessageId",
        "DeliveryCount",
        "SequenceNumber",
        "EnqueuedTimeUtc",
        "CorrelationId",
        "Subject",
        "ContentType",
        "ReplyTo",
        "To",
    ];

    private sealed class TriggerProcessor(string path, ServiceBusClient client, ServiceBusProcessorOptions options)
        : ServiceBusProcessor(path, client, options);
}
