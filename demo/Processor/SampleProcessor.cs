using System.Text.Json;
using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;

namespace Portability.Demo;

/// <summary>
/// A sub-processor as a customer's supplier would write one: a newsletter service that knows of Portability only what
/// <c>docs/messages.md</c> says. It keeps copies in a small database of its own, listens on its queue, erases, acknowledges,
/// and says when asked what it still holds.
/// </summary>
public sealed class SampleProcessor : IAsyncDisposable
{
    /// <summary>How many readers of each customer it begins with.</summary>
    public const long ReadersOfEach = 40;

    /// <summary>Its name in <c>demo/datamap.json</c>.</summary>
    public const string Name = "newsletter";

    private readonly ServiceBusClient client;
    private readonly ServiceBusProcessor processor;
    private readonly ReaderStore store;

    private SampleProcessor(ServiceBusClient client, ReaderStore store)
    {
        this.client = client;
        this.store = store;
        processor = client.CreateProcessor("processor-" + Name);
        processor.ProcessMessageAsync += HandleAsync;
        processor.ProcessErrorAsync += Tell;
    }

    /// <summary>May be switched while it runs; holds for the messages that come then.</summary>
    public ProcessorBehaviour Behaviour { get; set; }

    /// <summary>How many messages it has taken, repeats counted.</summary>
    public int Taken { get; private set; }

    /// <summary>Fills a new store with copies of both customers and begins to listen.</summary>
    /// <param name="bus">Connection string of the namespace.</param>
    /// <param name="path">Its database; made new.</param>
    /// <param name="lms">Whose customers it has readers of.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<SampleProcessor> StartAsync(
        string bus,
        string path,
        SampleLms lms,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(lms);
        File.Delete(path);
        var readers = new ReaderStore(path);
        await readers.FillAsync(lms.Customers.Select(c => c.CustomerId), (int)ReadersOfEach, cancellationToken);
        var sample = new SampleProcessor(new ServiceBusClient(bus), readers);
        await sample.processor.StartProcessingAsync(cancellationToken);
        return sample;
    }

    /// <summary>How many readers of a customer it holds.</summary>
    public Task<long> CountAsync(string customerId, CancellationToken cancellationToken = default) =>
        store.CountAsync(customerId, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await processor.DisposeAsync();
        await client.DisposeAsync();
    }

    private async Task HandleAsync(ProcessMessageEventArgs args)
    {
        Taken++;
        JsonNode order = JsonNode.Parse(args.Message.Body.ToMemory().Span)!;
        if (Behaviour == ProcessorBehaviour.NeverAnswers)
        {
            return;
        }
        string id = order["id"]!.GetValue<string>();
        string customer = order["customerId"]!.GetValue<string>();
        string task = order["task"]!.GetValue<string>();
        var answer = new JsonObject { ["inReplyTo"] = id };
        foreach (string name in (string[])["task", "caseId", "run", "round", "processor"])
        {
            answer[name] = order[name]!.DeepClone();
        }
        if (task == "erase")
        {
            answer["erased"] =
                Behaviour == ProcessorBehaviour.AcknowledgesFalsely
                    ? await store.CountAsync(customer, args.CancellationToken)
                    : await store.EraseAsync(id, customer, args.CancellationToken);
            answer["reference"] = "newsletter-" + id[..8];
        }
        else
        {
            answer["held"] = await store.CountAsync(customer, args.CancellationToken);
        }
        ServiceBusSender sender = client.CreateSender(args.Message.ReplyTo);
        await using (sender)
        {
            await sender.SendMessageAsync(
                new ServiceBusMessage(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(answer)))
                {
                    // The same for a repeat, so that a broker that looks for repeats drops it.
                    MessageId = id + "-answer",
                    CorrelationId = args.Message.MessageId,
                    ContentType = "application/json",
                },
                args.CancellationToken
            );
        }
    }

    // A broker that is away comes back; the message that was at hand comes again.
    private static Task Tell(ProcessErrorEventArgs args)
    {
        System.Diagnostics.Trace.TraceWarning($"newsletter: {args.ErrorSource}: {args.Exception.Message}");
        return Task.CompletedTask;
    }
}
