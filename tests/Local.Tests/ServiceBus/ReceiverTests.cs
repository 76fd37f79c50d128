using Azure.Messaging.ServiceBus;

namespace Local.Tests.ServiceBus;

public sealed class ReceiverTests
{
    private const string ShortLock = "Local:ServiceBus:Queues:q:LockDuration=00:00:00.300";

    [Fact]
    public async Task Receive_FromAnEmptyQueue_GivesNull()
    {
        await using BusHost bus = await BusHost.StartAsync();
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        Assert.Null(await receiver.ReceiveMessageAsync(BusHost.Briefly));
        Assert.Empty(await receiver.ReceiveMessagesAsync(5, BusHost.Briefly));
    }

    [Fact]
    public async Task Receive_ThatWaits_IsWokenByASend()
    {
        await using BusHost bus = await BusHost.StartAsync();
        Task<ServiceBusReceivedMessage> waiting = bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Patience);

        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));

        Assert.Equal("x", (await waiting).Body.ToString());
    }

    [Fact]
    public async Task Receive_Cancelled_SaysSo()
    {
        await using BusHost bus = await BusHost.StartAsync();
        using var cancelled = new CancellationTokenSource(BusHost.Briefly);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Patience, cancelled.Token)
        );
    }

    [Fact]
    public async Task Lock_WhileItLasts_HidesTheMessageFromOthers()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);

        Assert.Null(await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Briefly));
        Assert.NotEqual(Guid.Empty, Guid.Parse(got.LockToken));
        await receiver.CompleteMessageAsync(got);
        Assert.Null(await receiver.PeekMessageAsync());
    }

    [Fact]
    public async Task Lock_ThatRanOut_GivesTheMessageToTheNextAndIsLost()
    {
        await using BusHost bus = await BusHost.StartAsync(ShortLock);
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        ServiceBusReceivedMessage first = await receiver.ReceiveMessageAsync(BusHost.Patience);
        ServiceBusReceivedMessage second = await receiver.ReceiveMessageAsync(BusHost.Patience);

        Assert.Equal((1, 2), (first.DeliveryCount, second.DeliveryCount));
        Assert.Equal(first.SequenceNumber, second.SequenceNumber);
        var lost = await Assert.ThrowsAsync<ServiceBusException>(() => receiver.CompleteMessageAsync(first));
        Assert.Equal(ServiceBusFailureReason.MessageLockLost, lost.Reason);
    }

    [Fact]
    public async Task Lock_IsInRealTime_NotOnTheMovedClock()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);

        await bus.AdvanceAsync(TimeSpan.FromDays(100));

        await receiver.CompleteMessageAsync(got);
    }

    [Fact]
    public async Task Lock_Renewed_LastsLonger()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);
        DateTimeOffset before = got.LockedUntil;

        await receiver.RenewMessageLockAsync(got);

        Assert.True(got.LockedUntil > before);
    }

    [Fact]
    public async Task Abandon_GivesItBackAtOnce_WithWhatWasChanged()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        await receiver.AbandonMessageAsync(
            await receiver.ReceiveMessageAsync(BusHost.Patience),
            new Dictionary<string, object> { ["tried"] = 1 }
        );
        ServiceBusReceivedMessage again = await receiver.ReceiveMessageAsync(BusHost.Patience);

        Assert.Equal(2, again.DeliveryCount);
        Assert.Equal(1, again.ApplicationProperties["tried"]);
    }

    [Fact]
    public async Task Abandon_AsOftenAsMayBe_MakesItADeadLetter()
    {
        await using BusHost bus = await BusHost.StartAsync("Local:ServiceBus:Queues:q:MaxDeliveryCount=3");
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        for (int i = 0; i < 3; i++)
        {
            await receiver.AbandonMessageAsync(await receiver.ReceiveMessageAsync(BusHost.Patience));
        }

        Assert.Null(await receiver.ReceiveMessageAsync(BusHost.Briefly));
        ServiceBusReceivedMessage dead = await Dead(bus, "q").ReceiveMessageAsync(BusHost.Patience);
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
        Assert.Equal("q", dead.DeadLetterSource);
    }

    [Fact]
    public async Task Lock_ThatRanOutAsOftenAsMayBe_MakesItADeadLetter()
    {
        await using BusHost bus = await BusHost.StartAsync(ShortLock, "Local:ServiceBus:Queues:q:MaxDeliveryCount=1");
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        Assert.NotNull(await receiver.ReceiveMessageAsync(BusHost.Patience));

        Assert.Null(await receiver.ReceiveMessageAsync(TimeSpan.FromSeconds(0.5)));
        Assert.Equal(
            "MaxDeliveryCountExceeded",
            (await Dead(bus, "q").ReceiveMessageAsync(BusHost.Patience)).DeadLetterReason
        );
    }

    [Fact]
    public async Task DeadLetter_KeepsReasonDescriptionAndProperties()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b"), new("c")]);
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        IReadOnlyList<ServiceBusReceivedMessage> got = await receiver.ReceiveMessagesAsync(3, BusHost.Patience);

        await receiver.DeadLetterMessageAsync(got[0], "broken", "no head");
        await receiver.DeadLetterMessageAsync(got[1], new Dictionary<string, object> { ["k"] = "v" });
        await receiver.DeadLetterMessageAsync(got[2], new Dictionary<string, object> { ["k"] = "w" }, "broken");
        IReadOnlyList<ServiceBusReceivedMessage> dead = await Dead(bus, "q").ReceiveMessagesAsync(3, BusHost.Patience);

        Assert.Equal(
            [("broken", "no head", null), (null, null, "v"), ("broken", null, "w")],
            dead.Select(message =>
                (
                    (string?)message.DeadLetterReason,
                    (string?)message.DeadLetterErrorDescription,
                    (string?)message.ApplicationProperties.GetValueOrDefault("k")
                )
            )
        );
        await Dead(bus, "q").CompleteMessageAsync(dead[0]);
        Assert.Equal(2, (await Dead(bus, "q").PeekMessagesAsync(5)).Count);
    }

    [Fact]
    public async Task DeadLetters_ByThePathOfTheirQueue_AreTheSame()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(BusHost.Patience));

        Assert.Equal("q/$DeadLetterQueue", Dead(bus, "q").EntityPath);
        Assert.NotNull(await bus.Client.CreateReceiver("q/$deadletterqueue").PeekMessageAsync());
    }

    [Fact]
    public async Task Defer_PutsAside_UntilAskedForByNumber()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);

        await receiver.DeferMessageAsync(got);

        Assert.Null(await receiver.ReceiveMessageAsync(BusHost.Briefly));
        Assert.Equal(ServiceBusMessageState.Deferred, (await receiver.PeekMessageAsync()).State);
        ServiceBusReceivedMessage deferred = await receiver.ReceiveDeferredMessageAsync(got.SequenceNumber);
        Assert.Equal(ServiceBusMessageState.Deferred, deferred.State);
        await receiver.CompleteMessageAsync(deferred);
        var gone = await Assert.ThrowsAsync<ServiceBusException>(() =>
            receiver.ReceiveDeferredMessageAsync(got.SequenceNumber)
        );
        Assert.Equal(ServiceBusFailureReason.MessageNotFound, gone.Reason);
    }

    [Fact]
    public async Task ReceiveAndDelete_TakesItAtOnce_AndNothingCanBeSettled()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessageAsync(new ServiceBusMessage("x"));
        ServiceBusReceiver receiver = bus.Client.CreateReceiver(
            "q",
            new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }
        );

        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);

        Assert.Null(await receiver.PeekMessageAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(got));
    }

    [Fact]
    public async Task Peek_GoesOnWhereItEnded_AndChangesNothing()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b"), new("c")]);
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");

        Assert.Equal("a", (await receiver.PeekMessageAsync()).Body.ToString());
        Assert.Equal(["b", "c"], (await receiver.PeekMessagesAsync(5)).Select(message => message.Body.ToString()));
        Assert.Null(await receiver.PeekMessageAsync());
        Assert.Equal("a", (await receiver.PeekMessageAsync(fromSequenceNumber: 1)).Body.ToString());
        ServiceBusReceivedMessage got = await receiver.ReceiveMessageAsync(BusHost.Patience);
        Assert.Equal(("a", 1), (got.Body.ToString(), got.DeliveryCount));
        ServiceBusReceivedMessage peeked = await receiver.PeekMessageAsync(fromSequenceNumber: 2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => receiver.CompleteMessageAsync(peeked));
    }

    [Fact]
    public async Task Message_WhoseLifeEnded_IsGone_OrADeadLetterWhereTheQueueSaysSo()
    {
        await using BusHost bus = await BusHost.StartAsync(
            "Local:ServiceBus:Queues:kept:DeadLetteringOnMessageExpiration=true",
            "Local:ServiceBus:Queues:kept:DefaultMessageTimeToLive=P1D"
        );
        await bus
            .Client.CreateSender("q")
            .SendMessageAsync(new ServiceBusMessage("x") { TimeToLive = TimeSpan.FromHours(1) });
        await bus.Client.CreateSender("kept").SendMessageAsync(new ServiceBusMessage("x"));

        await bus.AdvanceAsync(TimeSpan.FromDays(2));

        Assert.Null(await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Briefly));
        Assert.Null(await bus.Client.CreateReceiver("kept").ReceiveMessageAsync(BusHost.Briefly));
        Assert.Equal(
            "TTLExpiredException",
            (await Dead(bus, "kept").ReceiveMessageAsync(BusHost.Patience)).DeadLetterReason
        );
    }

    [Fact]
    public async Task Subscriptions_EachGetACopyOfWhatTheTopicGets()
    {
        await using BusHost bus = await BusHost.StartAsync(
            "Local:ServiceBus:Topics:events:Subscriptions:audit=",
            "Local:ServiceBus:Topics:events:Subscriptions:billing="
        );
        ServiceBusReceiver audit = bus.Client.CreateReceiver("events", "audit");
        await bus.Client.CreateSender("events").SendMessageAsync(new ServiceBusMessage("x"));

        await audit.CompleteMessageAsync(await audit.ReceiveMessageAsync(BusHost.Patience));

        Assert.Equal("events/Subscriptions/audit", audit.EntityPath);
        Assert.Null(await audit.PeekMessageAsync());
        Assert.NotNull(await bus.Client.CreateReceiver("events", "billing").PeekMessageAsync());
        var wrong = await Assert.ThrowsAsync<ServiceBusException>(() =>
            bus.Client.CreateReceiver("events").ReceiveMessageAsync(BusHost.Briefly)
        );
        Assert.Equal(ServiceBusFailureReason.MessagingEntityNotFound, wrong.Reason);
    }

    [Fact]
    public async Task Topic_ScheduledMessage_ReachesTheSubscriptionsOfItsTime()
    {
        await using BusHost bus = await BusHost.StartAsync("Local:ServiceBus:Topics:events:Subscriptions:audit=");
        await bus.Client.CreateSender("events").ScheduleMessageAsync(new ServiceBusMessage("x"), bus.Now.AddDays(1));
        Assert.Null(await bus.Client.CreateReceiver("events", "audit").PeekMessageAsync());
        Assert.Null(await bus.Client.CreateReceiver("events", "late").PeekMessageAsync());

        await bus.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.NotNull(await bus.Client.CreateReceiver("events", "audit").PeekMessageAsync());
        Assert.NotNull(await bus.Client.CreateReceiver("events", "late").PeekMessageAsync());
    }

    [Fact]
    public async Task ReceiveAsAStream_GivesMessagesAsTheyCome()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus.Client.CreateSender("q").SendMessagesAsync([new("a"), new("b")]);
        using var enough = new CancellationTokenSource(BusHost.Patience);
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        var got = new List<string>();

        await foreach (ServiceBusReceivedMessage message in receiver.ReceiveMessagesAsync(enough.Token))
        {
            got.Add(message.Body.ToString());
            await receiver.CompleteMessageAsync(message);
            if (got.Count == 2)
            {
                await enough.CancelAsync();
            }
        }

        Assert.Equal(["a", "b"], got);
    }

    private static ServiceBusReceiver Dead(BusHost bus, string queue) =>
        bus.Client.CreateReceiver(queue, new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter });
}
