using System.Globalization;
using System.Text;
using Portability.DataMap.OneRoster;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats.Roster;

/// <summary>Works out the values of one source's rows. One instance a source; it looks at the reader's current row.</summary>
internal sealed class RosterRow(ScopedRosterSource source, RowReader? rows, string requestedOn)
{
    private readonly int _keys = source.Rows?.Root.Key.Count ?? 0;

    /// <summary>Number of the row, for messages.</summary>
    public long Number { get; set; }

    /// <summary>Whether the row is written at all.</summary>
    public bool IsWanted => source.When is null || Evaluate(source.When, null) is not null;

    /// <summary>The text of a column; null where nothing stands. Throws <see cref="UnwritableValueException"/>.</summary>
    public string? Text(RosterField field, RosterTerm? term)
    {
        var text = term is null ? null : Evaluate(term, field);
        if (text is null)
        {
            return field.Required ? throw Unwritable(field, "OneRoster requires a value, and there is none") : null;
        }

        text = Fitted(field, text);
        return RosterText.Fault(field, text) is { } fault
            ? throw Unwritable(field, $"the value is not one that OneRoster knows. {fault}")
            : text;
    }

    /// <summary>Dates are cut out of instants, and line breaks, which OneRoster does not allow in a field, become spaces.</summary>
    private static string Fitted(RosterField field, string text) =>
        field.Type switch
        {
            RosterType.Date when text.Length > 10 && text[10] is 'T' or ' ' => text[..10],
            RosterType.Year when text.Length > 4 && text[4] == '-' => text[..4],
            RosterType.Boolean when text is "0" or "1" => text == "1" ? "true" : "false",
            RosterType.TextList => OneLine(text).Replace(",", "", StringComparison.Ordinal),
            RosterType.Text => OneLine(text),
            _ => text,
        };

    private static string OneLine(string text) =>
        text.AsSpan().ContainsAny("\r\n")
            ? text.Replace("\r\n", " ", StringComparison.Ordinal).Replace('\r', ' ').Replace('\n', ' ')
            : text;

    private string? Evaluate(RosterTerm term, RosterField? field)
    {
        switch (term)
        {
            case RosterTerm.Text text:
                return Join(text, field);
            case RosterTerm.First first:
                return first.Terms.Select(inner => Evaluate(inner, field)).FirstOrDefault(value => value is not null);
            case RosterTerm.Guarded guarded:
                return Evaluate(guarded.When, null) is null ? null : Evaluate(guarded.Value, field);
            case RosterTerm.Translated translated:
                var word = Translate(translated, field);
                return word is "" ? null : word;
            default:
                throw new InvalidOperationException($"No value for a {term.GetType().Name}.");
        }
    }

    private string? Translate(RosterTerm.Translated translated, RosterField? field)
    {
        var words = translated.Words;
        return Evaluate(translated.From, field) switch
        {
            null => words.WhenNull,
            var value when words.Words.TryGetValue(value, out var word) => word,
            _ when words.Otherwise is not null || words.Words.Count == 0 => words.Otherwise,
            var value => throw Unwritable(field, $"\"map\" has no word for the value '{Shortened(value)}'"),
        };
    }

    private string? Join(RosterTerm.Text text, RosterField? field)
    {
        if (text.Parts is [{ Fixed: null, Column: { } only }] && text.Escape is null)
        {
            return Value(only, field);
        }

        var joined = new StringBuilder();
        foreach (var (fixedText, column) in text.Parts)
        {
            if (column is not { } at)
            {
                joined.Append(fixedText ?? requestedOn);
                continue;
            }

            if (Value(at, field) is not { } value)
            {
                return null;
            }

            if (text.Escape is { } escape)
            {
                Escape(joined, value, escape);
            }
            else
            {
                joined.Append(value);
            }
        }

        // Between two commas an empty text and no value are the same.
        return joined.Length == 0 ? null : joined.ToString();
    }

    /// <summary>Characters that an id cannot have become an underscore and two digits for each byte, so that no two ids meet.</summary>
    private static void Escape(StringBuilder joined, string value, RosterEscape escape)
    {
        Span<byte> bytes = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            var stays =
                rune.IsAscii
                && (
                    char.IsAsciiLetterOrDigit((char)rune.Value)
                    || (escape == RosterEscape.Alone && (char)rune.Value is '.' or '-' or '/' or '@')
                );
            if (stays)
            {
                joined.Append((char)rune.Value);
                continue;
            }

            foreach (var part in bytes[..rune.EncodeToUtf8(bytes)])
            {
                joined.Append(CultureInfo.InvariantCulture, $"_{part:X2}");
            }
        }
    }

    private string? Value(int column, RosterField? field)
    {
        rows!.Get(_keys + column, out var cell);
        return cell.Kind switch
        {
            CellKind.Null => null,
            CellKind.Integer => cell.Integer.ToString(CultureInfo.InvariantCulture),
            CellKind.Real => cell.Real.ToString("R", CultureInfo.InvariantCulture),
            CellKind.Text => cell.Bytes.IsEmpty ? null : Decoded(cell.Bytes, field),
            _ => throw Unwritable(field, "the value is binary"),
        };
    }

    private string Decoded(ReadOnlySpan<byte> utf8, RosterField? field) =>
        utf8.Contains((byte)0) ? throw Unwritable(field, "the text contains a NUL character")
        : System.Text.Unicode.Utf8.IsValid(utf8) ? Encoding.UTF8.GetString(utf8)
        : throw Unwritable(field, "the text is not valid UTF-8");

    private static string Shortened(string value) => value.Length <= 40 ? value : value[..40] + "…";

    private UnwritableValueException Unwritable(RosterField? field, string reason) =>
        new(
            "OneRoster",
            $"{source.Map.File.Name}.csv from {source.Map.Dataset ?? "fixed values"}",
            field?.Name ?? "when",
            Number,
            reason
        );
}
