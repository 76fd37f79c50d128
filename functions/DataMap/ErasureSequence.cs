using Portability.Sources;

namespace Portability.DataMap;

/// <summary>
/// Puts tables into erasure order: children before the parents they refer to. The rule for cycles: of the tables that only wait for
/// one another, the one goes first whose referring keys can all be emptied, the fewest such keys and then the name deciding; those keys
/// are set aside and emptied in the doomed rows beforehand. A cycle of required keys is refused.
/// </summary>
internal sealed class ErasureSequence(IReadOnlyList<BoundTable> tables, List<DataMapProblem> problems)
{
    internal sealed record Placed(BoundTable Table, IReadOnlyList<ForeignKey> Broken);

    private readonly Dictionary<string, List<ForeignKey>> broken = new(StringComparer.OrdinalIgnoreCase);

    public IReadOnlyList<Placed> Order()
    {
        var waiting = tables.OrderBy(table => table.Live.Name, StringComparer.Ordinal).ToList();
        var order = new List<BoundTable>();
        foreach (var table in waiting)
        {
            broken[table.Live.Name] = table
                .Live.ForeignKeys.Where(link => Refers(link, table) && table.CanEmpty(link))
                .ToList();
        }
        while (waiting.Count > 0)
        {
            var next = waiting.Find(table => ChildLinks(table, waiting).Count == 0) ?? Break(waiting);
            if (next is null)
            {
                return [];
            }
            waiting.Remove(next);
            order.Add(next);
        }
        return order.Select(table => new Placed(table, broken[table.Live.Name])).ToList();
    }

    private static bool Refers(ForeignKey link, BoundTable to) =>
        string.Equals(link.ReferencedTable, to.Live.Name, StringComparison.OrdinalIgnoreCase);

    private List<(BoundTable Child, ForeignKey Link)> ChildLinks(BoundTable parent, List<BoundTable> waiting) =>
        waiting
            .Where(child => child != parent)
            .SelectMany(child =>
                child.Live.ForeignKeys.Where(link => Refers(link, parent)).Select(link => (child, link))
            )
            .Where(edge => !broken[edge.child.Live.Name].Contains(edge.link))
            .ToList();

    private BoundTable? Break(List<BoundTable> waiting)
    {
        var candidates = waiting
            .Select(table => (Table: table, Edges: ChildLinks(table, waiting)))
            .Where(candidate => candidate.Edges.TrueForAll(edge => Reaches(candidate.Table, edge.Child, waiting)))
            .ToList();
        var chosen = candidates
            .Where(candidate => candidate.Edges.TrueForAll(edge => edge.Child.CanEmpty(edge.Link)))
            .OrderBy(candidate => candidate.Edges.Count)
            .ThenBy(candidate => candidate.Table.Live.Name, StringComparer.Ordinal)
            .FirstOrDefault();
        if (chosen.Table is null)
        {
            var names = string.Join(", ", candidates.Select(candidate => candidate.Table.Live.Name));
            var place = candidates[0].Table.Map;
            problems.Add(
                new(
                    place.Place,
                    place.Name,
                    $"the tables {names} refer to one another by required foreign keys, so none of them can go first",
                    "Make one of these references nullable in the database."
                )
            );
            return null;
        }
        chosen.Edges.ForEach(edge => broken[edge.Child.Live.Name].Add(edge.Link));
        return chosen.Table;
    }

    /// <summary>True when <paramref name="from"/> refers to <paramref name="to"/>, directly or through others: both are in one cycle.</summary>
    private bool Reaches(BoundTable from, BoundTable to, List<BoundTable> waiting)
    {
        var seen = new HashSet<BoundTable> { from };
        var open = new Queue<BoundTable>([from]);
        while (open.TryDequeue(out var table))
        {
            var parents = table.Live.ForeignKeys.Where(link => !broken[table.Live.Name].Contains(link));
            foreach (
                var parent in waiting.Where(candidate => parents.Any(link => Refers(link, candidate))).Where(seen.Add)
            )
            {
                open.Enqueue(parent);
            }
        }
        return seen.Contains(to);
    }
}
