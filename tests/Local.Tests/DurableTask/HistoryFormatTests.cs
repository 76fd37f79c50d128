using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using Portability.Local.Engine;

namespace Local.Tests.DurableTask;

/// <summary>A history is read by later code: what is stored never changes its name or shape.</summary>
public sealed class HistoryFormatTests
{
    private const string Approved = """
        {"t":"step","at":"2026-03-29T01:30:00.0000001Z"}
        {"t":"start"}
        {"t":"task","id":0,"name":"Freeze"}
        {"t":"sub","id":1,"name":"Child","instanceId":"c-1"}
        {"t":"done","id":0,"result":"{\u0022A\u0022:1}"}
        {"t":"done","id":1}
        {"t":"failed","id":2,"failure":{"type":"T","message":"M","stack":"S","inner":{"type":"I","message":"N"}}}
        {"t":"timer","id":3,"fireAt":"2026-03-29T01:30:00.0000001Z"}
        {"t":"fired","id":3}
        {"t":"sent","id":4,"instanceId":"other","name":"nudge"}
        {"t":"event","name":"nudge","payload":"7"}
        {"t":"suspend","reason":"why"}
        {"t":"resume"}
        {"t":"terminate","output":"\u0022over\u0022"}
        {"t":"foreign"}
        """;

    private static readonly DateTime Time = new(new DateTime(2026, 3, 29, 1, 30, 0).Ticks + 1, DateTimeKind.Utc);

    private static readonly HistoryEvent[] Facts =
    [
        new StepStarted(Time),
        new ExecutionStarted(),
        new TaskScheduled(0, "Freeze"),
        new SubOrchestrationScheduled(1, "Child", "c-1"),
        new TaskCompleted(0, """{"A":1}"""),
        new TaskCompleted(1, null),
        new TaskFailed(2, new StoredFailure("T", "M", "S", new StoredFailure("I", "N", null, null))),
        new TimerCreated(3, Time),
        new TimerFired(3),
        new EventSent(4, "other", "nudge"),
        new EventRaised("nudge", "7"),
        new ExecutionSuspended("why"),
        new ExecutionResumed(null),
        new ExecutionTerminated("\"over\""),
        new ForeignAwaitSeen(),
    ];

    [Fact]
    public void Facts_Written_AreAsApproved() =>
        Assert.Equal(
            Approved.ReplaceLineEndings("\n").Split('\n'),
            Facts.Select(fact => Encoding.UTF8.GetString(StoredJson.Write(fact)))
        );

    [Fact]
    public void Facts_Approved_AreReadAgain() =>
        Assert.Equal(Facts, Approved.ReplaceLineEndings("\n").Split('\n').Select(StoredJson.ReadEvent));

    [Fact]
    public void Facts_OfAllKinds_AreApproved() =>
        Assert.Equal(
            typeof(HistoryEvent)
                .GetCustomAttributes<JsonDerivedTypeAttribute>()
                .Select(kind => kind.DerivedType.Name)
                .Order(StringComparer.Ordinal),
            Facts.Select(fact => fact.GetType().Name).Distinct().Order(StringComparer.Ordinal)
        );
}
