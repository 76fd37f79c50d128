using System.Runtime.Serialization;
using Azure;
using Azure.Core;
using Azure.Messaging.ServiceBus;

namespace Local.Tests.ServiceBus;

public sealed class MessageTests
{
    private const string Key = "SharedAccessKeyName=all;SharedAccessKey=c2VjcmV0";

    [Fact]
    public void ConnectionString_OfTheOfficialForm_IsParsed()
    {
        var parsed = ServiceBusConnectionStringProperties.Parse(
            $"Endpoint=sb://a.servicebus.windows.net/;{Key};EntityPath=q"
        );

        Assert.Equal("a.servicebus.windows.net", parsed.FullyQualifiedNamespace);
        Assert.Equal(new Uri("sb://a.servicebus.windows.net/"), parsed.Endpoint);
        Assert.Equal("all", parsed.SharedAccessKeyName);
        Assert.Equal("c2VjcmV0", parsed.SharedAccessKey);
        Assert.Equal("q", parsed.EntityPath);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("Endpoint=https://a.servicebus.windows.net/;SharedAccessKeyName=all;SharedAccessKey=x")]
    [InlineData("Endpoint=")]
    public void ConnectionString_Malformed_IsRefused(string text) =>
        Assert.Throws<FormatException>(() => ServiceBusConnectionStringProperties.Parse(text));

    [Theory]
    [InlineData("Endpoint=sb://a.servicebus.windows.net/")]
    [InlineData("SharedAccessKeyName=all;SharedAccessKey=x")]
    [InlineData("Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=all")]
    public void Client_OfAnIncompleteConnectionString_IsRefused(string text) =>
        Assert.Throws<ArgumentException>(() => new ServiceBusClient(text));

    [Fact]
    public async Task Client_ByCredentials_KnowsItsNamespace()
    {
        await using var token = new ServiceBusClient("a.servicebus.windows.net", new NoToken());
        await using var named = new ServiceBusClient(
            "a.servicebus.windows.net",
            new AzureNamedKeyCredential("all", "x")
        );
        await using var signed = new ServiceBusClient("a.servicebus.windows.net", new AzureSasCredential("x"));

        Assert.All(
            new[] { token, named, signed },
            client => Assert.Equal("a.servicebus.windows.net", client.FullyQualifiedNamespace)
        );
    }

    [Fact]
    public async Task Client_ForAnEntityOfAnotherName_IsRefused()
    {
        await using var client = new ServiceBusClient($"Endpoint=sb://a.servicebus.windows.net/;{Key};EntityPath=q");

        Assert.Equal("q", client.CreateSender("q").EntityPath);
        Assert.Throws<ArgumentException>(() => client.CreateSender("other"));
    }

