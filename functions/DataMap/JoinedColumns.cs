using Portability.Sources;

namespace Portability.DataMap;

/// <summary>
/// Columns of a dataset's rows and of rows they refer to, side by side: what reports, certificates and learning standards
/// are made of. One row of the root (or of the related rows, when there are some) gives one row.
/// </summary>
public sealed record JoinedColumns
{
    /// <summary>The dataset whose rows are followed.</summary>
    public required ScopedDataset Root { get; init; }

    /// <summary>Rows that refer to the root's, when the rows wanted are theirs; null when they are the root's own.</summary>
    public ScopedRelation? Rows { get; init; }

    /// <summary>Rows referred to, outer ones first.</summary>
    public required IReadOnlyList<Join> Joins { get; init; }

    /// <summary>The columns, in the order in which they were asked for.</summary>
    public required IReadOnlyList<JoinedColumn> Columns { get; init; }
}

/// <summary>A row referred to by one that is there already.</summary>
/// <param name="Alias">Its name in a query.</param>
/// <param name="Outer">The name of the row that refers to it.</param>
/// <param name="Relation">How.</param>
public sealed record Join(string Alias, string Outer, ScopedRelation Relation);

/// <summary>A column of one of the rows.</summary>
/// <param name="Path">As the map names it: <c>user.full_name</c>.</param>
/// <param name="Alias">The name, in a query, of the row it belongs to.</param>
/// <param name="Column">The live column.</param>
public sealed record JoinedColumn(string Path, string Alias, ColumnInfo Column);

/// <summary>A template with its columns found in the live catalogue.</summary>
/// <param name="Map">The map's entry.</param>
/// <param name="Page">What the placeholders of the page need, in the order of their names in the lines.</param>
/// <param name="Table">The table's columns; null when there is no table.</param>
public sealed record ScopedTemplate(TemplateDataset Map, JoinedColumns Page, JoinedColumns? Table);

