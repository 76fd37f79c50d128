using System.Text.Json;
using Portability.Http.Problems;

namespace Portability.Http.Parsing;

/// <summary>
/// Reads the members of a JSON object and gathers everything that is wrong with them, so that a caller hears it all at
/// once. What a reading returns for a wrong member is a placeholder: <see cref="Done"/> comes before any use.
/// </summary>
public sealed class JsonFields
{
    private readonly JsonElement root;
    private readonly string prefix;
    private readonly SortedDictionary<string, IReadOnlyList<string>> errors;
    private readonly HashSet<string> known = new(StringComparer.Ordinal);
    private readonly List<JsonFields> parts;

    public JsonFields(JsonElement root)
        : this(root, "", new(StringComparer.Ordinal), []) { }

    private JsonFields(
        JsonElement root,
        string prefix,
        SortedDictionary<string, IReadOnlyList<string>> errors,
        List<JsonFields> parts
    )
    {
        this.root = root;
        this.prefix = prefix;
        this.errors = errors;
        this.parts = parts;
        parts.Add(this);
    }

    /// <summary>Records that a member is wrong.</summary>
    public void Refuse(string name, string error)
    {
        string path = prefix + name;
        errors[path] = errors.TryGetValue(path, out IReadOnlyList<string>? before) ? [.. before, error] : [error];
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="ProblemException">400 with all that was wrong, members that this call does not know too.</exception>
    public void Done()
    {
        foreach (JsonFields part in parts)
        {
            part.RefuseUnknown();
        }
        if (errors.Count > 0)
        {
            throw new ProblemException(ApiProblems.Invalid(errors));
        }
    }

    /// <summary>One line of text without control characters, not blank.</summary>
    public string Text(string name, int maxLength = 200) => Read(name, required: true, e => AsText(e, maxLength)) ?? "";

    public string? OptionalText(string name, int maxLength = 200) =>
        Read(name, required: false, e => AsText(e, maxLength));

    /// <summary>Text that may have line breaks, such as a reason.</summary>
    public string LongText(string name, int maxLength = 4000) =>
        Read(name, required: true, e => AsText(e, maxLength, lineBreaks: true)) ?? "";

    public string? OptionalLongText(string name, int maxLength = 4000) =>
        Read(name, required: false, e => AsText(e, maxLength, lineBreaks: true));

    /// <summary>A bare mail address.</summary>
    public string MailAddress(string name) =>
        Read(
            name,
            required: true,
            e =>
                AsText(e, 254) is { Error: null } text && !Formats.IsMailAddress(text.Value)
                    ? new(null, "must be a mail address such as name@example.com")
                    : AsText(e, 254)
        ) ?? "";

    public DateTimeOffset Instant(string name) => Read(name, required: true, AsInstant)?.Value ?? default;

    public DateTimeOffset? OptionalInstant(string name) => Read(name, required: false, AsInstant)?.Value;

    public DateOnly Date(string name) => Read(name, required: true, AsDate)?.Value ?? default;

    public DateOnly? OptionalDate(string name) => Read(name, required: false, AsDate)?.Value;

    public TimeSpan? OptionalDuration(string name) => Read(name, required: false, AsDuration)?.Value;

    public int Integer(string name) => Read(name, required: true, AsInteger)?.Value ?? default;

    /// <summary>False when it is absent.</summary>
    public bool Flag(string name) => Read(name, required: false, AsFlag)?.Value ?? false;

    public T Choice<T>(string name)
        where T : struct, Enum => Read(name, required: true, AsChoice<T>)?.Value ?? default;

    /// <summary>A list of texts; null when it is absent.</summary>
    public IReadOnlyList<string>? OptionalTexts(string name, int maxItems = 200) =>
        Read(name, required: false, e => AsTexts(e, maxItems));

    public JsonFields Object(string name) =>
        OptionalObject(name, required: true) ?? new(JsonElement.Parse("{}"), $"{prefix}{name}.", new(errors), []);

    public JsonFields? OptionalObject(string name) => OptionalObject(name, required: false);

    /// <summary>An object, or the word <c>null</c>: the member itself must be there.</summary>
    public JsonFields? NullableObject(string name) =>
        root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Null
            ? Known(name)
            : OptionalObject(name, required: true);

    private JsonFields? Known(string name)
    {
        known.Add(name);
        return null;
    }

    private JsonFields? OptionalObject(string name, bool required)
    {
        JsonElement? value = Read(
            name,
            required,
            e =>
                e.ValueKind == JsonValueKind.Object
                    ? new Reading<Box<JsonElement>>(new(e))
                    : new(null, "must be an object")
        )?.Value;
        return value is { } element ? new JsonFields(element, $"{prefix}{name}.", errors, parts) : null;
    }

    private T? Read<T>(string name, bool required, Func<JsonElement, Reading<T>> read)
        where T : class
    {
        known.Add(name);
        if (!root.TryGetProperty(name, out JsonElement value) || value.ValueKind == JsonValueKind.Null)
        {
            if (required)
            {
                Refuse(name, "is missing");
            }
            return null;
        }
        Reading<T> reading = read(value);
        if (reading.Error is { } error)
        {
            Refuse(name, error);
        }
        return reading.Value;
    }

    private void RefuseUnknown()
    {
        foreach (JsonProperty member in root.EnumerateObject().Where(member => !known.Contains(member.Name)))
        {
            Refuse(member.Name, "is not a member of this request");
        }
    }

    private static Reading<string> AsText(JsonElement value, int maxLength, bool lineBreaks = false)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return new(null, "must be a string");
        }
        string text = value.GetString()!.Trim();
        if (text.Length == 0)
        {
            return new(null, "must not be empty");
        }
        if (text.Length > maxLength)
        {
            return new(null, $"must be at most {maxLength} characters long");
        }
        return text.Any(c => char.IsControl(c) && !(lineBreaks && c is '\n' or '\r' or '\t'))
            ? new(null, "must not hold control characters")
            : new(text);
    }

    private static Reading<Box<DateTimeOffset>> AsInstant(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Formats.TryInstant(value.GetString()!, out DateTimeOffset instant)
            ? new(new(instant))
            : new(null, "must be an instant as in RFC 3339, such as 2027-03-01T08:30:00Z");

    private static Reading<Box<DateOnly>> AsDate(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Formats.TryDate(value.GetString()!, out DateOnly date)
            ? new(new(date))
            : new(null, "must be a date YYYY-MM-DD");

    private static Reading<Box<TimeSpan>> AsDuration(JsonElement value) =>
        value.ValueKind == JsonValueKind.String && Formats.TryDuration(value.GetString()!, out TimeSpan duration)
            ? new(new(duration))
            : new(null, "must be an ISO 8601 duration of fixed length, such as P30D");

    private static Reading<Box<int>> AsInteger(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number)
            ? new(new(number))
            : new(null, "must be a whole number");

    private static Reading<Box<bool>> AsFlag(JsonElement value) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False
            ? new(new(value.GetBoolean()))
            : new(null, "must be true or false");

    private static Reading<Box<T>> AsChoice<T>(JsonElement value)
        where T : struct, Enum =>
        value.ValueKind == JsonValueKind.String && Formats.TryChoice(value.GetString()!, out T choice)
            ? new(new(choice))
            : new(null, $"must be one of {string.Join(", ", Enum.GetValues<T>().Select(Formats.NameOf))}");

    private static Reading<IReadOnlyList<string>> AsTexts(JsonElement value, int maxItems)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() > maxItems)
        {
            return new(null, $"must be a list of at most {maxItems} strings");
        }
        Reading<string>[] items = [.. value.EnumerateArray().Select(item => AsText(item, 1024))];
        return items.Select(item => item.Error).FirstOrDefault(error => error is not null) is { } wrong
            ? new(null, $"each item {wrong}")
            : new([.. items.Select(item => item.Value!)]);
    }

    private sealed record Reading<T>(T? Value, string? Error = null)
        where T : class;

    private sealed record Box<T>(T Value)
        where T : struct;
}
