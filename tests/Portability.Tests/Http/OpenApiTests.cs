using System.Reflection;
using Microsoft.Azure.Functions.Worker;
using Portability.Http;

namespace Portability.Tests.Http;

/// <summary>
/// The document describes the calls there are, no more and no less. What they answer is held against it in every test that
/// goes through <see cref="ApiHouse"/>.
/// </summary>
public sealed class OpenApiTests
{
    private const string Base = "api/v1";

    private static IEnumerable<string> Functions =>
        from type in typeof(Access).Assembly.GetTypes()
        from method in type.GetMethods()
        where method.IsDefined(typeof(FunctionAttribute)) && method.Name != nameof(UnknownCallFunctions.UnknownCall)
        from parameter in method.GetParameters()
        let trigger = parameter.GetCustomAttribute<HttpTriggerAttribute>()
        where trigger?.Route?.StartsWith(Base, StringComparison.Ordinal) == true
        from verb in trigger.Methods!
        select $"{verb.ToUpperInvariant()} {trigger.Route![Base.Length..]}";

    public static TheoryData<string> Calls => [.. OpenApi.Operations.Keys];

    [Fact]
    public void Document_HasTheCallsThatTheAppHas() =>
        Assert.Equal(Functions.Order(StringComparer.Ordinal), OpenApi.Operations.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Calls))]
    public void Call_ListsWhatMayComeOfIt(string call)
    {
        IReadOnlyList<string> statuses = OpenApi.StatusesOf(OpenApi.Operations[call]);

        Assert.Contains(statuses, status => status[0] == '2');
        Assert.Contains("500", statuses);
        // Open to anyone.
        if (OpenApi.Operations[call]["security"] is System.Text.Json.Nodes.JsonArray { Count: 0 })
        {
            return;
        }
        Assert.Superset(
            new HashSet<string> { "400", "401", "403", "429", "503" },
            statuses.ToHashSet(StringComparer.Ordinal)
        );
        if (call.Contains("{id}", StringComparison.Ordinal))
        {
            Assert.Contains("404", statuses);
        }
        if (call.StartsWith("POST", StringComparison.Ordinal))
        {
            Assert.Superset(
                new HashSet<string> { "409", "413", "415", "422" },
                statuses.ToHashSet(StringComparer.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData(200, "application/json", """{"status":"ok","store":"ok","engine":"ok","sources":"ok","more":1}""")]
    [InlineData(200, "application/json", """{"status":"ok","store":"ok","engine":"ok"}""")]
    [InlineData(200, "application/json", """{"status":"fine","store":"ok","engine":"ok","sources":"ok"}""")]
    [InlineData(200, "application/json", """{"status":1,"store":"ok","engine":"ok","sources":"ok"}""")]
    [InlineData(200, "text/plain", """{"status":"ok","store":"ok","engine":"ok","sources":"ok"}""")]
    [InlineData(418, "application/json", """{"status":"ok","store":"ok","engine":"ok","sources":"ok"}""")]
    public void Answer_ThatIsNotDescribed_IsSeen(int status, string contentType, string body) =>
        Assert.ThrowsAny<Xunit.Sdk.XunitException>(() =>
            OpenApi.Describes("GET", "health", status, contentType, System.Text.Json.Nodes.JsonNode.Parse(body))
        );
}
