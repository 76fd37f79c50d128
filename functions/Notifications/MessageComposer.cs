using System.Globalization;
using System.Text.RegularExpressions;
using Portability.Terminations;

namespace Portability.Notifications;

/// <summary>Writes a message to a customer in the customer's language.</summary>
public static partial class MessageComposer
{
    /// <summary>Composes one of the messages that the termination rules ask for.</summary>
    /// <param name="kind">Which message.</param>
    /// <param name="locale">The contact's locale; other languages than English, Swedish and Norwegian get English.</param>
    /// <param name="facts">What the message may tell.</param>
    /// <exception cref="ArgumentException">The message needs a fact that is missing.</exception>
    public static ComposedMessage Compose(MessageKind kind, string locale, MessageFacts facts)
    {
        MessageTexts texts = MessageTexts.For(locale);
        return Write(texts, texts.Messages[kind], Values(kind, texts, facts));
    }

    /// <summary>
    /// Composes the same message to be delivered by letter or in another way, after the mail could not be: it says
    /// so, and asks for an address that works.
    /// </summary>
    /// <exception cref="ArgumentException">The message needs a fact that is missing.</exception>
    public static ComposedMessage ComposeForOtherDelivery(MessageKind kind, string locale, MessageFacts facts)
    {
        MessageTexts texts = MessageTexts.For(locale);
        Dictionary<string, string> values = Values(kind, texts, facts);
        MessageText message = texts.Messages[kind];
        values["subject"] = Fill(message.Subject, values);
        values["message"] = Paragraphs(message.Body, values);
        return Write(texts, texts.OtherDelivery, values);
    }

    /// <summary>The names in braces that a text uses.</summary>
    internal static IEnumerable<string> PlaceholdersOf(string text) =>
        Placeholder().Matches(text).Select(match => match.Groups["name"].Value);

    private static ComposedMessage Write(MessageTexts texts, MessageText message, Dictionary<string, string> values) =>
        new(
            texts.Language,
            Fill(message.Subject, values),
            Paragraphs(
                [texts.Greeting, .. message.Body, .. values.ContainsKey("page") ? texts.Page : [], .. texts.Closing],
                values
            ) + "\n"
        );

    private static string Paragraphs(IEnumerable<string> paragraphs, Dictionary<string, string> values) =>
        string.Join("\n\n", paragraphs.Select(paragraph => Fill(paragraph, values)));

    private static Dictionary<string, string> Values(MessageKind kind, MessageTexts texts, MessageFacts facts)
    {
        var calendar = new TermCalendar(facts.TimeZone);
        DateOnly termEnd = calendar.DateOf(facts.EffectiveEnd);
        DateOnly windowEnd = calendar.DateOf(facts.WindowCloses);
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["contact"] = OneLine(facts.ContactName),
            ["customer"] = OneLine(facts.CustomerName),
            ["lastDay"] = texts.Day(LastDayBefore(facts.EffectiveEnd, calendar)),
            ["windowLastDay"] = texts.Day(LastDayBefore(facts.WindowCloses, calendar)),
            ["erasureDay"] = texts.Day(calendar.DateOf(facts.ErasureDue)),
            ["support"] = OneLine(facts.SupportAddress),
        };
        if (facts.Page is { } page)
        {
            values["page"] = page.AbsoluteUri;
        }
        if (facts.Export is { } export)
        {
            values["export"] = export.Number.ToString(CultureInfo.InvariantCulture);
            values["files"] = export.Files.ToString(CultureInfo.InvariantCulture);
            values["size"] = texts.Size(export.Bytes);
            values["manifestSha256"] = export.ManifestSha256;
        }
        if (facts.Certificate is { } certificate)
        {
            values["certificate"] = OneLine(certificate.Number);
            values["certificateSha256"] = certificate.Sha256;
        }
        MessageText message = texts.Messages[kind];
        if (message.Kept is { } kept && facts.Certificate is { } issued)
        {
            values["kept"] = Fill(issued.KeepsData ? kept.Some : kept.None, values);
        }
        if (message.TimeLeft is { } timeLeft)
        {
            DateOnly end = kind == MessageKind.TermEnding ? termEnd : windowEnd;
            int days = end.DayNumber - calendar.DateOf(facts.Now).DayNumber;
            values["days"] = days.ToString(CultureInfo.InvariantCulture);
            values["timeLeft"] = Fill(days <= 1 ? timeLeft.Today : timeLeft.Other, values);
        }
        return values;
    }

    // A term that is over at midnight had its last day the day before.
    private static DateOnly LastDayBefore(DateTimeOffset end, TermCalendar calendar) =>
        calendar.DateOf(end.AddTicks(-1));

    // Values are put in once and never read for placeholders themselves: a name may hold braces.
    private static string Fill(string text, Dictionary<string, string> values) =>
        Placeholder()
            .Replace(
                text,
                match =>
                    values.TryGetValue(match.Groups["name"].Value, out string? value)
                        ? value
                        : throw new ArgumentException(
                            $"The message needs '{match.Groups["name"].Value}', which is not given."
                        )
            );

    private static string OneLine(string value) => ControlCharacters().Replace(value, " ").Trim();

    [GeneratedRegex(@"\{(?<name>[a-zA-Z0-9]+)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();

    [GeneratedRegex(@"[\p{Cc}\u2028\u2029]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ControlCharacters();
}