/// <summary>Finds the columns that templates name, in the rows they start from and in those that these refer to.</summary>
internal sealed class ColumnFinder(
    IReadOnlyList<ScopedDataset> datasets,
    DocumentRelations relations,
    List<DataMapProblem> problems
)
{
    /// <summary>Alias of the root's rows in queries.</summary>
    public const string RootAlias = "n0";

    /// <summary>Alias of the related rows in queries.</summary>
    public const string RowsAlias = "n1";

    /// <summary>Templates whose root is a dataset of this system.</summary>
    public IReadOnlyList<ScopedTemplate> Resolve(IEnumerable<TemplateDataset> templates) =>
        templates
            .Where(template => datasets.Any(dataset => dataset.Name == template.Root))
            .Select(Resolve)
            .OfType<ScopedTemplate>()
            .ToList();

    /// <summary>Columns by path; null, with a problem noted for each, when some cannot be had.</summary>
    /// <param name="subject">Who asks, for problems.</param>
    /// <param name="root">The rows to start from.</param>
    /// <param name="include">What they refer to.</param>
    /// <param name="rows">Related rows whose columns are meant, or null for the root's own.</param>
    /// <param name="paths">The columns, with the place in the map that names each.</param>
    public JoinedColumns? Find(
        string subject,
        ScopedDataset root,
        IReadOnlyList<IncludedRelation> include,
        IncludedRelation? rows,
        IEnumerable<(string Path, MapPlace Place)> paths
    )
    {
        var before = problems.Count;
        ScopedRelation? related = null;
        if (rows is not null)
        {
            related = relations.Resolve(root, [rows with { Include = [] }], subject).FirstOrDefault();
            if (related is { Many: false })
            {
                problems.Add(
                    new(
                        rows.Place,
                        subject,
                        $"'{rows.Dataset}' does not refer to '{root.Name}'",
                        "Name a dataset whose rows refer to it."
                    )
                );
            }
        }
        var start = related?.Dataset ?? root;
        var startAlias = related is null ? RootAlias : RowsAlias;
        var known = new Dictionary<string, (string Alias, ScopedDataset Dataset)>(StringComparer.OrdinalIgnoreCase)
        {
            [""] = (startAlias, start),
        };
        var joins = new List<Join>();
        Follow(subject, start, startAlias, "", rows?.Include ?? include, joins, known);
        var columns = paths
            .Select(path => Column(subject, path.Path, path.Place, known))
            .OfType<JoinedColumn>()
            .ToList();
        return problems.Count > before
            ? null
            : new()
            {
                Root = root,
                Rows = related,
                // What nobody names is not read.
                Joins = joins.Where(join => columns.Any(column => Leads(joins, join, column.Alias))).ToList(),
                Columns = columns,
            };
    }

    private ScopedTemplate? Resolve(TemplateDataset template)
    {
        var root = datasets.First(dataset => dataset.Name == template.Root);
        var placeholders = template.Page.SelectMany(line =>
            line.Parts.Where(part => part.IsColumn).Select(part => (part.Text, line.Place))
        );
        var columns = template.Columns.Select(column => (column.Column, column.Place)).ToList();
        var page = Find(template.Name, root, template.Include, rows: null, placeholders);
        var table = columns.Count == 0 ? null : Find(template.Name, root, template.Include, template.Rows, columns);
        return page is null ? null : new(template, page, table);
    }

    private void Follow(
        string subject,
        ScopedDataset outer,
        string outerAlias,
        string prefix,
        IReadOnlyList<IncludedRelation> include,
        List<Join> joins,
        Dictionary<string, (string Alias, ScopedDataset Dataset)> known
    )
    {
        foreach (var wanted in include)
        {
            if (
                relations.Resolve(outer, [wanted with { Include = [] }], subject, toOne: true).FirstOrDefault()
                is not { } relation
            )
            {
                continue;
            }
            if (relation.Many || relation.Dataset.Map.NotExported is not null)
            {
                problems.Add(
                    new(
                        wanted.Place,
                        subject,
                        relation.Many
                            ? $"several rows of '{wanted.Dataset}' refer to one of '{outer.Name}'"
                            : $"'{wanted.Dataset}' is not exported",
                        "Include rows that are referred to and exported; several rows a page go into \"rows\"."
                    )
                );
                continue;
            }
            var alias = FormattableString.Invariant($"j{joins.Count + 1}");
            joins.Add(new(alias, outerAlias, relation));
            known[prefix + wanted.As] = (alias, relation.Dataset);
            Follow(subject, relation.Dataset, alias, $"{prefix}{wanted.As}.", wanted.Include, joins, known);
        }
    }

    private JoinedColumn? Column(
        string subject,
        string path,
        MapPlace place,
        Dictionary<string, (string Alias, ScopedDataset Dataset)> known
    )
    {
        var dot = path.LastIndexOf('.');
        var (owner, name) = dot < 0 ? ("", path) : (path[..dot], path[(dot + 1)..]);
        if (
            known.TryGetValue(owner, out var row)
            && row.Dataset.ExportColumns.FirstOrDefault(column =>
                string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase)
            )
                is { } live
        )
        {
            return new(path, row.Alias, live);
        }
        problems.Add(
            new(
                place,
                subject,
                $"'{path}' is no exported column of the rows it has",
                row.Dataset is { } dataset
                    ? $"Use one of {string.Join(", ", dataset.ExportColumns.Select(column => column.Name))}."
                    : $"Name a row from \"include\": {string.Join(", ", known.Keys.Where(key => key.Length > 0))}."
            )
        );
        return null;
    }

    private static bool Leads(List<Join> joins, Join join, string alias)
    {
        for (var at = joins.Find(other => other.Alias == alias); at is not null; )
        {
            if (at == join)
            {
                return true;
            }
            var outer = at.Outer;
            at = joins.Find(other => other.Alias == outer);
        }
        return false;
    }
}
