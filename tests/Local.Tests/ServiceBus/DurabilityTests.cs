using Azure.Messaging.ServiceBus;
using Local.Tests.Functions;

namespace Local.Tests.ServiceBus;

/// <summary>What outlives a host, and what other processes see of it.</summary>
public sealed class DurabilityTests
{
    [Fact]
    public async Task Restart_KeepsMessagesDeadLettersScheduledOnesAndCounts_AndFreesLocks()
    {
        string folder = FunctionsHost.NewFolder();
        string[] settings = ["Local:ServiceBus:Queues:q:RequiresDuplicateDetection=true"];
        DateTimeOffset due;
        await using (BusHost first = await BusHost.StartAsync(folder, [], settings))
        {
            due = first.Now.AddDays(1);
            ServiceBusSender sender = first.Client.CreateSender("q");
            await sender.SendMessagesAsync([new("a") { MessageId = "a" }, new("b"), new("c")]);
            await sender.ScheduleMessageAsync(new ServiceBusMessage("later"), due);
            ServiceBusReceiver receiver = first.Client.CreateReceiver("q");
            IReadOnlyList<ServiceBusReceivedMessage> got = await receiver.ReceiveMessagesAsync(3, BusHost.Patience);
            await receiver.DeadLetterMessageAsync(got[1], "broken");
            await receiver.CompleteMessageAsync(got[2]);
        }

        await using BusHost second = await BusHost.StartAsync(folder, [], settings);
        await second.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("repeat") { MessageId = "a" });
        ServiceBusReceiver again = second.Client.CreateReceiver("q");
        ServiceBusReceivedMessage a = await again.ReceiveMessageAsync(BusHost.Patience);
        await again.CompleteMessageAsync(a);

        Assert.Equal(("a", 2), (a.Body.ToString(), a.DeliveryCount));
        Assert.Null(await again.ReceiveMessageAsync(BusHost.Briefly));
        Assert.Equal(
            "broken",
            (await second.Client.CreateReceiver("q/$DeadLetterQueue").PeekMessageAsync()).DeadLetterReason
        );
        await second.Host.Clock.SettleAsync(due, CancellationToken.None);
        Assert.Equal("later", (await again.ReceiveMessageAsync(BusHost.Patience)).Body.ToString());
    }

    [Fact]
    public async Task AnotherProcess_ReachesTheBrokerByTheHostsAddress()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await using ServiceBusClient remote = Remote(bus);
        ServiceBusReceiver receiver = remote.CreateReceiver("q");

        await remote
            .CreateSender("q")
            .SendMessageAsync(new ServiceBusMessage("x") { ApplicationProperties = { ["n"] = 7L } });
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);
        await receiver.RenewMessageLockAsync(got);
        await receiver.AbandonMessageAsync(got);
        got = await receiver.ReceiveMessageAsync(BusHost.Patience);
        await receiver.DeferMessageAsync(got);
        got = await receiver.ReceiveDeferredMessageAsync(got.SequenceNumber);
        await receiver.CompleteMessageAsync(got);
        long number = await remote
            .CreateSender("q")
            .ScheduleMessageAsync(new ServiceBusMessage("s"), bus.Now.AddDays(1));
        await remote.CreateSender("q").CancelScheduledMessageAsync(number);

        Assert.Equal(("x", 7L), (got.Body.ToString(), got.ApplicationProperties["n"]));
        Assert.Null(await receiver.PeekMessageAsync());
        var lost = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(got));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
    }

    [Fact]
    public async Task Clock_ThatMoves_WaitsForAProcessorInAnotherProcess()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await using ServiceBusClient remote = Remote(bus);
        int handled = 0;
        await using ServiceBusProcessor processor = remote.CreateProcessor("q");
        processor.ProcessErrorAsync += _ => Task.CompletedTask;
        processor.ProcessMessageAsync += async args =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), args.CancellationToken);
            Interlocked.Increment(ref handled);
        };
        await processor.StartProcessingAsync();
        // The first message shows that it is there.
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("first"));
        using (var timeout = new CancellationTokenSource(BusHost.Patience))
        {
            while (Volatile.Read(ref handled) == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), timeout.Token);
            }
        }
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b"), new("c")]);

        await bus.SettleAsync();

        Assert.Equal(4, handled);
    }

    private static ServiceBusClient Remote(BusHost bus) =>
        new(
            $"Endpoint=sb://{bus.Host.Http.BaseAddress!.Authority};SharedAccessKeyName=all;SharedAccessKey=x;"
                + "UseDevelopmentEmulator=true"
        );
}
