using Azure.Messaging.ServiceBus;

namespace Local.Tests.ServiceBus;

public sealed class SenderTests
{
    [Fact]
    public async Task Send_Several_ArriveInOrderWithGrowingNumbers()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b"), new("c")]);

        IReadOnlyList<ServiceBusReceivedMessage> got = await bus
            .Client.CreateReceiver("q")
            .ReceiveMessagesAsync(10, BusHost.Patience);

        Assert.Equal(["a", "b", "c"], got.Select(message => message.Body.ToString()));
        Assert.Equal([1L, 2, 3], got.Select(message => message.SequenceNumber));
        Assert.All(got, message => Assert.Equal(bus.Now, message.EnqueuedTime, TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Send_OfNothing_IsNoCall()
    {
        await using var client = new ServiceBusClient(
            "Endpoint=sb://nowhere.example/;SharedAccessKeyName=all;SharedAccessKey=x"
        );

        await client.CreateSender("q").SendMessagesAsync([]);
    }

    [Fact]
    public async Task Send_TooMuch_SaysSo()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusSender sender = bus.Client.CreateSender("q");

        var refused = await Assert.ThrowsAsync<ServiceBusException>(() =>
            sender.SendMessageAsync(new ServiceBusMessage(new byte[256 * 1024]))
        );

        Assert.Equal(ServiceBusFailureReason.MessageSizeExceeded, refused.Reason);
        Assert.Null(await bus.Client.CreateReceiver("q").PeekMessageAsync());
    }

    [Fact]
    public async Task Batch_TakesWhatFits_AndIsSentWhole()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusSender sender = bus.Client.CreateSender("q");
        using ServiceBusMessageBatch batch = await sender.CreateMessageBatchAsync(
            new CreateMessageBatchOptions { MaxSizeInBytes = 1_000 }
        );
        int taken = 0;
        while (batch.TryAddMessage(new ServiceBusMessage(new byte[200])))
        {
            taken++;
        }

        await sender.SendMessagesAsync(batch);

        Assert.InRange(taken, 2, 4);
        Assert.Equal(taken, batch.Count);
        Assert.InRange(batch.SizeInBytes, taken * 200, batch.MaxSizeInBytes);
        Assert.Equal(taken, (await bus.Client.CreateReceiver("q").ReceiveMessagesAsync(10, BusHost.Patience)).Count);
    }

