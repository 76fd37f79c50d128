using Azure.Messaging.ServiceBus;
using Local.Tests.Functions;
using Portability.Local;

namespace Local.Tests.ServiceBus;

public sealed class TriggerTests
{
    private const string TextQueue = "TextQueue=texts";

    [Fact]
    public async Task Trigger_BindsMessageTextBytesAndObject()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        await SendAsync(bus, "messages", new ServiceBusMessage("m") { MessageId = "id-1" });
        await SendAsync(bus, "texts", new ServiceBusMessage("t"));
        await SendAsync(bus, "bytes", new ServiceBusMessage(new byte[5]));
        await SendAsync(bus, "orders", new ServiceBusMessage("""{"item":"book","count":2}"""));
        await SendAsync(bus, "events", new ServiceBusMessage("e"));

        await bus.SettleAsync();

        Assert.Equal(
            ["audit e", "bytes 5", "message m id-1 1 serviceBusTrigger", "order book 2", "text t"],
            bus.Journal.Lines.Order(StringComparer.Ordinal)
        );
        Assert.Null(await bus.Client.CreateReceiver("messages").PeekMessageAsync());
    }

    [Fact]
    public async Task Trigger_FunctionThatFails_SeesItAgainUntilItIsADeadLetter()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        await SendAsync(bus, "failing", new ServiceBusMessage("x"));

        await bus.SettleAsync();

        Assert.Equal(Enumerable.Range(1, 10).Select(i => $"failing {i}"), bus.Journal.Lines);
        ServiceBusReceivedMessage dead = await bus.Client.CreateReceiver("failing/$DeadLetterQueue").PeekMessageAsync();
        Assert.Equal("MaxDeliveryCountExceeded", dead.DeadLetterReason);
    }

    [Fact]
    public async Task Trigger_BodyThatIsNoJson_IsADeadLetterInTheEnd()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        await SendAsync(bus, "orders", new ServiceBusMessage("no json"));

        await bus.SettleAsync();

        Assert.Empty(bus.Journal.Lines);
        Assert.NotNull(await bus.Client.CreateReceiver("orders/$DeadLetterQueue").PeekMessageAsync());
    }

    [Fact]
    public async Task Trigger_ThatSettlesByHand_DoesAsItSays()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        foreach (string word in new[] { "complete", "abandon", "defer", "other" })
        {
            await SendAsync(bus, "by-hand", new ServiceBusMessage(word));
        }

        await bus.SettleAsync();

        Assert.Equal(
            [
                "by hand abandon ",
                "by hand abandon 1",
                "by hand abandon 2",
                "by hand complete ",
                "by hand defer ",
                "by hand other ",
            ],
            bus.Journal.Lines.Order(StringComparer.Ordinal)
        );
        ServiceBusReceivedMessage left = Assert.Single(
            await bus.Client.CreateReceiver("by-hand").PeekMessagesAsync(10)
        );
        Assert.Equal(ServiceBusMessageState.Deferred, left.State);
        IReadOnlyList<ServiceBusReceivedMessage> dead = await bus
            .Client.CreateReceiver("by-hand/$DeadLetterQueue")
            .PeekMessagesAsync(10);
        Assert.Equal(["by hand", "by hand"], dead.Select(message => message.DeadLetterReason));
    }

    [Fact]
    public async Task Trigger_OnScheduledMessages_RunsThemInOrderAsTheClockMoves()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        DateTimeOffset start = bus.Now;
        ServiceBusSender sender = bus.Client.CreateSender("texts");
        foreach (int day in new[] { 9, 2, 30, 5 })
        {
            await sender.ScheduleMessageAsync(new ServiceBusMessage($"day {day}"), start.AddDays(day));
        }

        await bus.AdvanceAsync(TimeSpan.FromDays(10));

        Assert.Equal(["text day 2", "text day 5", "text day 9"], bus.Journal.Lines);
    }

    [Fact]
    public async Task Clock_ThatMoves_WaitsForARunningTrigger()
    {
        await using BusHost bus = await StartAsync(typeof(SlowFunctions));
        await SendAsync(bus, "slow", new ServiceBusMessage("x"));

        await bus.SettleAsync();

        Assert.Equal(["x"], bus.Journal.Lines);
    }

    [Fact]
    public async Task Clock_ThatMoves_DoesNotWaitForAQueueThatNobodyServes()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions));
        await SendAsync(bus, "nobody", new ServiceBusMessage("x"));

        await bus.AdvanceAsync(TimeSpan.FromDays(1));

        Assert.NotNull(await bus.Client.CreateReceiver("nobody").PeekMessageAsync());
    }

    [Fact]
    public async Task Output_OfTheReturnedValue_ReachesTheTopic()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions), typeof(OutputFunctions));
        await SendAsync(bus, "in", new ServiceBusMessage("x"));

        await bus.SettleAsync();

        Assert.Equal(["audit x returned"], bus.Journal.Lines);
    }

    [Fact]
    public async Task Output_OfProperties_SendsEachAndAnswersTheRequest()
    {
        await using BusHost bus = await StartAsync(typeof(BusFunctions), typeof(OutputFunctions));

        using HttpResponseMessage response = await bus.Host.Http.PostAsync("Answers", content: null);
        await bus.SettleAsync();

        Assert.Equal(System.Net.HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(3, bus.Journal.Lines.Count);
        Assert.Contains("order POST 7", bus.Journal.Lines);
        Assert.Equal(2, bus.Journal.Lines.Count(line => line.StartsWith("message ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Start_WithABatchOrWithoutTheConnection_SaysWhatIsMissing()
    {
        HostStartException batch = await Assert.ThrowsAsync<HostStartException>(() =>
            StartAsync(typeof(BatchFunctions))
        );
        HostStartException connection = await Assert.ThrowsAsync<HostStartException>(() =>
            StartAsync(typeof(NoConnectionFunctions))
        );

        Assert.Contains("batches", batch.Message, StringComparison.Ordinal);
        Assert.Contains("Elsewhere__fullyQualifiedNamespace", connection.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Local:ServiceBus:Queues:q:LockDuration=soon")]
    [InlineData("Local:ServiceBus:Queues:q:Colour=red")]
    [InlineData("Local:ServiceBus:Queues:q:MaxDeliveryCount=0")]
    public async Task Start_WithAPropertyThatCannotBeUsed_SaysWhich(string setting)
    {
        HostStartException refused = await Assert.ThrowsAsync<HostStartException>(() => BusHost.StartAsync(setting));

        Assert.Contains("q:", refused.Message, StringComparison.Ordinal);
    }

    private static Task<BusHost> StartAsync(params Type[] functions) =>
        BusHost.StartAsync(FunctionsHost.NewFolder(), functions, TextQueue);

    private static Task SendAsync(BusHost bus, string entity, ServiceBusMessage message) =>
        bus.Client.CreateSender(entity).SendMessageAsync(message);
}
