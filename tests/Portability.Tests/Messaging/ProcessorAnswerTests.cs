using System.Text.Json;
using System.Text.Json.Nodes;
using Portability.Messaging;
using Portability.Terminations;

namespace Portability.Tests.Messaging;

public sealed class ProcessorAnswerTests
{
    private static JsonObject Acknowledgement =>
        new()
        {
            ["inReplyTo"] = "id-1",
            ["task"] = "erase",
            ["caseId"] = "case-1",
            ["run"] = 1,
            ["round"] = 1,
            ["processor"] = "newsletter",
            ["erased"] = 40,
            ["reference"] = "job-7",
        };

    [Fact]
    public void Answer_OfBothTasks_IsRead()
    {
        Assert.Equal(
            new ProcessorAnswer("id-1", ProcessorTask.Erase, "case-1", 1, 1, "newsletter", 40, null, "job-7"),
            Read(Acknowledgement)
        );
        JsonObject report = Acknowledgement;
        report["task"] = "report";
        report.Remove("erased");
        report.Remove("reference");
        report["held"] = 0;
        report["more"] = "from a later version";
        Assert.Equal(0, Read(report)!.Held);
    }

    [Theory]
    [InlineData("erased", "-1")]
    [InlineData("erased", "null")]
    [InlineData("erased", "\"many\"")]
    [InlineData("reference", "null")]
    [InlineData("reference", "\"Kim Berg <kim@customer.example>\"")]
    [InlineData("task", "\"forget\"")]
    [InlineData("task", "\"report\"")]
    [InlineData("caseId", "\"../case\"")]
    [InlineData("caseId", "null")]
    [InlineData("run", "\"1\"")]
    public void Answer_WithAWrongMember_IsNone(string member, string json)
    {
        JsonObject wrong = Acknowledgement;
        wrong[member] = JsonNode.Parse(json);

        Assert.Null(ProcessorAnswer.Read(BinaryData.FromString(wrong.ToJsonString()), out string fault));
        Assert.NotEmpty(fault);
        Assert.DoesNotContain("Kim", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("no json")]
    public void Answer_ThatIsNoObject_IsNone(string body) =>
        Assert.Null(ProcessorAnswer.Read(BinaryData.FromString(body), out _));

    [Fact]
    public void MessageId_IsTheSameForARepeatAndAnotherForARoundRunTaskProcessorOrCase()
    {
        ProcessorErasure mail = new("mail", 1, 1, ProcessorStatus.Commanded);
        MessageIds ids = new([1, 2, 3]);
        string id = ids.Of("case-1", mail, ProcessorTask.Erase);

        Assert.Equal(id, ids.Of("case-1", mail with { Chases = 3 }, ProcessorTask.Erase));
        string[] others =
        [
            ids.Of("case-2", mail, ProcessorTask.Erase),
            ids.Of("case-1", mail with { Round = 2 }, ProcessorTask.Erase),
            ids.Of("case-1", mail with { Run = 2 }, ProcessorTask.Erase),
            ids.Of("case-1", mail with { Name = "other" }, ProcessorTask.Erase),
            ids.Of("case-1", mail, ProcessorTask.Report),
        ];
        Assert.Equal(6, others.Append(id).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void MessageId_OfAnOlderKey_IsKnownAgain_AndOneOfNoKeyIsNot()
    {
        ProcessorErasure mail = new("mail", 1, 1, ProcessorStatus.Commanded);
        string old = new MessageIds([1]).Of("case-1", mail, ProcessorTask.Erase);
        MessageIds rolled = new([2], [1]);

        Assert.NotEqual(old, rolled.Of("case-1", mail, ProcessorTask.Erase));
        Assert.True(rolled.IsOf(old, "case-1", mail, ProcessorTask.Erase));
        Assert.False(rolled.IsOf(old, "case-1", mail, ProcessorTask.Report));
        Assert.False(rolled.IsOf(null, "case-1", mail, ProcessorTask.Erase));
        Assert.False(new MessageIds([2]).IsOf(old, "case-1", mail, ProcessorTask.Erase));
    }

    [Theory]
    [InlineData("newsletter", "processor-newsletter")]
    [InlineData("Crm.EU-1", "processor-crm.eu-1")]
    public void Queue_IsNamedAfterTheProcessor(string name, string queue) => Assert.Equal(queue, Queues.Of(name));

    [Theory]
    [InlineData("")]
    [InlineData("our crm")]
    [InlineData("-crm")]
    public void Queue_OfANameThatNoQueueCanBear_IsRefused(string name) =>
        Assert.Throws<ArgumentException>(() => Queues.Of(name));

    private static ProcessorAnswer? Read(JsonNode body) =>
        ProcessorAnswer.Read(BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(body)), out _);
}