    [Fact]
    public async Task Client_Disposed_MakesNothing()
    {
        var client = new ServiceBusClient($"Endpoint=sb://a.servicebus.windows.net/;{Key}");
        ServiceBusSender sender = client.CreateSender("q");
        await client.DisposeAsync();

        Assert.True(client.IsClosed);
        Assert.Throws<ObjectDisposedException>(() => client.CreateSender("q"));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => sender.SendMessageAsync(new ServiceBusMessage("x")));
    }

    [Fact]
    public void Message_New_HasTheOfficialDefaults()
    {
        var message = new ServiceBusMessage("text");

        Assert.Null(message.MessageId);
        Assert.Equal("text", message.Body.ToString());
        Assert.Equal(TimeSpan.MaxValue, message.TimeToLive);
        Assert.Equal(default, message.ScheduledEnqueueTime);
        Assert.Empty(message.ApplicationProperties);
        Assert.Equal(0, new ServiceBusMessage().Body.ToMemory().Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void Message_IdThatIsNone_IsRefused(string? id) =>
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { MessageId = id });

    [Fact]
    public void Message_KeysOverTheirLength_AreRefused()
    {
        string longest = new('x', 128);
        string tooLong = longest + "x";

        Assert.Equal(longest, new ServiceBusMessage { MessageId = longest }.MessageId);
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { MessageId = tooLong });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { SessionId = tooLong });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { PartitionKey = tooLong });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { SessionId = "a", PartitionKey = "b" });
        Assert.ThrowsAny<ArgumentException>(() => new ServiceBusMessage { TimeToLive = TimeSpan.Zero });
    }

    [Fact]
    public void Exception_SaysEntityAndReason()
    {
        var lost = new ServiceBusException("Gone.", ServiceBusFailureReason.MessageLockLost, "q");

        Assert.Equal("Gone. (q - MessageLockLost)", lost.Message);
        Assert.False(lost.IsTransient);
        Assert.True(new ServiceBusException("Busy.", ServiceBusFailureReason.ServiceBusy).IsTransient);
    }

    [Fact]
    public async Task Message_OverTheBroker_KeepsAllItsProperties()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var id = Guid.NewGuid();
        var sent = new ServiceBusMessage(BinaryData.FromBytes(new byte[] { 0, 255, 7 }))
        {
            MessageId = "id",
            ContentType = "application/octet-stream",
            CorrelationId = "correlation",
            Subject = "subject",
            To = "to",
            ReplyTo = "reply",
            ReplyToSessionId = "reply-session",
            TransactionPartitionKey = "via",
            PartitionKey = "partition",
            TimeToLive = TimeSpan.FromDays(2),
        };
        object?[] values =
        [
            "text",
            true,
            (byte)1,
            (sbyte)-1,
            (short)-2,
            (ushort)2,
            -3,
            3u,
            long.MinValue,
            ulong.MaxValue,
            1.5f,
            Math.PI,
            1.10m,
            'x',
            id,
            new Uri("https://a.example/b?c"),
            TimeSpan.FromTicks(1234567),
            new DateTime(2030, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            new DateTimeOffset(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
            null,
        ];
        for (int i = 0; i < values.Length; i++)
        {
            sent.ApplicationProperties[$"p{i}"] = values[i]!;
        }
        await bus.Client.CreateSender("q").SendMessageAsync(sent);

        ServiceBusReceivedMessage got = await bus.Client.CreateReceiver("q").ReceiveMessageAsync(BusHost.Patience);

        Assert.Equal([0, 255, 7], got.Body.ToArray());
        Assert.Equal(
            (
                "id",
                "application/octet-stream",
                "correlation",
                "subject",
                "to",
                "reply",
                "reply-session",
                "via",
                "partition"
            ),
            (
                got.MessageId,
                got.ContentType,
                got.CorrelationId,
                got.Subject,
                got.To,
                got.ReplyTo,
                got.ReplyToSessionId,
                got.TransactionPartitionKey,
                got.PartitionKey
            )
        );
        Assert.Equal(TimeSpan.FromDays(2), got.TimeToLive);
        Assert.Equal(got.EnqueuedTime + TimeSpan.FromDays(2), got.ExpiresAt);
        Assert.Equal(values, values.Select((_, i) => got.ApplicationProperties[$"p{i}"]));
        Assert.Equal(
            values.Select(value => value?.GetType()),
            values.Select((_, i) => got.ApplicationProperties[$"p{i}"]?.GetType())
        );
        Assert.Equal((1, ServiceBusMessageState.Active), (got.DeliveryCount, got.State));
    }

    [Fact]
    public async Task Message_WithAPropertyOfAnotherType_IsRefusedAtTheSend()
    {
        await using BusHost bus = await BusHost.StartAsync();
        var message = new ServiceBusMessage("x") { ApplicationProperties = { ["p"] = new[] { "a" } } };

        await Assert.ThrowsAsync<SerializationException>(() => bus.Client.CreateSender("q").SendMessageAsync(message));
    }

    [Fact]
    public async Task Message_OfAReceivedOne_IsACopyWithoutWhatTheBrokerSet()
    {
        await using BusHost bus = await BusHost.StartAsync();
        await bus
            .Client.CreateSender("q")
            .SendMessageAsync(new ServiceBusMessage("x") { MessageId = "id", ApplicationProperties = { ["p"] = 1 } });
        ServiceBusReceiver receiver = bus.Client.CreateReceiver("q");
        await receiver.DeadLetterMessageAsync(await receiver.ReceiveMessageAsync(BusHost.Patience), "because");
        ServiceBusReceivedMessage dead = await bus
            .Client.CreateReceiver("q", new ServiceBusReceiverOptions { SubQueue = SubQueue.DeadLetter })
            .ReceiveMessageAsync(BusHost.Patience);

        var copy = new ServiceBusMessage(dead);

        Assert.Equal("because", dead.DeadLetterReason);
        Assert.Equal("id", copy.MessageId);
        Assert.Equal("p", Assert.Single(copy.ApplicationProperties).Key);
        Assert.Equal("x", copy.Body.ToString());
    }

    private sealed class NoToken : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
