using System.Text.Json;

namespace Portability.DataMap;

/// <summary>
/// A JSON value that remembers its line and path: <see cref="JsonDocument"/> forgets both, and a finding without a place is of no use
/// in a map of several hundred lines.
/// </summary>
internal sealed class MapNode
{
    private MapNode(MapPlace place, JsonValueKind kind)
    {
        Place = place;
        Kind = kind;
    }

    public MapPlace Place { get; }

    public JsonValueKind Kind { get; }

    /// <summary>Text of a string or number.</summary>
    public string Text { get; private init; } = "";

    public IReadOnlyList<(string Name, MapNode Value)> Properties { get; private init; } = [];

    public IReadOnlyList<MapNode> Items { get; private init; } = [];

    /// <summary>An object made of properties that stand in several files.</summary>
    public static MapNode Object(MapPlace place, IEnumerable<(string Name, MapNode Value)> properties) =>
        new(place, JsonValueKind.Object) { Properties = [.. properties] };

    /// <summary>A list made of items that stand in several files.</summary>
    public static MapNode Array(MapPlace place, IEnumerable<MapNode> items) =>
        new(place, JsonValueKind.Array) { Items = [.. items] };

    public static MapNode Parse(string file, byte[] utf8)
    {
        var start = utf8.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(
            utf8.AsSpan(start),
            new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true }
        );
        var lines = new LineCounter(file, utf8, start);
        try
        {
            reader.Read();
            var root = Read(ref reader, lines, "$");
            reader.Read();
            return root;
        }
        catch (JsonException malformed)
        {
            var place = new MapPlace(file, (int)(malformed.LineNumber ?? 0) + 1, "$");
            throw new DataMapException([
                new(place, "JSON", $"not well formed: {malformed.Message}", "Correct the JSON at that line."),
            ]);
        }
    }

    private static MapNode Read(ref Utf8JsonReader reader, LineCounter lines, string path)
    {
        var place = lines.At(reader.TokenStartIndex, path);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var properties = new List<(string, MapNode)>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    properties.Add((name, Read(ref reader, lines, path == "$" ? name : $"{path}.{name}")));
                }
                return new(place, JsonValueKind.Object) { Properties = properties };
            case JsonTokenType.StartArray:
                var items = new List<MapNode>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Read(ref reader, lines, $"{path}[{items.Count}]"));
                }
                return new(place, JsonValueKind.Array) { Items = items };
            case JsonTokenType.String:
                return new(place, JsonValueKind.String) { Text = reader.GetString()! };
            case JsonTokenType.Number:
                return new(place, JsonValueKind.Number)
                {
                    Text = System.Text.Encoding.UTF8.GetString(reader.ValueSpan),
                };
            case JsonTokenType.True:
                return new(place, JsonValueKind.True);
            case JsonTokenType.False:
                return new(place, JsonValueKind.False);
            default:
                return new(place, JsonValueKind.Null);
        }
    }

    /// <summary>Tokens come in file order, so lines are counted forward once.</summary>
    private sealed class LineCounter(string file, byte[] utf8, int start)
    {
        private long position = start;
        private int line = 1;

        public MapPlace At(long offset, string path)
        {
            for (; position < offset + start; position++)
            {
                if (utf8[position] == (byte)'\n')
                {
                    line++;
                }
            }
            return new(file, line, path);
        }
    }
}
