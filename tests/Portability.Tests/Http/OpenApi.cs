using System.Text.Json.Nodes;
using Portability.Demo;
using YamlDotNet.Serialization;

namespace Portability.Tests.Http;

/// <summary>docs/openapi.yaml, and answers held against it.</summary>
internal static class OpenApi
{
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    private static readonly JsonObject Document = Load();

    /// <summary>Every call: <c>GET /terminations/{id}</c>, with its operation.</summary>
    public static IReadOnlyDictionary<string, JsonObject> Operations { get; } =
        (
            from path in Document["paths"]!.AsObject()
            from member in path.Value!.AsObject()
            where Methods.Contains(member.Key)
            select KeyValuePair.Create($"{member.Key.ToUpperInvariant()} {path.Key}", member.Value!.AsObject())
        ).ToDictionary(StringComparer.Ordinal);

    /// <summary>Status codes that an operation lists.</summary>
    public static IReadOnlyList<string> StatusesOf(JsonObject operation) =>
        [.. operation["responses"]!.AsObject().Select(response => response.Key)];

    /// <summary>Fails unless this answer to this call is one that the document describes.</summary>
    public static void Describes(string method, string path, int status, string? contentType, JsonNode? body)
    {
        if (Find(method, path.Split('?')[0]) is not { } operation)
        {
            Assert.True(
                status is 404 or 405,
                $"{method} {path}, which docs/openapi.yaml does not have, answered {status}."
            );
            return;
        }
        JsonNode? response = operation["responses"]![status.ToString()];
        Assert.True(response is not null, $"{method} {path} answered {status}, which docs/openapi.yaml does not list.");
        JsonNode? content = Resolve(response)["content"]?[contentType ?? ""];
        Assert.True(content is not null, $"{method} {path} answered {status} as {contentType}.");
        List<string> faults = [];
        Check(content["schema"]!, body, "$", faults);
        Assert.True(faults.Count == 0, $"{method} {path} {status}: {string.Join("; ", faults)}");
    }

    private static JsonObject? Find(string method, string path)
    {
        string[] parts = path.Trim('/').Split('/');
        // The most literal of the fitting paths, as routing takes it.
        return Operations
            .Where(o => o.Key.StartsWith(method + " ", StringComparison.Ordinal))
            .Select(o => (Parts: o.Key[(method.Length + 2)..].Split('/'), Operation: o.Value))
            .Where(o =>
                o.Parts.Length == parts.Length && o.Parts.Zip(parts).All(p => p.First[0] == '{' || p.First == p.Second)
            )
            .OrderBy(o => o.Parts.Count(p => p[0] == '{'))
            .Select(o => o.Operation)
            .FirstOrDefault();
    }

    private static JsonNode Resolve(JsonNode node)
    {
        while (node["$ref"]?.GetValue<string>() is { } reference)
        {
            node = reference[2..].Split('/').Aggregate((JsonNode)Document, (at, name) => at[name]!);
        }
        return node;
    }

    // As much of JSON Schema as the document uses.
    private static void Check(JsonNode schemaOrReference, JsonNode? value, string at, List<string> faults)
    {
        JsonNode schema = Resolve(schemaOrReference);
        if (schema["oneOf"] is JsonArray choices)
        {
            JsonNode chosen = choices.First(c => IsNull(c!) == value is null)!;
            Check(chosen, value, at, faults);
            return;
        }
        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(t => t!.GetValue<string>())],
            { } one => [one.GetValue<string>()],
            null => [],
        };
        string actual = TypeOf(value);
        if (!types.Contains(actual))
        {
            faults.Add($"{at} is {actual}, not {string.Join(" or ", types)}");
            return;
        }
        if (schema["enum"] is JsonArray words && !words.Any(w => w!.ToString() == value!.ToString()))
        {
            faults.Add($"{at} is '{value}'");
        }
        if (value is JsonArray items)
        {
            for (var i = 0; i < items.Count; i++)
            {
                Check(schema["items"]!, items[i], $"{at}[{i}]", faults);
            }
        }
        if (value is JsonObject members)
        {
            CheckMembers(schema, members, at, faults);
        }
    }

    private static void CheckMembers(JsonNode schema, JsonObject members, string at, List<string> faults)
    {
        JsonObject properties = schema["properties"]?.AsObject() ?? [];
        foreach (JsonNode? name in schema["required"]?.AsArray() ?? [])
        {
            if (!members.ContainsKey(name!.GetValue<string>()))
            {
                faults.Add($"{at}.{name} is missing");
            }
        }
        foreach ((string name, JsonNode? member) in members)
        {
            if (properties[name] is { } property)
            {
                Check(property, member, $"{at}.{name}", faults);
            }
            else if (schema["additionalProperties"] is JsonValue closed && closed.ToString() == "false")
            {
                faults.Add($"{at}.{name} is not described");
            }
        }
    }

    private static bool IsNull(JsonNode schema) => Resolve(schema)["type"]?.ToString() == "null";

    private static string TypeOf(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            null => "null",
            System.Text.Json.JsonValueKind.String => "string",
            System.Text.Json.JsonValueKind.Number => "integer",
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "boolean",
            System.Text.Json.JsonValueKind.Array => "array",
            _ => "object",
        };

    private static JsonObject Load()
    {
        object? yaml = new DeserializerBuilder()
            .Build()
            .Deserialize(new StringReader(File.ReadAllText(Checkout.Find(Path.Combine("docs", "openapi.yaml"))!)));
        string json = new SerializerBuilder().JsonCompatible().Build().Serialize(yaml);
        return JsonNode.Parse(json)!.AsObject();
    }
}
