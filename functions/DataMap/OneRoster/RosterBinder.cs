using Portability.Sources;

namespace Portability.DataMap.OneRoster;

/// <summary>Finds the columns that a OneRoster mapping names, and what of it the live catalogue cannot promise.</summary>
internal sealed class RosterBinder(
    IReadOnlyList<ScopedDataset> datasets,
    ColumnFinder finder,
    List<DataMapProblem> problems
)
{
    /// <summary>The mapping, if its datasets are of this system; null otherwise, or when a problem was noted.</summary>
    public ScopedRoster? Resolve(RosterMap? map)
    {
        if (map is null || !map.Sources.Any(source => source.Dataset is { } name && Find(name) is not null))
        {
            return null;
        }
        var before = problems.Count;
        var sources = map.Sources.Select(source => Resolve(map, source)).OfType<ScopedRosterSource>().ToList();
        return problems.Count > before ? null : new(map, sources);
    }

    private ScopedDataset? Find(string name) => datasets.FirstOrDefault(dataset => dataset.Name == name);

    private ScopedRosterSource? Resolve(RosterMap map, RosterSource source)
    {
        var terms = new Terms(map, source);
        var when = source.When is { } value ? terms.Make(value, "", null) : null;
        var id = terms.Make(source.Id!, "", RosterFile.SourcedId);
        var columns = source
            .File.Fields.Select(field =>
                source.Columns.FirstOrDefault(column => column.Field == field) is { } column
                    ? terms.Make(column.Value, "", field)
                    : null
            )
            .ToList();
        if (source.Dataset is null)
        {
            return new(source, null, null, id, columns);
        }
        var root = Find(source.Dataset)!;
        if (finder.Find(source.Subject, root, source.Include, rows: null, terms.Columns) is not { } rows)
        {
            return null;
        }
        CheckKey(source, root);
        new RosterPromises(source, rows, when, problems).Check(id, columns);
        return new(source, rows, when, id, columns);
    }

    private void CheckKey(RosterSource source, ScopedDataset root)
    {
        var named = source.Id!.Columns.ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var column in root.Key.Where(column => !named.Contains(column)))
        {
            problems.Add(
                new(
                    source.Id.Place,
                    source.Subject,
                    $"'sourcedId' does not name {column}, so two rows could have the same",
                    $"Put the whole key into it: {string.Join('-', root.Key.Select(key => $"{{{key}}}"))}."
                )
            );
        }
    }

    /// <summary>Turns values into terms over one list of columns.</summary>
    private sealed class Terms(RosterMap map, RosterSource source)
    {
        private readonly List<(string Path, MapPlace Place)> _columns = [];

        public IReadOnlyList<(string Path, MapPlace Place)> Columns => _columns;

        public RosterTerm Make(RosterValue value, string prefix, RosterField? field) =>
            value switch
            {
                RosterValue.Text text => new RosterTerm.Text(
                    [.. text.Parts.Select(part => Part(part, prefix, value.Place))],
                    field?.Type != RosterType.Guid ? null
                        : text.Columns.Count() > 1 ? RosterEscape.Several
                        : RosterEscape.Alone
                ),
                RosterValue.First first => new RosterTerm.First([
                    .. first.Values.Select(inner => Make(inner, prefix, field)),
                ]),
                RosterValue.Translated words => new RosterTerm.Translated(Make(words.From, prefix, null), words),
                RosterValue.Of of => Reference(field!, of),
                _ => throw new InvalidOperationException($"No term for a {value.GetType().Name}."),
            };

        /// <summary>The id of the row referred to, worked out from its columns here as it is there.</summary>
        private RosterTerm Reference(RosterField field, RosterValue.Of of)
        {
            var target = map.Target(field.Of[0], source.DatasetAt(of.Path)!)!;
            var prefix = of.Path == "." ? "" : of.Path + ".";
            var id = Make(target.Id!, prefix, RosterFile.SourcedId);
            return target.When is { } when ? new RosterTerm.Guarded(Make(when, prefix, null), id) : id;
        }

        private (string?, int?) Part(TemplatePart part, string prefix, MapPlace place)
        {
            if (!part.IsColumn || part.Text == RosterValue.RequestedOn)
            {
                return (part.IsColumn ? null : part.Text, null);
            }
            var path = prefix + part.Text;
            var at = _columns.FindIndex(column => string.Equals(column.Path, path, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
            {
                at = _columns.Count;
                _columns.Add((path, place));
            }
            return (null, at);
        }
    }
}
