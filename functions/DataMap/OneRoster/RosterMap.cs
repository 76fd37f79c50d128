namespace Portability.DataMap.OneRoster;

/// <summary>How a database's rows become a OneRoster exchange: the map's <c>oneRoster</c>.</summary>
public sealed record RosterMap
{
    /// <summary>Unique over the whole map; names the file.</summary>
    public required string Name { get; init; }

    /// <summary>One of the map's categories.</summary>
    public required string Category { get; init; }

    /// <summary>What <c>manifest.csv</c> says of the system that the data is from; null to say nothing.</summary>
    public string? SystemName { get; init; }

    /// <summary>Where each file's rows come from. A file with none is absent from the exchange.</summary>
    public required IReadOnlyList<RosterSource> Sources { get; init; }

    /// <summary>Where the map says so.</summary>
    public required MapPlace Place { get; init; }

    /// <summary>The source whose rows a reference to a row of <paramref name="dataset"/> in <paramref name="file"/> means; null when none or several.</summary>
    public RosterSource? Target(string file, string dataset) =>
        Sources.Where(source => source.File.Name == file && source.Dataset == dataset).ToList() is [var only]
            ? only
            : null;
}

/// <summary>Rows of one OneRoster file: one for each row of a dataset, or a single one of fixed values.</summary>
public sealed record RosterSource
{
    public required RosterFile File { get; init; }

    /// <summary>A table dataset's name; null for one row of fixed values.</summary>
    public string? Dataset { get; init; }

    /// <summary>Rows that the dataset's rows refer to, by the names under which values find them.</summary>
    public required IReadOnlyList<IncludedRelation> Include { get; init; }

    /// <summary>Only rows for which this has a value are written; null for all.</summary>
    public RosterValue? When { get; init; }

    public required IReadOnlyList<RosterColumn> Columns { get; init; }

    public required MapPlace Place { get; init; }

    /// <summary>For messages: <c>enrollments of enrolments</c>.</summary>
    public string Subject => Dataset is null ? File.Name : $"{File.Name} of {Dataset}";

    /// <summary>What the row is known by; null where the map forgot it, which is refused when it is read.</summary>
    public RosterValue.Text? Id =>
        Columns.FirstOrDefault(column => column.Field.Type == RosterType.Guid)?.Value as RosterValue.Text;

    /// <summary>The dataset that an include path leads to; <c>.</c> is the row itself; null for an unknown path.</summary>
    public string? DatasetAt(string path)
    {
        var (dataset, include) = (Dataset, Include);
        foreach (var step in path == "." ? [] : path.Split('.'))
        {
            if (include.FirstOrDefault(relation => relation.As == step) is not { } relation)
            {
                return null;
            }
            (dataset, include) = (relation.Dataset, relation.Include);
        }
        return dataset;
    }
}

/// <summary>A column of a file with what stands in it.</summary>
public sealed record RosterColumn(RosterField Field, RosterValue Value);

/// <summary>What stands in a column; a closed union. Each may turn out to be nothing.</summary>
public abstract record RosterValue
{
    private RosterValue() { }

    public required MapPlace Place { get; init; }

    /// <summary>Text with placeholders for columns; nothing when a column is null.</summary>
    public sealed record Text(IReadOnlyList<TemplatePart> Parts) : RosterValue
    {
        public IEnumerable<string> Columns => Parts.Where(part => part.IsColumn).Select(part => part.Text);

        /// <summary>The text when nothing of it depends on a row.</summary>
        public string? Fixed => Columns.Any() ? null : string.Concat(Parts.Select(part => part.Text));
    }

    /// <summary>The <c>sourcedId</c> of the row that an include path leads to; <c>.</c> is the row itself.</summary>
    public sealed record Of(string Path) : RosterValue;

    /// <summary>The first of several that has a value.</summary>
    public sealed record First(IReadOnlyList<RosterValue> Values) : RosterValue;

    /// <summary>Another word for each value; an empty word is nothing.</summary>
    /// <param name="From">The value.</param>
    /// <param name="Words">Value to word.</param>
    /// <param name="WhenNull">The word when there is no value; null: nothing then.</param>
    /// <param name="Otherwise">The word for values that are not among the words; null: such a value is refused, if there are words.</param>
    public sealed record Translated(
        RosterValue From,
        IReadOnlyDictionary<string, string> Words,
        string? WhenNull,
        string? Otherwise
    ) : RosterValue
    {
        /// <summary>Every word that may come of it.</summary>
        public IEnumerable<string> Results => Words.Values.Append(WhenNull).Append(Otherwise).OfType<string>();
    }

    /// <summary>Text that stands in the place of <c>{@requestedOn}</c>: the day on which the export was asked for.</summary>
    public const string RequestedOn = "@requestedOn";

    /// <summary>This value and all inside of it.</summary>
    public IEnumerable<RosterValue> All =>
        this switch
        {
            First first => first.Values.SelectMany(value => value.All).Prepend(this),
            Translated translated => translated.From.All.Prepend(this),
            _ => [this],
        };
}