    [Fact]
    public async Task Batch_LargerThanATransfer_IsRefused()
    {
        await using BusHost bus = await BusHost.StartAsync();

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () =>
            await bus
                .Client.CreateSender("q")
                .CreateMessageBatchAsync(new CreateMessageBatchOptions { MaxSizeInBytes = 10_000_000 })
        );
    }

    [Fact]
    public async Task Schedule_MessageComesWhenItsTimeHasCome()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        DateTimeOffset due = bus.Now.AddDays(3);
        long number = await bus.Client.CreateSender("q").ScheduleMessageAsync(new ServiceBusMessage("later"), due);

        ServiceBusReceivedMessage waiting = await receiver.PeekMessageAsync();
        Assert.Equal((number, ServiceBusMessageState.Scheduled), (waiting.SequenceNumber, waiting.State));
        await bus.AdvanceAsync(TimeSpan.FromDays(2));
        Assert.Null(await receiver.ReceiveMessageAsync(BusHost.Briefly));
        await bus.AdvanceAsync(TimeSpan.FromDays(2));
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);

        Assert.Equal("later", got.Body.ToString());
        Assert.Equal(due, got.EnqueuedTime);
        Assert.Equal(due, got.ScheduledEnqueueTime);
    }

    [Fact]
    public async Task Schedule_ByTheMessagesOwnTime_IsTheSame()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus
            .Client.CreateSender("q")
            .SendMessageAsync(new ServiceBusMessage("later") { ScheduledEnqueueTime = bus.Now.AddDays(1) });

        Assert.Null(await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Briefly));
        await bus.AdvanceAsync(TimeSpan.FromDays(1));
        Assert.NotNull(await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Patience));
    }

    [Fact]
    public async Task Schedule_InThePast_ComesAtOnce()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").ScheduleMessageAsync(new ServiceBusMessage("now"), bus.Now.AddDays(-1));

        Assert.NotNull(await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Patience));
    }

    [Fact]
    public async Task Schedule_Cancelled_NeverComes()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusSender sender = bus.Client.CreateSender("q");
        IReadOnlyList<long> numbers = await sender.ScheduleMessagesAsync(
            [new("a"), new("b"), new("c")],
            bus.Now.AddDays(1)
        );

        await sender.CancelScheduledMessageAsync(numbers[0]);
        await sender.CancelScheduledMessagesAsync([numbers[2]]);
        await bus.AdvanceAsync(TimeSpan.FromDays(2));

        IReadOnlyList<ServiceBusReceivedMessage> got = await bus
            .Client.CreateReceiver("q")
            .ReceiveMessagesAsync(5, BusHost.Patience);
        Assert.Equal("b", Assert.Single(got).Body.ToString());
        var gone = await Assert.ThrowsAsync<ServiceBusException>(() => sender.CancelScheduledMessageAsync(numbers[0]));
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, gone.Reason);
    }

    [Fact]
    public async Task Repeat_WithinTheWindow_IsDropped_AndAfterItTaken()
    {
        await using BusHost bus = await BusHost.StartAsync(
            "Local:ServiceBus:Queues:once:RequiresDuplicateDetection=true",
            "Local:ServiceBus:Queues:once:DuplicateDetectionHistoryTimeWindow=PT1H"
        );
        ServiceBusSender sender = bus.Client.CreateSender("once");
        ServiceBusReceiver receiver = bus.Client.CreateReceiver(
            "once",
            new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }
        );

        await sender.SendMessageAsync(new ServiceBusMessage("1") { MessageId = "same" });
        Assert.NotNull(await receiver.ReceiveMessageAsync(BusHost.Patience));
        await sender.SendMessageAsync(new ServiceBusMessage("2") { MessageId = "same" });
        await sender.SendMessageAsync(new ServiceBusMessage("3") { MessageId = "other" });
        Assert.Equal("3", (await receiver.ReceiveMessageAsync(BusHost.Patience)).Body.ToString());
        await bus.AdvanceAsync(TimeSpan.FromHours(2));
        await sender.SendMessageAsync(new ServiceBusMessage("4") { MessageId = "same" });

        Assert.Equal("4", (await receiver.ReceiveMessageAsync(BusHost.Patience)).Body.ToString());
    }

    [Fact]
    public async Task Repeat_WhereNobodyLooksForThem_ComesTwice()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusSender sender = bus.Client.CreateSender("q");
        await sender.SendMessageAsync(new ServiceBusMessage("1") { MessageId = "same" });
        await sender.SendMessageAsync(new ServiceBusMessage("2") { MessageId = "same" });

        Assert.Equal(2, (await bus.Client.CreateReceiver("q").ReceiveMessagesAsync(5, BusHost.Patience)).Count);
    }

    [Fact]
    public async Task Entity_NotDeclaredWhereAllAreDeclared_IsNotFound()
    {
        await using BusHost bus = await BusHost.StartAsync(
            "Local:ServiceBus:Queues:known:MaxDeliveryCount=3",
            "Local:ServiceBus:CreateOnFirstUse=false"
        );
        await bus.Client.CreateSender("known").SendMessageAsync(new ServiceBusMessage("x"));

        var refused = await Assert.ThrowsAsync<ServiceBusException>(() =>
            bus.Client.CreateSender("unknown").SendMessageAsync(new ServiceBusMessage("x"))
        );

        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, refused.Reason);
        Assert.Contains("'unknown'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("spaces are none")]
    [InlineData("-dash-first")]
    [InlineData("what?")]
    public async Task Entity_OfAnImpossibleName_IsNotFound(string name)
    {
        await using BusHost bus = await BusHost.StartAsync();

        var refused = await Assert.ThrowsAsync<ServiceBusException>(() =>
            bus.Client.CreateSender(name).SendMessageAsync(new ServiceBusMessage("x"))
        );

        Assert.Equal((ServiceBusFailureReason.MessagingEntityNotFound, name), (refused.Reason, refused.EntityPath));
    }

    [Fact]
    public async Task Namespace_ThatNothingServes_IsToldAtTheFirstCall()
    {
        await using var client = new ServiceBusClient(
            "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=all;SharedAccessKey=x;UseDevelopmentEmulator=true"
        );

        var refused = await Assert.ThrowsAsync<ServiceBusException>(() =>
            client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"))
        );

        Assert.Equal(ServiceBusFailureReason.ServiceCommunicationProblem, refused.Reason);
        Assert.True(refused.IsTransient);
    }
}
