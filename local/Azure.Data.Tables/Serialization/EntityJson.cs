using System.Globalization;
using System.Text.Json;

namespace Azure.Data.Tables.Serialization;

/// <summary>
/// Rows as the service's JSON with minimal metadata: a type that JSON cannot tell is named beside the value in
/// <c>name@odata.type</c>.
/// </summary>
static class EntityJson
{
    const string TypeSuffix = "@odata.type";
    const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'";

    public static byte[] Write(ITableEntity entity)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            foreach (var (name, value) in Properties(entity))
            {
                WriteProperty(json, name, value);
            }
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    public static T Read<T>(JsonElement row)
        where T : class, ITableEntity
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var property in row.EnumerateObject())
        {
            if (
                property.NameEquals(TableEntity.ETagName) || !property.Name.Contains("odata.", StringComparison.Ordinal)
            )
            {
                values[property.Name] = ReadValue(row, property);
            }
        }
        return typeof(T) == typeof(TableEntity)
            ? (T)(ITableEntity)new TableEntity(values)
            : EntityModel.Of(typeof(T)).Create<T>(values);
    }

    public static string Instant(DateTimeOffset value) =>
        value.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture);

    // Null properties are not sent; Timestamp and the version are the service's own.
    static IEnumerable<(string Name, object Value)> Properties(ITableEntity entity) =>
        (
            entity is IDictionary<string, object> bag
                ? bag.Select(pair => (pair.Key, pair.Value))
                : EntityModel.Of(entity.GetType()).Values(entity)
        ).Where(pair =>
            pair.Value is not null
            && pair.Key is not (nameof(ITableEntity.Timestamp) or TableEntity.ETagName)
            && !pair.Key.EndsWith(TypeSuffix, StringComparison.Ordinal)
        );

    static void WriteProperty(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                WriteTyped(json, name, "Edm.Int64", number.ToString(CultureInfo.InvariantCulture));
                break;
            case ulong number:
                WriteTyped(json, name, "Edm.Int64", ((long)number).ToString(CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteString(name + TypeSuffix, "Edm.Double");
                json.WriteNumber(name, number);
                break;
            case double number:
                WriteTyped(json, name, "Edm.Double", NotFinite(number));
                break;
            case Guid guid:
                WriteTyped(json, name, "Edm.Guid", guid.ToString("D"));
                break;
            case DateTimeOffset instant:
                WriteTyped(json, name, "Edm.DateTime", Instant(instant));
                break;
            case DateTime time:
                WriteTyped(json, name, "Edm.DateTime", Instant(new DateTimeOffset(time.ToUniversalTime())));
                break;
            case byte[] bytes:
                WriteTyped(json, name, "Edm.Binary", Convert.ToBase64String(bytes));
                break;
            case BinaryData bytes:
                WriteTyped(json, name, "Edm.Binary", Convert.ToBase64String(bytes.ToMemory().Span));
                break;
            case Enum member:
                json.WriteString(name, member.ToString());
                break;
            default:
                throw new NotSupportedException(
                    $"Property '{name}' is of type {value.GetType()}, which a table cannot hold; store it as a string or a whole number."
                );
        }
    }

    static void WriteTyped(Utf8JsonWriter json, string name, string type, string value)
    {
        json.WriteString(name + TypeSuffix, type);
        json.WriteString(name, value);
    }

    static string NotFinite(double number) =>
        double.IsNaN(number) ? "NaN"
        : number > 0 ? "Infinity"
        : "-Infinity";

    static object ReadValue(JsonElement row, JsonProperty property)
    {
        var type = row.TryGetProperty(property.Name + TypeSuffix, out var annotation) ? annotation.GetString() : null;
        var value = property.Value;
        return value.ValueKind switch
        {
            JsonValueKind.Null => null,
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number when type is "Edm.Double" => value.GetDouble(),
            JsonValueKind.Number when type is "Edm.Int64" => value.GetInt64(),
            JsonValueKind.Number => value.TryGetInt32(out var whole) && IsWhole(value)
                ? (object)whole
                : value.GetDouble(),
            JsonValueKind.String => FromText(property.Name, type, value.GetString()),
            _ => throw new FormatException($"Property '{property.Name}' is not a value that a table holds."),
        };
    }

    static bool IsWhole(JsonElement number) => number.GetRawText().AsSpan().IndexOfAny('.', 'e', 'E') < 0;

    static object FromText(string name, string type, string text) =>
        type switch
        {
            "Edm.Int64" => long.Parse(text, CultureInfo.InvariantCulture),
            "Edm.Double" => double.Parse(text, CultureInfo.InvariantCulture),
            "Edm.Guid" => Guid.Parse(text),
            "Edm.DateTime" => ParseInstant(text),
            "Edm.Binary" => Convert.FromBase64String(text),
            // The service does not annotate the timestamp with minimal metadata.
            null when name == nameof(ITableEntity.Timestamp) => ParseInstant(text),
            _ => text,
        };

    static DateTimeOffset ParseInstant(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
