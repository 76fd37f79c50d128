using System.Text.Json.Nodes;
using Azure.Messaging.ServiceBus;
using Microsoft.Extensions.Logging.Abstractions;
using Portability.Demo;
using Portability.Messaging;
using Portability.Storage;
using Portability.Terminations;
using Portability.Tests.Workflow;
using Portability.Workflow;

namespace Portability.Tests.Messaging;

/// <summary>The whole app beside the sample sub-processor, on the broker that both share.</summary>
public sealed class ProcessorFlowTests
{
    private const string Away =
        "Endpoint=sb://127.0.0.1:1/;SharedAccessKeyName=local;SharedAccessKey=local;UseDevelopmentEmulator=true";

    private const string Attention = "processor-answer:newsletter";

    [Fact]
    public async Task HonestProcessor_IsBelievedOnceItHoldsNothing_AndEverythingIsPublished()
    {
        await using AppHost app = await AppHost.StartAsync();
        string caseId = await StartAsync(app);
        await using var bus = new ServiceBusClient(app.Bus);
        ServiceBusSender answers = bus.CreateSender("processor-answers");
        // What nobody asked for does not get anywhere.
        await answers.SendMessageAsync(new ServiceBusMessage("no answer at all"));
        await answers.SendMessageAsync(new ServiceBusMessage(Acknowledgement(caseId, Guid.NewGuid().ToString())));
        // Of the right shape and id, of a case that is not there.
        var ids = app.Get<MessageIds>();
        var asked = new ProcessorErasure(SampleProcessor.Name, 1, 1, ProcessorStatus.Commanded);
        string genuine = ids.Of(caseId, asked, ProcessorTask.Erase);
        await answers.SendMessageAsync(new ServiceBusMessage(Acknowledgement("another-case", genuine)));
        DateTimeOffset opens = (await app.StateAsync(caseId)).ErasureOpens;
        await app.SettleAsync(opens.AddDays(1));
        // The acknowledgement once more, when all is over; and as that of a case whose message it never was.
        long version = (await app.StateAsync(caseId)).Version;
        await answers.SendMessageAsync(new ServiceBusMessage(Acknowledgement(caseId, genuine)));
        await answers.SendMessageAsync(
            new ServiceBusMessage(Acknowledgement(caseId, ids.Of("another-case", asked, ProcessorTask.Erase)))
        );
        await app.SettleAsync(app.Clock.GetUtcNow().AddMinutes(1));
        Assert.Equal(version, (await app.StateAsync(caseId)).Version);

        Termination closed = await app.StateAsync(caseId);
        Assert.Equal(Phase.Closed, closed.Phase);
        ProcessorErasure newsletter = closed.Processors[SampleProcessor.Name];
        Assert.Equal(
            (ProcessorStatus.Proven, SampleProcessor.ReadersOfEach, 0L),
            (newsletter.Status, newsletter.Erased!.Value, newsletter.Held!.Value)
        );
        Assert.Equal(0, await app.Processor.CountAsync(app.Lms.Leaving.CustomerId));
        Assert.Equal(SampleProcessor.ReadersOfEach, await app.Processor.CountAsync(app.Lms.Staying.CustomerId));
        Assert.Equal(
            ["malformed", "unknown-case", "unknown-case", "not-asked"],
            (await bus.CreateReceiver("processor-answers/$DeadLetterQueue").PeekMessagesAsync(10)).Select(m =>
                m.DeadLetterReason
            )
        );

        CaseStream stream = (await app.Cases.LoadAsync(caseId, CancellationToken.None)).Stream;
        IReadOnlyList<ServiceBusReceivedMessage> published = await PublishedAsync(bus);
        Assert.Equal(stream.Events.Select(e => e.EventId), published.Select(m => m.MessageId));
        Assert.Equal(
            stream.Events.Select(e => (e.Name, e.Sequence)),
            published.Select(m => (m.Subject, JsonNode.Parse(m.Body.ToString())!["sequence"]!.GetValue<long>()))
        );
        Assert.All(
            published,
            m => Assert.DoesNotContain("kim@customer.example", m.Body.ToString(), StringComparison.Ordinal)
        );

        // Five are out, and the bus is away (nobody listens on that port): nothing is lost, nothing is noted.
        var cursors = app.Get<PublishedCursors>();
        await cursors.MoveAsync(new PublishedCursor(caseId, 0), 5, CancellationToken.None);
        await using (var away = new MessageBus(new ServiceBusClient(Away)))
        {
            var publisher = new EventPublisher(away, cursors, NullLogger<EventPublisher>.Instance);
            Assert.False(await publisher.TryPublishAsync(stream, CancellationToken.None));
        }
        Assert.Equal(5, (await cursors.ReadAsync(caseId, CancellationToken.None)).Published);
        // It is there again: the sweep publishes what is missing, in order and under the same ids.
        await app.SettleAsync(app.Clock.GetUtcNow().AddDays(1));
        Assert.Equal(
            stream.Events.Skip(5).Select(e => e.EventId),
            (await PublishedAsync(bus)).Select(m => m.MessageId)
        );
    }

