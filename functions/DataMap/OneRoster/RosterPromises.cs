using Portability.Sources;

namespace Portability.DataMap.OneRoster;

/// <summary>
/// Holds a source against the live columns: what OneRoster requires must not be able to be nothing, and values must be of a kind that the
/// column can hold.
/// </summary>
internal sealed class RosterPromises(
    RosterSource source,
    JoinedColumns rows,
    RosterTerm? when,
    List<DataMapProblem> problems
)
{
    private readonly HashSet<int> _present = [.. Needed(when)];

    public void Check(RosterTerm id, IReadOnlyList<RosterTerm?> columns)
    {
        Check(RosterFile.SourcedId, id);
        for (var i = 0; i < columns.Count; i++)
        {
            if (columns[i] is { } term)
            {
                Check(source.File.Fields[i], term);
            }
        }
    }

    private void Check(RosterField field, RosterTerm term)
    {
        if (field.Required && MayBeNothing(term) is { } nothing)
        {
            Add(
                field,
                $"'{field.Name}' is required, and {nothing} may be null",
                field.Type == RosterType.Reference
                    ? $"Leave such rows out, \"when\": \"{{{nothing}}}\", or give a second reference: [{{ \"of\": \"…\" }}, …]."
                    : $"Say what stands there then: [\"{{{nothing}}}\", \"…\"]."
            );
        }
        foreach (var column in Shown(term).Distinct().Select(at => rows.Columns[at]))
        {
            if (!Fits(field.Type, column.Column.Kind))
            {
                Add(
                    field,
                    $"'{field.Name}' cannot be made of {column.Path}, which is {column.Column.DeclaredType}",
                    "Name another column, or translate its values: { \"value\": \"{…}\", \"map\": { … } }."
                );
            }
        }
    }

    /// <summary>Columns whose values stand in the file as they are.</summary>
    private static IEnumerable<int> Shown(RosterTerm term) =>
        term switch
        {
            RosterTerm.Text text => text.Parts.Select(part => part.Column).OfType<int>(),
            RosterTerm.First first => first.Terms.SelectMany(Shown),
            RosterTerm.Guarded guarded => Shown(guarded.Value),
            _ => [],
        };

    private static bool Fits(RosterType type, ColumnKind kind) =>
        type switch
        {
            _ when kind == ColumnKind.Blob => false,
            RosterType.Date or RosterType.Year => kind is ColumnKind.Date or ColumnKind.DateTime or ColumnKind.Text,
            RosterType.Boolean => kind is ColumnKind.Boolean or ColumnKind.Integer or ColumnKind.Text,
            RosterType.Number or RosterType.Integer => kind
                is ColumnKind.Integer
                    or ColumnKind.Decimal
                    or ColumnKind.Real
                    or ColumnKind.Text,
            _ => true,
        };

    /// <summary>The column by which a term may turn out to be nothing; null when it cannot.</summary>
    private string? MayBeNothing(RosterTerm term) =>
        term switch
        {
            RosterTerm.Text text => text
                .Parts.Select(part => part.Column)
                .OfType<int>()
                .Select(MayBeNull)
                .FirstOrDefault(path => path is not null),
            RosterTerm.First first => first
                .Terms.Select(MayBeNothing)
                .Aggregate((sum, next) => sum is null ? null : next),
            RosterTerm.Translated { Words: { Words.Count: 0, Otherwise: null } } words => AnyOf(words.From),
            RosterTerm.Translated words when words.Words.Results.Contains("") => AnyOf(words.From),
            RosterTerm.Translated { Words.WhenNull: not null } => null,
            RosterTerm.Translated words => MayBeNothing(words.From),
            RosterTerm.Guarded guarded => MayBeNothing(guarded.When) ?? MayBeNothing(guarded.Value),
            _ => null,
        };

    private string? AnyOf(RosterTerm term) => Shown(term).Select(at => rows.Columns[at].Path).FirstOrDefault();

    private string? MayBeNull(int at)
    {
        var column = rows.Columns[at];
        return _present.Contains(at) || (!column.Column.Nullable && IsSure(column.Alias)) ? null : Way(column);
    }

    /// <summary>The first column on the way to a value that may be null: the one to ask for.</summary>
    private string Way(JoinedColumn column) =>
        rows.Joins.FirstOrDefault(join => join.Alias == column.Alias) is { } join
        && !IsSure(column.Alias)
        && join.Outer == ColumnFinder.RootAlias
            ? join.Relation.OuterColumns[0]
            : column.Path;

    /// <summary>Whether the row of this alias is there: its reference has a value, and so has that of the row before.</summary>
    private bool IsSure(string alias)
    {
        if (rows.Joins.FirstOrDefault(join => join.Alias == alias) is not { } join)
        {
            return true;
        }
        var outer = rows.Joins.FirstOrDefault(other => other.Alias == join.Outer)?.Relation.Dataset ?? rows.Root;
        return join.Relation.OuterColumns.All(column =>
                outer.Table.Find(column) is { Nullable: false } || IsAskedFor(join.Outer, column)
            ) && IsSure(join.Outer);
    }

    private bool IsAskedFor(string alias, string column) =>
        _present.Any(at =>
            rows.Columns[at].Alias == alias
            && string.Equals(rows.Columns[at].Column.Name, column, StringComparison.OrdinalIgnoreCase)
        );

    /// <summary>Columns without which the condition has no value.</summary>
    private static IEnumerable<int> Needed(RosterTerm? term) =>
        term switch
        {
            RosterTerm.Text text => text.Parts.Select(part => part.Column).OfType<int>(),
            RosterTerm.Translated { Words.WhenNull: null or "" } words => Needed(words.From),
            _ => [],
        };

    private void Add(RosterField field, string message, string mend) =>
        problems.Add(
            new(source.Columns.First(column => column.Field == field).Value.Place, source.Subject, message, mend)
        );
}
