using System.Globalization;
using System.Text.Json;

namespace Portability.DataMap;

/// <summary>Reads the properties of one JSON object, noting what is missing, of the wrong kind, or not known at all.</summary>
internal sealed class MapObject
{
    private readonly MapNode node;
    private readonly string subject;
    private readonly List<DataMapProblem> problems;
    private readonly HashSet<string> read = new(StringComparer.Ordinal);

    public MapObject(MapNode node, string subject, List<DataMapProblem> problems)
    {
        this.node = node;
        this.subject = subject;
        this.problems = problems;
        if (node.Kind != JsonValueKind.Object)
        {
            Problem(node.Place, "must be an object", "Write it as { … }; the schema shows its properties.");
        }
        foreach (
            var twice in node
                .Properties.GroupBy(property => property.Name, StringComparer.Ordinal)
                .Where(group => group.Count() > 1)
        )
        {
            Problem(twice.Last().Value.Place, $"'{twice.Key}' is given twice", "Keep one of them.");
        }
    }

    public MapPlace Place => node.Place;

    public void Problem(MapPlace place, string message, string mend) =>
        problems.Add(new(place, subject, message, mend));

    public bool Has(string name) => node.Properties.Any(property => property.Name == name);

    public MapNode? Node(string name)
    {
        read.Add(name);
        return node.Properties.FirstOrDefault(property => property.Name == name).Value;
    }

    public string Required(string name)
    {
        if (Optional(name) is { Length: > 0 } text)
        {
            return text;
        }
        if (!Has(name) || Node(name)!.Kind == JsonValueKind.String)
        {
            Problem(Node(name)?.Place ?? Place, $"'{name}' is missing or empty", $"Add \"{name}\": \"…\".");
        }
        return "";
    }

    public string? Optional(string name)
    {
        var value = Node(name);
        if (value is null)
        {
            return null;
        }
        if (value.Kind != JsonValueKind.String)
        {
            Problem(value.Place, $"'{name}' must be a text", $"Write \"{name}\": \"…\".");
            return null;
        }
        return value.Text;
    }

    public string OneOf(string name, params string[] allowed)
    {
        var text = Required(name);
        if (text.Length > 0 && !allowed.Contains(text, StringComparer.Ordinal))
        {
            Problem(Node(name)!.Place, $"'{name}' is '{text}'", $"Use one of: {string.Join(", ", allowed)}.");
        }
        return text;
    }

    public int Number(string name)
    {
        var value = Node(name);
        if (
            value is { Kind: JsonValueKind.Number }
            && int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        )
        {
            return number;
        }
        Problem(value?.Place ?? Place, $"'{name}' must be a whole number, 0 or more", $"Write \"{name}\": 35.");
        return 0;
    }

    public IReadOnlyList<MapNode> List(string name)
    {
        var value = Node(name);
        if (value is not null && value.Kind != JsonValueKind.Array)
        {
            Problem(value.Place, $"'{name}' must be a list", $"Write \"{name}\": [ … ].");
        }
        return value?.Items ?? [];
    }

    public IReadOnlyList<string> Texts(string name) => List(name).Select(item => TextOf(item, name)).ToList();

    /// <summary>A text, or a list of texts.</summary>
    public IReadOnlyList<string> TextOrTexts(string name) =>
        Node(name) switch
        {
            null => [],
            { Kind: JsonValueKind.String } one => [one.Text],
            _ => Texts(name),
        };

    /// <summary>Column names in one text, separated by commas.</summary>
    public IReadOnlyList<string> ColumnsOf(string name) => Split(Optional(name) ?? "");

    public IReadOnlyDictionary<string, string> TextMap(string name) =>
        Entries(name)
            .ToDictionary(entry => entry.Name, entry => TextOf(entry.Value, name), StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<(string Name, MapNode Value)> Entries(string name)
    {
        var value = Node(name);
        if (value is not null && value.Kind != JsonValueKind.Object)
        {
            Problem(value.Place, $"'{name}' must be an object", $"Write \"{name}\": {{ … }}.");
        }
        return (value?.Properties ?? []).DistinctBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase).ToList();
    }

    /// <summary>Called last: whatever nobody asked for is not known, and most likely a typing error.</summary>
    public void RefuseOthers()
    {
        foreach (var (name, value) in node.Properties.Where(property => !read.Contains(property.Name)))
        {
            Problem(
                value.Place,
                $"'{name}' is not known here",
                $"Remove it, or use one of: {string.Join(", ", read.Order(StringComparer.Ordinal))}."
            );
        }
    }

    public static IReadOnlyList<string> Split(string columns) =>
        columns.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private string TextOf(MapNode item, string name)
    {
        if (item.Kind == JsonValueKind.String && item.Text.Length > 0)
        {
            return item.Text;
        }
        Problem(
            item.Place,
            $"'{name}' holds something that is not a text, or an empty one",
            "Write texts in double quotes."
        );
        return "";
    }
}