    [Fact]
    public async Task FalseAcknowledgement_IsFound_AndNothingIsCertifiedUntilItIsMended()
    {
        await using AppHost app = await AppHost.StartAsync();
        app.Processor.Behaviour = ProcessorBehaviour.AcknowledgesFalsely;
        string caseId = await StartAsync(app);

        await app.SettleAsync((await app.StateAsync(caseId)).ErasureOpens.AddDays(1));

        Termination found = await app.StateAsync(caseId);
        Assert.Equal(Phase.Erasing, found.Phase);
        Assert.Empty(found.Certificates);
        Assert.Equal(ProcessorStatus.Unproven, found.Processors[SampleProcessor.Name].Status);
        Assert.Equal(SampleProcessor.ReadersOfEach, found.Processors[SampleProcessor.Name].Held);
        Attention item = Assert.Single(found.Attention);
        Assert.Equal((Attention, "still-holds"), (item.Step, item.Code));

        app.Processor.Behaviour = ProcessorBehaviour.Honest;
        await RetryAsync(app, caseId, item);

        Termination closed = await app.StateAsync(caseId);
        Assert.Equal(Phase.Closed, closed.Phase);
        Assert.Equal(2, closed.Processors[SampleProcessor.Name].Round);
        Assert.Equal(0, await app.Processor.CountAsync(app.Lms.Leaving.CustomerId));
    }

    [Fact]
    public async Task SilentProcessor_IsChased_ThenAMatterForAPerson_AndTakenWhenItAnswers()
    {
        await using AppHost app = await AppHost.StartAsync();
        app.Processor.Behaviour = ProcessorBehaviour.NeverAnswers;
        string caseId = await StartAsync(app);
        DateTimeOffset opens = (await app.StateAsync(caseId)).ErasureOpens;

        await app.SettleAsync(opens.AddDays(8));
        Termination chased = await app.StateAsync(caseId);
        Assert.Equal(
            (1, ProcessorStatus.Commanded),
            (chased.Processors[SampleProcessor.Name].Chases, chased.Processors[SampleProcessor.Name].Status)
        );
        Assert.False(chased.NeedsAttention);

        await app.SettleAsync(opens.AddDays(31));
        Termination escalated = await app.StateAsync(caseId);
        Assert.Equal("no-answer", Assert.Single(escalated.Attention, a => a.Step == Attention).Code);
        Assert.Empty(escalated.Certificates);
        Assert.Equal(5, app.Processor.Taken);

        app.Processor.Behaviour = ProcessorBehaviour.Honest;
        await app.SettleAsync(opens.AddDays(38));
        Termination closed = await app.StateAsync(caseId);
        Assert.Equal(Phase.Closed, closed.Phase);
        Assert.False(closed.NeedsAttention);
    }

    private static async Task<string> StartAsync(AppHost app)
    {
        string caseId = await app.OpenAsync();
        await app.Orchestrations.StartCaseAsync(caseId, CancellationToken.None);
        return caseId;
    }

    private static async Task RetryAsync(AppHost app, string caseId, Attention item)
    {
        PersonalRow reason = PersonalRow.Of("They found the backup job that brought the rows back.");
        CommandOutcome outcome = await app.Cases.ExecuteAsync(
            caseId,
            new SettleAttention(item.ItemId, AttentionAction.Retry, reason.Ref) { Actor = "officer-1" },
            "retry-1",
            [reason],
            expectedVersion: null,
            CancellationToken.None
        );
        var accepted = Assert.IsType<CommandOutcome.Accepted>(outcome);
        await app.Orchestrations.NudgeAsync(caseId, accepted.Case.State.Version, CancellationToken.None);
        await app.SettleAsync(app.Clock.GetUtcNow().AddMinutes(10));
    }

    private static async Task<IReadOnlyList<ServiceBusReceivedMessage>> PublishedAsync(ServiceBusClient bus)
    {
        ServiceBusReceiver receiver = bus.CreateReceiver(
            "termination-events",
            "audit",
            new ServiceBusReceiverOptions { ReceiveMode = ServiceBusReceiveMode.ReceiveAndDelete }
        );
        return await receiver.ReceiveMessagesAsync(1_000, TimeSpan.FromSeconds(5));
    }

    private static string Acknowledgement(string caseId, string inReplyTo) =>
        new JsonObject
        {
            ["inReplyTo"] = inReplyTo,
            ["task"] = "erase",
            ["caseId"] = caseId,
            ["run"] = 1,
            ["round"] = 1,
            ["processor"] = SampleProcessor.Name,
            ["erased"] = 40,
            ["reference"] = "by-hand",
        }.ToJsonString();
}
