using System.Text.Json.Serialization;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Conformance;

/// <summary>
/// Payloads as the host without Functions has them: fields included, names by case. In Functions neither holds, so what
/// the app passes has public properties only; its converter is tested with the Functions host.
/// </summary>
public sealed class SerializationTests
{
    [Fact]
    public async Task Properties_Fields_AndTuples_GoThereAndBack()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<Payload, Payload>("main", (_, input) => input),
            new Payload
            {
                Name = "a",
                Count = 3,
                Pair = (1, "b"),
            }
        );
        Payload back = end.Output<Payload>()!;
        Assert.Equal(("a", 3, (1, "b")), (back.Name, back.Count, back.Pair));
    }

    [Fact]
    public async Task Names_ArePascalCaseAndEnumsNumbers()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<Kinds, Kinds>("main", (_, input) => input),
            new Kinds(DayOfWeek.Tuesday, DayOfWeek.Friday)
        );
        Assert.Equal("""{"Plain":2,"Named":"Friday"}""", end.SerializedOutput);
    }

    [Fact]
    public async Task Input_Null_IsTheDefault()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc(
                "main",
                context => (context.GetInput<string>() is null, context.GetInput<int>()).ToString()
            )
        );
        Assert.Equal("(True, 0)", end.Output<string>());
    }

    [Fact]
    public async Task Output_Null_IsNone()
    {
        OrchestrationMetadata end = await RunAsync(tasks =>
            tasks.AddOrchestratorFunc<object?, string?>("main", (_, _) => Task.FromResult<string?>(null))
        );
        Assert.Null(end.SerializedOutput);
        Assert.Null(end.Output<string>());
    }

    [Fact]
    public async Task Input_ThatDoesNotFit_FailsTheInstance()
    {
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<int, int>("main", (_, input) => input),
            "no number"
        );
        Assert.Equal(typeof(System.Text.Json.JsonException).FullName, end.Failure().ErrorType);
    }

    [Fact]
    public async Task Times_KeepTheirKindAndTicks()
    {
        var time = new DateTime(2026, 3, 29, 1, 30, 0, DateTimeKind.Utc).AddTicks(1);
        OrchestrationMetadata end = await RunAsync(
            tasks => tasks.AddOrchestratorFunc<DateTime, DateTime>("main", (_, input) => input),
            time
        );
        Assert.Equal((time, DateTimeKind.Utc), (end.Output<DateTime>(), end.Output<DateTime>().Kind));
    }

#pragma warning disable CA1051, MA0016 // A field is the point.
    private sealed class Payload
    {
        public int Count;

        public string? Name { get; set; }

        public (int, string) Pair { get; set; }
    }
#pragma warning restore CA1051, MA0016

    private sealed record Kinds(
        DayOfWeek Plain,
        [property: JsonConverter(typeof(JsonStringEnumConverter<DayOfWeek>))] DayOfWeek Named
    );
}
