using Portability.Sources;

namespace Portability.DataMap;

/// <summary>
/// Finds for each table the foreign key that makes a row the tenant's. A table's scope is that key plus the scope of the table it
/// leads to, so each table decides one step only. The rule: the shortest way wins if no other is as short, and if it cannot be null
/// (or is the only one). Everything else is a choice that a person makes in the map.
/// </summary>
internal sealed class ScopePaths(
    SqlSystem system,
    Catalogue catalogue,
    IReadOnlyList<BoundTable> tables,
    SqlDialect dialect,
    List<DataMapProblem> problems,
    List<string> notes
)
{
    /// <summary>How a table is scoped: by keys of its own (any of them), or backwards through a link table.</summary>
    private sealed record Step(IReadOnlyList<ForeignKey> Links, BoundTable? Through, ForeignKey? ThroughLink);

    /// <summary>Null where the database is each customer's alone.</summary>
    private readonly TenantScope.Rows? tenant = system.Tenant as TenantScope.Rows;
    private readonly bool isWhole = system.Tenant is TenantScope.Whole;

    private readonly Dictionary<string, BoundTable> byName = tables.ToDictionary(
        table => table.Live.Name,
        StringComparer.OrdinalIgnoreCase
    );
    private readonly Dictionary<string, Step> steps = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, int> distances = new(StringComparer.OrdinalIgnoreCase);

    public void Resolve()
    {
        Measure();
        foreach (var table in tables.Where(table => !IsTenant(table.Live.Name) && !(isWhole && table.IsOwned)))
        {
            if (Choose(table) is { } step)
            {
                steps[table.Live.Name] = step;
            }
        }
        RefuseReachingExclusions();
        if (problems.Count == 0)
        {
            RefuseLoops();
        }
    }

    public string WhereOf(BoundTable table) => Where(table, "t", 1);

    public IReadOnlyList<ForeignKey> LinksOf(BoundTable table) =>
        steps.TryGetValue(table.Live.Name, out var step) ? step.Links : [];

    public IReadOnlyList<ScopeWay> WaysOf(BoundTable table) =>
        LinksOf(table).Select(link => new ScopeWay(link, Way(link, "t", 1), IsTenantKey(link))).ToList();

    public IReadOnlyList<string> PathOf(BoundTable table)
    {
        if (IsTenant(table.Live.Name))
        {
            return [$"{table.Live.Name}.{tenant!.Column} = @tenant"];
        }
        if (isWhole && table.IsOwned)
        {
            return ["every row: the database is the customer's alone"];
        }
        if (!steps.TryGetValue(table.Live.Name, out var step))
        {
            return [];
        }
        return step.Through is { } through
            ? [$"{table.Live.Name} <- {through.Live.Name}.{step.ThroughLink}", .. PathOf(through)]
            : step
                .Links.SelectMany(link => PathOf(byName[link.ReferencedTable]).Prepend($"{table.Live.Name}.{link}"))
                .Distinct()
                .ToList();
    }

    private bool IsTenant(string table) => string.Equals(table, tenant?.Table, StringComparison.OrdinalIgnoreCase);

    /// <summary>Breadth first from the tenant table over owned tables.</summary>
    private void Measure()
    {
        if (tenant is null)
        {
            foreach (var table in tables.Where(table => table.IsOwned))
            {
                distances[table.Live.Name] = 0;
            }
            return;
        }
        distances[catalogue.Find(tenant.Table)!.Name] = 0;
        for (var distance = 1; ; distance++)
        {
            var next = tables
                .Where(table => table.IsOwned && !distances.ContainsKey(table.Live.Name))
                .Where(table =>
                    table.Live.ForeignKeys.Any(link =>
                        distances.TryGetValue(link.ReferencedTable, out var at) && at < distance
                    )
                )
                .Select(table => table.Live.Name)
                .ToList();
            if (next.Count == 0)
            {
                return;
            }
            next.ForEach(name => distances[name] = distance);
        }
    }

    private Step? Choose(BoundTable table)
    {
        switch (table.Map.Erase)
        {
            case EraseRule.None:
                if (Candidates(table).FirstOrDefault() is { } reaching)
                {
                    Problem(
                        table,
                        $"is reference data of no customer, but its foreign key {reaching} leads to customers' rows",
                        "Give it a rule of its own, or \"unlink\" that column."
                    );
                }
                return null;
            case EraseRule.UnlinkThrough through:
                return ChooseThrough(table, through.LinkTable);
            case EraseRule.Unlink unlink when table.Map.Via.Count == 0:
                var links = Candidates(table)
                    .Where(link =>
                        link.Columns.Any(column => unlink.Columns.Contains(column, StringComparer.OrdinalIgnoreCase))
                    )
                    .ToList();
                if (links.Count == 0)
                {
                    Problem(
                        table,
                        "none of the unlinked columns leads to a customer",
                        "Name columns of foreign keys to customers' tables."
                    );
                }
                return new(links, null, null);
        }
        return table.Map.Via.Count > 0 ? ChooseNamed(table) : ChooseFound(table);
    }

    private IEnumerable<ForeignKey> Candidates(BoundTable table) =>
        table.Live.ForeignKeys.Where(link =>
            !string.Equals(link.ReferencedTable, table.Live.Name, StringComparison.OrdinalIgnoreCase)
            && distances.ContainsKey(link.ReferencedTable)
        );

    private Step? ChooseNamed(BoundTable table)
    {
        var chosen = new List<ForeignKey>();
        foreach (var columns in table.Map.Via)
        {
            var named = columns.ToHashSet(StringComparer.OrdinalIgnoreCase);
            var matches = table
                .Live.ForeignKeys.Where(link =>
                    named.SetEquals(link.Columns) && byName.ContainsKey(link.ReferencedTable)
                )
                .ToList();
            if (matches.Count != 1)
            {
                Problem(
                    table,
                    $"\"via\" names ({string.Join(", ", columns)}), and {matches.Count} foreign keys to mapped tables have these columns",
                    $"Use one of: {Describe(table.Live.ForeignKeys)}."
                );
                return null;
            }
            chosen.Add(matches[0]);
        }
        return new(chosen, null, null);
    }

    private Step? ChooseFound(BoundTable table)
    {
        var candidates = Candidates(table).OrderBy(link => distances[link.ReferencedTable]).ToList();
        if (candidates.Count == 0)
        {
            Problem(
                table,
                $"no foreign key of '{table.Live.Name}' leads to the tenant table '{tenant!.Table}'",
                "Declare the missing link in \"references\", exclude the table, or say that it belongs to no customer with \"none\"."
            );
            return null;
        }
        var shortest = candidates[0];
        var isAlone = candidates.Count == 1;
        var isTied = !isAlone && distances[candidates[1].ReferencedTable] == distances[shortest.ReferencedTable];
        if (isTied || (!isAlone && !table.IsRequired(shortest)))
        {
            Problem(
                table,
                $"several foreign keys of '{table.Live.Name}' lead to the tenant table: {Describe(candidates)}",
                $"Name the one that makes a row the customer's, as in \"via\": \"{string.Join(", ", shortest.Columns)}\"; a list means any of them."
            );
            return null;
        }
        if (!table.IsRequired(shortest))
        {
            notes.Add($"{table.Live.Name}: rows whose {shortest} is null belong to no customer and are left alone.");
        }
        return new([shortest], null, null);
    }

    private Step? ChooseThrough(BoundTable table, string name)
    {
        if (!byName.TryGetValue(name, out var other))
        {
            Problem(
                table,
                $"\"unlinkThrough\" names '{name}', which is no mapped table",
                "Name the link table, or the shared table it belongs to."
            );
            return null;
        }
        var backwards = other.Live.ForeignKeys.Where(link => RefersTo(link, table)).ToList();
        var forwards = table.Live.ForeignKeys.Where(link => RefersTo(link, other)).ToList();
        if (backwards.Count + forwards.Count != 1)
        {
            Problem(
                table,
                $"{backwards.Count + forwards.Count} foreign keys connect '{table.Live.Name}' and '{other.Live.Name}'",
                "Exactly one must: choose another table, or another rule."
            );
            return null;
        }
        return backwards.Count == 1 ? new([], other, backwards[0]) : new(forwards, null, null);
    }

    private static bool RefersTo(ForeignKey link, BoundTable table) =>
        string.Equals(link.ReferencedTable, table.Live.Name, StringComparison.OrdinalIgnoreCase);

    /// <summary>An excluded table with a way to the tenant would keep customers' rows out of both export and erasure.</summary>
    private void RefuseReachingExclusions()
    {
        foreach (var table in catalogue.Tables.Where(table => !table.IsView && !byName.ContainsKey(table.Name)))
        {
            if (table.ForeignKeys.FirstOrDefault(link => distances.ContainsKey(link.ReferencedTable)) is { } link)
            {
                problems.Add(
                    new(
                        system.Place,
                        table.Name,
                        $"'{table.Name}' is excluded, but its foreign key {link} leads to customers' rows",
                        "Make it a dataset; with \"notExported\" it is erased and not exported."
                    )
                );
            }
        }
    }

    /// <summary>Named ways may lead in a circle, which never arrives.</summary>
    private void RefuseLoops()
    {
        foreach (var table in tables.Where(table => steps.ContainsKey(table.Live.Name)))
        {
            if (!Arrives(table, []))
            {
                Problem(
                    table,
                    "the way named by \"via\" never arrives at the tenant table",
                    "Name a foreign key that leads there."
                );
            }
        }
    }

    private bool Arrives(BoundTable table, HashSet<string> seen)
    {
        if (IsTenant(table.Live.Name))
        {
            return true;
        }
        if (!steps.TryGetValue(table.Live.Name, out var step) || !seen.Add(table.Live.Name))
        {
            return false;
        }
        var arrives = step.Through is { } through
            ? Arrives(through, seen)
            : step.Links.All(link => Arrives(byName[link.ReferencedTable], seen));
        seen.Remove(table.Live.Name);
        return arrives;
    }

    private string Where(BoundTable table, string alias, int depth)
    {
        if (IsTenant(table.Live.Name))
        {
            return $"{alias}.{dialect.Quote(table.Live.Find(tenant!.Column)!.Name)} = @tenant";
        }
        if (!steps.TryGetValue(table.Live.Name, out var step))
        {
            return "1 = 1";
        }
        if (step.Through is { } through)
        {
            return In(alias, step.ThroughLink!.ReferencedColumns, through, step.ThroughLink.Columns, depth);
        }
        var ways = step.Links.Select(link => Way(link, alias, depth));
        return step.Links.Count == 1 ? ways.Single() : $"({string.Join(" OR ", ways)})";
    }

    private string Way(ForeignKey link, string alias, int depth) =>
        IsTenantKey(link)
            ? $"{alias}.{dialect.Quote(link.Columns[0])} = @tenant"
            : In(alias, link.Columns, byName[link.ReferencedTable], link.ReferencedColumns, depth);

    /// <summary>A reference to the tenant column itself needs no look at the tenant table, and is found also when that row is gone.</summary>
    private bool IsTenantKey(ForeignKey link) =>
        IsTenant(link.ReferencedTable)
        && link.ReferencedColumns.Count == 1
        && string.Equals(link.ReferencedColumns[0], tenant!.Column, StringComparison.OrdinalIgnoreCase);

    private string In(
        string alias,
        IReadOnlyList<string> outer,
        BoundTable target,
        IReadOnlyList<string> inner,
        int depth
    )
    {
        var next = $"t{depth}";
        var left = outer.Count == 1 ? dialect.Columns(outer, alias) : $"({dialect.Columns(outer, alias)})";
        var isOne =
            IsTenant(target.Live.Name)
            && target.Live.UniqueKeys.Any(key =>
                key.Count == 1 && string.Equals(key[0], tenant!.Column, StringComparison.OrdinalIgnoreCase)
            );
        return dialect.Among(
            left,
            $"SELECT {dialect.Columns(inner, next)} FROM {dialect.Table(target.Live.Name)} {next} WHERE {Where(target, next, depth + 1)}",
            isOne && outer.Count == 1
        );
    }

    private static string Describe(IEnumerable<ForeignKey> links) =>
        string.Join("; ", links.Select(link => link.ToString()));

    private void Problem(BoundTable table, string message, string mend) =>
        problems.Add(new(table.Map.Place, table.Map.Name, message, mend));
}
