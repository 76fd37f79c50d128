using Portability.Sources;

namespace Portability.Cli.Maps.Draft;

/// <summary>
/// The ways from each table to the tenant table by the database's own foreign keys, shortest first, as the planner looks for them; and
/// where there is none, columns whose name says that they refer to another table.
/// </summary>
internal sealed class TenantWays
{
    private readonly Catalogue catalogue;
    private readonly Dictionary<string, int> distances = new(StringComparer.OrdinalIgnoreCase);
    private readonly string prefix;

    public TenantWays(Catalogue catalogue, TableInfo tenant)
    {
        this.catalogue = catalogue;
        prefix = CommonPrefix(catalogue.Tables.Select(table => table.Name).ToList());
        distances[tenant.Name] = 0;
        for (var distance = 1; ; distance++)
        {
            var next = catalogue
                .Tables.Where(table => !table.IsView && !distances.ContainsKey(table.Name))
                .Where(table =>
                    table.ForeignKeys.Any(link =>
                        distances.TryGetValue(link.ReferencedTable, out var at) && at < distance
                    )
                )
                .Select(table => table.Name)
                .ToList();
            if (next.Count == 0)
            {
                return;
            }
            next.ForEach(name => distances[name] = distance);
        }
    }

    /// <summary>Foreign keys of a table that lead to the tenant table, itself left aside.</summary>
    public IReadOnlyList<ForeignKey> Of(TableInfo table) =>
        table
            .ForeignKeys.Where(link =>
                !string.Equals(link.ReferencedTable, table.Name, StringComparison.OrdinalIgnoreCase)
                && distances.ContainsKey(link.ReferencedTable)
            )
            .OrderBy(link => distances[link.ReferencedTable])
            .ToList();

    /// <summary>The way that the planner would take by itself, or null where it would refuse to choose.</summary>
    public ForeignKey? Sure(TableInfo table)
    {
        var ways = Of(table);
        var isRequired = ways.Count > 0 && ways[0].Columns.All(column => table.Find(column) is { Nullable: false });
        var isTied = ways.Count > 1 && distances[ways[0].ReferencedTable] == distances[ways[1].ReferencedTable];
        return isRequired && !isTied ? ways[0] : null;
    }

    /// <summary>References that the database does not declare and that names suggest: <c>courseid</c>, <c>course_id</c> or <c>course</c>.</summary>
    public IEnumerable<ForeignKey> Suggested(TableInfo table)
    {
        var declared = table.ForeignKeys.SelectMany(link => link.Columns).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var column in table.Columns.Where(column => !declared.Contains(column.Name)))
        {
            foreach (var target in catalogue.Tables.Where(target => target != table && target.PrimaryKey.Count == 1))
            {
                var subject = string.Concat(TableNames.Words(target.Name[prefix.Length..]));
                var name = Plain(column.Name);
                if (subject.Length > 0 && (name == subject || name == subject + Plain(target.PrimaryKey[0])))
                {
                    yield return new([column.Name], target.Name, target.PrimaryKey, "NO ACTION") { Enforced = false };
                }
            }
        }
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    /// <summary>Many products put the same letters before every table's name: <c>mdl_user</c>, <c>mdl_course</c>.</summary>
    private static string CommonPrefix(List<string> names)
    {
        if (names.Count < 2)
        {
            return "";
        }
        var end = names[0].IndexOf('_', StringComparison.Ordinal) + 1;
        var candidate = names[0][..end];
        return names.TrueForAll(name => name.Length > end && name.StartsWith(candidate, StringComparison.Ordinal))
            ? candidate
            : "";
    }
}
