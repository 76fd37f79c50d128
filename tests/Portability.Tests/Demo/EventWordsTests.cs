using System.Text.Json;
using System.Text.Json.Nodes;
using Portability.Demo.Tour;
using Portability.Terminations;

namespace Portability.Tests.Demo;

public sealed class EventWordsTests
{
    public static TheoryData<string> Events =>
        [
            .. typeof(TerminationEvent)
                .Assembly.GetTypes()
                .Where(type => type.IsSubclassOf(typeof(TerminationEvent)))
                .Select(type => type.Name),
        ];

    [Theory]
    [MemberData(nameof(Events))]
    public void EventWords_OfEveryEvent_AreASentenceOutOfItsOwnProperties(string type)
    {
        string name = JsonNamingPolicy.KebabCaseLower.ConvertName(type);
        JsonObject data = [];
        foreach (
            var property in typeof(TerminationEvent)
                .Assembly.GetType($"Portability.Terminations.{type}")!
                .GetProperties()
        )
        {
            data[JsonNamingPolicy.CamelCase.ConvertName(property.Name)] = "7";
        }

        string text = EventWords.Tell($"{name}.v1", data);

        Assert.EndsWith(".", text);
        Assert.DoesNotContain("?", text);
        Assert.DoesNotContain("{", text);
    }

    [Fact]
    public void EventWords_OfAnUnknownEvent_ShowItsData() =>
        Assert.Equal("{\"a\":1}", EventWords.Tell("something-new.v3", new JsonObject { ["a"] = 1 }));
}
