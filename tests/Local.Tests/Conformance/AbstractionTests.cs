using Microsoft.DurableTask;
using Microsoft.DurableTask.Abstractions;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;

namespace Local.Tests.Conformance;

public sealed class AbstractionTests
{
    [Fact]
    public void TaskName_ComparesWithoutCase()
    {
        TaskName name = "Hello";
        Assert.True(name == "HELLO");
        Assert.Equal(name.GetHashCode(), new TaskName("hello").GetHashCode());
        Assert.Equal(default, (TaskName)"");
        Assert.Equal("Hello", (string)name);
        Assert.Equal("", default(TaskName).ToString());
    }

    [Fact]
    public void TaskVersion_IsNeverNullAndRefusesWhiteSpace()
    {
        Assert.Equal("", default(TaskVersion).Version);
        Assert.True(new TaskVersion(null) == TaskVersion.Unversioned);
        Assert.True((TaskVersion)"A" == (TaskVersion)"a");
        Assert.Throws<ArgumentException>(() => new TaskVersion("  "));
    }

    [Theory]
    [InlineData("", null, 0)]
    [InlineData("", "1", -1)]
    [InlineData("1", " ", 1)]
    [InlineData("1.2", "1.10", -1)]
    [InlineData("2.0.1", "2.0", 1)]
    [InlineData("beta", "ALPHA", 1)]
    [InlineData("X", "x", 0)]
    public void Versions_AreOrdered(string source, string? other, int sign) =>
        Assert.Equal(sign, Math.Sign(TaskOrchestrationVersioningUtils.CompareVersions(source, other!)));

    [Fact]
    public void SubOrchestrationOptions_FromOthers_TakeThemOver()
    {
        var retry = new RetryPolicy(2, TimeSpan.FromSeconds(1));
        var options = new TaskOptions(retry) { Version = "3" };
        SubOrchestrationOptions sub = options.WithInstanceId("id");
        Assert.Equal(("id", "3", retry), (sub.InstanceId, sub.Version!.Value.Version, sub.Retry!.Policy));
        Assert.Equal("id", new SubOrchestrationOptions((TaskOptions)sub).InstanceId);
        Assert.Equal("other", new SubOrchestrationOptions((TaskOptions)sub, "other").InstanceId);
        Assert.Equal("4", ((TaskOptions)(sub with { Version = "4" })).Version!.Value.Version);
    }

    [Fact]
    public void Converter_OfJson_TakesNullForNull()
    {
        Assert.Null(JsonDataConverter.Default.Serialize(null));
        Assert.Null(JsonDataConverter.Default.Deserialize<string>(null));
        Assert.Equal(0, JsonDataConverter.Default.Deserialize<int>(null));
        Assert.Equal(
            (1, "b"),
            JsonDataConverter.Default.Deserialize<(int, string)>(JsonDataConverter.Default.Serialize((1, "b")))
        );
    }

    [Fact]
    public void Metadata_Completed_IsOneOfThree()
    {
        static OrchestrationMetadata With(OrchestrationRuntimeStatus status) =>
            new("n", "i") { RuntimeStatus = status };
        Assert.Equal(
            [
                OrchestrationRuntimeStatus.Completed,
                OrchestrationRuntimeStatus.Failed,
                OrchestrationRuntimeStatus.Terminated,
            ],
            Enum.GetValues<OrchestrationRuntimeStatus>().Where(status => With(status).IsCompleted)
        );
        Assert.Equal(
            [OrchestrationRuntimeStatus.Running],
            Enum.GetValues<OrchestrationRuntimeStatus>().Where(status => With(status).IsRunning)
        );
    }

    [Fact]
    public void DedupeStatuses_AreKeptByName() =>
        Assert.Equal(
            ["Completed", "Failed"],
            new StartOrchestrationOptions("x")
                .WithDedupeStatuses(OrchestrationRuntimeStatus.Completed, OrchestrationRuntimeStatus.Failed)
                .DedupeStatuses!
        );

    [Fact]
    public void Registry_ANameTwice_IsRefused()
    {
        var registry = new DurableTaskRegistry();
        registry.AddActivityFunc("a", _ => { });
        Assert.Throws<ArgumentException>(() => registry.AddActivityFunc("A", _ => { }));
        registry.AddActivity("a", "2", () => new Named());
        registry.AddActivity<Named>();
        Assert.Contains(registry.GetActivities(), entry => entry.Key == "given");
    }

    [DurableTask("given")]
    private sealed class Named : TaskActivity<int, int>
    {
        public override Task<int> RunAsync(TaskActivityContext context, int input) => Task.FromResult(input);
    }
}
