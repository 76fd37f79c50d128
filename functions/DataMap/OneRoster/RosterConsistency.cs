namespace Portability.DataMap.OneRoster;

/// <summary>
/// What can be told of a OneRoster mapping without a database: that every required column is there, every reference leads to rows of the
/// file it means, and every fixed word belongs to its vocabulary.
/// </summary>
internal sealed class RosterConsistency(RosterMap roster, List<DataMapProblem> problems)
{
    private const string Ways =
        "Use { \"of\": \"…\" } with the name of an included row (\".\" is the row itself), or the fixed sourcedId of a row without a dataset.";

    public void Check()
    {
        foreach (var source in roster.Sources)
        {
            Columns(source);
            Id(source);
            foreach (var column in source.Columns)
            {
                if (column.Field.Type == RosterType.Reference)
                {
                    Reference(source, column.Field, column.Value);
                }
                else
                {
                    Value(source, column);
                }
            }
            if (source.When?.All.OfType<RosterValue.Of>().FirstOrDefault() is { } of)
            {
                Add(
                    of.Place,
                    source,
                    "'when' is about values, not about references",
                    "Name a column: \"when\": \"{created_by}\"."
                );
            }
        }
        foreach (var file in roster.Sources.GroupBy(source => source.File.Name))
        {
            Prefixes([.. file]);
        }
        if (Has("users") && !Has("roles"))
        {
            var users = roster.Sources.First(source => source.File.Name == "users");
            Add(
                users.Place,
                users,
                "OneRoster has users only with their roles",
                "Map \"roles\", one row a user and organisation."
            );
        }
    }

    private bool Has(string file) => roster.Sources.Any(source => source.File.Name == file);

    private void Columns(RosterSource source)
    {
        var given = source.Columns.Select(column => column.Field.Name).ToHashSet(StringComparer.Ordinal);
        foreach (
            var missing in source
                .File.Fields.Prepend(RosterFile.SourcedId)
                .Where(field => field.Required && !given.Contains(field.Name))
        )
        {
            // A column that was read and refused has its own finding.
            if (missing.Name != "password")
            {
                Add(
                    source.Place,
                    source,
                    $"the column '{missing.Name}' is required",
                    $"Add \"{missing.Name}\": … to \"columns\"."
                );
            }
        }
        if (source.Dataset is not null)
        {
            return;
        }
        foreach (var column in source.Columns.Where(column => DependsOnRows(column.Value)))
        {
            Add(
                column.Value.Place,
                source,
                $"'{column.Field.Name}' names columns, and there is no dataset that could have them",
                "Add \"dataset\", or write a fixed text."
            );
        }
    }

    private static bool DependsOnRows(RosterValue value) =>
        value.All.Any(inner =>
            inner is RosterValue.Of
            || (inner is RosterValue.Text text && text.Columns.Any(column => column != RosterValue.RequestedOn))
        );

    private void Id(RosterSource source)
    {
        if (source.Columns.FirstOrDefault(column => column.Field.Type == RosterType.Guid) is not { } id)
        {
            return;
        }
        if (id.Value is not RosterValue.Text text)
        {
            Add(
                id.Value.Place,
                source,
                "'sourcedId' must be a text with the row's key",
                "Write it as in \"user-{id}\"."
            );
            return;
        }
        var isBroken = text.Parts.Where((part, i) => part.IsColumn && i > 0 && text.Parts[i - 1].IsColumn).Any();
        if (isBroken)
        {
            Add(text.Place, source, "two values of 'sourcedId' stand side by side", "Put a '-' between them.");
        }
        if (text.Parts.Any(part => !part.IsColumn && !part.Text.All(IsAllowed)))
        {
            Add(
                text.Place,
                source,
                "'sourcedId' has characters that OneRoster does not allow",
                "Use letters, digits and . - / @ (an underscore stands for characters that are written by their number)."
            );
        }
    }

    private static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '/' or '@';

