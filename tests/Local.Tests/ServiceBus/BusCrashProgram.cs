using System.Globalization;
using System.Text;
using Azure.Messaging.ServiceBus;
using Local.Tests.Functions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace Local.Tests.ServiceBus;

/// <summary>A log that is written through, so that what stands in it happened before the process was killed.</summary>
public sealed class CrashLog(FileStream file) : IDisposable
{
    private readonly Lock _gate = new();

    public void Write(string line)
    {
        lock (_gate)
        {
            file.Write(Encoding.UTF8.GetBytes(line + "\n"));
            file.Flush();
        }
    }

    public void Dispose() => file.Dispose();
}

/// <summary>Takes a message, and passes it on by its output binding.</summary>
public sealed class RelayFunctions(CrashLog log)
{
    [Function("Relay")]
    [ServiceBusOutput("second")]
    public string Relay([ServiceBusTrigger("first")] string text)
    {
        log.Write($"first {text}");
        return text;
    }

    [Function("Last")]
    public void Last([ServiceBusTrigger("second")] string text) => log.Write($"second {text}");
}

/// <summary>What the crash test kills: a host that sends messages through two queues until all are through.</summary>
internal static class BusCrashProgram
{
    public const int Messages = 400;

    public static async Task<int> RunAsync(string folder, string journal)
    {
        string[] before = File.Exists(journal) ? await File.ReadAllLinesAsync(journal) : [];
        using var log = new CrashLog(new FileStream(journal, FileMode.Append, FileAccess.Write, FileShare.Read));
        await using BusHost bus = await BusHost.StartAsync(
            folder,
            [typeof(RelayFunctions)],
            builder => builder.Services.AddSingleton(log)
        );
        Console.WriteLine("ready");
        ServiceBusSender sender = bus.Client.CreateSender("first");
        int sent = before.Count(line => line.StartsWith("sent ", StringComparison.Ordinal));
        for (int i = sent; i < Messages; i++)
        {
            // One in four comes later, on the clock.
            var message = new ServiceBusMessage(i.ToString(CultureInfo.InvariantCulture));
            if (i % 4 == 0)
            {
                message.ScheduledEnqueueTime = bus.Now.AddDays(1);
            }
            await sender.SendMessageAsync(message);
            log.Write($"sent {i}");
        }
        await bus.AdvanceAsync(TimeSpan.FromDays(2));
        Console.WriteLine("through");
        return 0;
    }
}
