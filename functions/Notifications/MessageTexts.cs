using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Portability.Terminations;

namespace Portability.Notifications;

/// <summary>The words of one language, read from the resource file of that name (<c>Notifications/sv.json</c>).</summary>
internal sealed record MessageTexts
{
    private static readonly JsonSerializerOptions Json = new(EventCodec.Json);

    /// <summary>Every language there is, by its tag. English is the one to fall back to.</summary>
    public static IReadOnlyDictionary<string, MessageTexts> All { get; } =
        new[] { "en", "sv", "nb" }.ToDictionary(tag => tag, Read);

    public required string Language { get; init; }
    public required IReadOnlyList<string> Months { get; init; }
    public required string Date { get; init; }
    public required string DecimalSeparator { get; init; }
    public required string Greeting { get; init; }

    /// <summary>How to reach the customer's own page, where there is one.</summary>
    public required IReadOnlyList<string> Page { get; init; }
    public required IReadOnlyList<string> Closing { get; init; }
    public required MessageText OtherDelivery { get; init; }
    public required IReadOnlyDictionary<MessageKind, MessageText> Messages { get; init; }

    /// <summary>
    /// The texts for a locale such as <c>sv</c>, <c>sv-SE</c> or <c>no</c>. A language without texts of its own
    /// gets English: a message in another language is better than none.
    /// </summary>
    public static MessageTexts For(string locale) =>
        All[
            locale.Split('-', '_')[0].ToLowerInvariant() switch
            {
                "sv" => "sv",
                "nb" or "no" or "nn" => "nb",
                _ => "en",
            }
        ];

    /// <summary>A day in the words of the language. Not left to the machine's own culture data, which may be absent.</summary>
    public string Day(DateOnly day) =>
        Date.Replace("{day}", day.Day.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{month}", Months[day.Month - 1], StringComparison.Ordinal)
            .Replace("{year}", day.Year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    /// <summary>A size in decimal units (1 MB is 1,000,000 bytes), as download pages show them.</summary>
    public string Size(long bytes)
    {
        string[] units = ["bytes", "kB", "MB", "GB", "TB"];
        decimal value = bytes;
        var unit = 0;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1000;
            unit++;
        }
        string format = unit == 0 || value >= 100 ? "0" : "0.0";
        string number = value.ToString(format, CultureInfo.InvariantCulture);
        return $"{number.Replace(".", DecimalSeparator, StringComparison.Ordinal)} {units[unit]}";
    }

    private static MessageTexts Read(string tag)
    {
        Assembly assembly = typeof(MessageTexts).Assembly;
        var resource = $"{typeof(MessageTexts).Namespace}.{tag}.json";
        using Stream stream =
            assembly.GetManifestResourceStream(resource)
            ?? throw new InvalidOperationException(
                $"The message texts '{resource}' are not in {assembly.GetName().Name}."
            );
        return JsonSerializer.Deserialize<MessageTexts>(stream, Json)
            ?? throw new JsonException($"The message texts '{resource}' are empty.");
    }
}

/// <summary>One message: its paragraphs, and sentences that are chosen by a fact.</summary>
internal sealed record MessageText
{
    public required string Subject { get; init; }
    public required IReadOnlyList<string> Body { get; init; }
    public TimeLeftText? TimeLeft { get; init; }
    public KeptText? Kept { get; init; }
}

/// <param name="Today">The last day is today.</param>
/// <param name="Other">Two days or more are left.</param>
internal sealed record TimeLeftText(string Today, string Other);

/// <param name="None">Nothing was kept.</param>
/// <param name="Some">The law required something to be kept.</param>
internal sealed record KeptText(string None, string Some);