    /// <summary>Sources of one file tell their rows apart by what their ids begin with.</summary>
    private void Prefixes(List<RosterSource> sources)
    {
        for (var i = 1; i < sources.Count; i++)
        {
            var mine = Prefix(sources[i]);
            var same = sources
                .Take(i)
                .FirstOrDefault(other => Prefix(other) is { } theirs && mine is not null && Overlap(mine, theirs));
            if (same is not null)
            {
                Add(
                    sources[i].Id!.Place,
                    sources[i],
                    $"its sourcedId could be one of {same.Subject}, line {same.Id!.Place.Line}",
                    "Let the ids of each begin differently: \"group-{id}\", \"org-{id}\"."
                );
            }
        }
    }

    /// <summary>What all ids of a source begin with; a fixed id has an end, too.</summary>
    private static string? Prefix(RosterSource source) =>
        source.Id is not { } id ? null
        : id.Fixed is { } text ? text + "\n"
        : id.Parts[0].IsColumn ? ""
        : id.Parts[0].Text;

    private static bool Overlap(string left, string right) =>
        left.StartsWith(right, StringComparison.Ordinal) || right.StartsWith(left, StringComparison.Ordinal);

    private void Reference(RosterSource source, RosterField field, RosterValue value)
    {
        var file = field.Of[0];
        switch (value)
        {
            case RosterValue.First first:
                foreach (var inner in first.Values)
                {
                    Reference(source, field, inner);
                }
                break;
            case RosterValue.Of of when source.DatasetAt(of.Path) is not { } dataset:
                Add(
                    of.Place,
                    source,
                    $"'{of.Path}' is no included row",
                    "Add it to \"include\", or use \".\" for the row itself."
                );
                break;
            case RosterValue.Of of when roster.Target(file, source.DatasetAt(of.Path)!) is null:
                var ways = roster.Sources.Count(other =>
                    other.File.Name == file && other.Dataset == source.DatasetAt(of.Path)
                );
                Add(
                    of.Place,
                    source,
                    $"'{field.Name}' leads to {file}, and {(ways == 0 ? "none" : "more than one")} of its sources is about '{source.DatasetAt(of.Path)}'",
                    ways == 0 ? $"Map that dataset to \"{file}\", or refer to another row." : "Keep one of them."
                );
                break;
            case RosterValue.Of:
                break;
            case RosterValue.Text { Fixed: { } text }
                when roster.Sources.Any(other =>
                    other.File.Name == file && other.Dataset is null && other.Id?.Fixed == text
                ):
                break;
            default:
                Add(value.Place, source, $"'{field.Name}' is not sure to lead to a row of {file}", Ways);
                break;
        }
    }

    private void Value(RosterSource source, RosterColumn column)
    {
        foreach (var of in column.Value.All.OfType<RosterValue.Of>())
        {
            Add(of.Place, source, $"'{column.Field.Name}' is no reference", "Write a text with {column} for values.");
        }
        if (column.Field.Type == RosterType.Guid)
        {
            return;
        }
        foreach (
            var (text, place) in Texts(column.Value)
                .Where(fixedText => RosterText.Fault(column.Field, fixedText.Text) is not null)
        )
        {
            Add(place, source, $"'{column.Field.Name}' cannot be '{text}'", RosterText.Fault(column.Field, text)!);
        }
    }

    /// <summary>All texts that stand there whatever the row.</summary>
    private static IEnumerable<(string Text, MapPlace Place)> Texts(RosterValue value) =>
        value switch
        {
            RosterValue.Text { Fixed: { } text } => [(text, value.Place)],
            RosterValue.First first => first.Values.SelectMany(Texts),
            RosterValue.Translated words => words
                .Results.Where(word => word.Length > 0)
                .Select(word => (word, value.Place)),
            _ => [],
        };

    private void Add(MapPlace place, RosterSource source, string message, string mend) =>
        problems.Add(new(place, source.Subject, message, mend));
}
