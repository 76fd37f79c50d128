using Portability.Sources;

namespace Portability.DataMap;

/// <summary>Joins map and catalogue: every table classified, every name known, every row identifiable, every secret decided.</summary>
internal sealed class CatalogueBinding(
    TenantDataMap map,
    SqlSystem system,
    Catalogue live,
    List<DataMapProblem> problems,
    List<string> notes
)
{
    /// <summary>All live tables, with declared links added. Complete after <see cref="Bind"/>.</summary>
    public IReadOnlyList<TableInfo> Linked { get; private set; } = [];

    public IReadOnlyList<BoundTable> Bind()
    {
        var mapped = map.Tables.Where(table => table.System == system.Name).ToList();
        var excluded = map.Excluded.Where(item => item.System == system.Name).ToList();
        Linked = live.Tables.Select(table => Link(table, mapped.Find(entry => Same(entry.Table, table.Name)))).ToList();
        foreach (var table in live.Tables.Where(table => !table.IsView))
        {
            if (
                !mapped.Exists(entry => Same(entry.Table, table.Name))
                && !excluded.Exists(item => Same(item.Name, table.Name))
            )
            {
                problems.Add(
                    new(
                        system.Place,
                        table.Name,
                        $"the table '{table.Name}' of system '{system.Name}' is not classified",
                        $"Add {{ \"table\": \"{table.Name}\", \"category\": \"…\", \"erase\": \"…\" }} to \"datasets\", or to \"excluded\" with a reason."
                    )
                );
            }
        }
        foreach (var gone in excluded.Where(item => live.Find(item.Name) is null))
        {
            problems.Add(
                new(gone.Place, gone.Name, "the database has no such table", "Remove the entry or correct the name.")
            );
        }
        if (system.Tenant is TenantScope.Rows tenant && live.Find(tenant.Table)?.Find(tenant.Column) is null)
        {
            problems.Add(
                new(
                    system.Place,
                    "tenant",
                    $"the database has no column {tenant.Table}.{tenant.Column}",
                    "Correct \"tenant\": the table with one row a customer, and the column of the customer's id."
                )
            );
        }
        return mapped.Select(BindTable).OfType<BoundTable>().ToList();
    }

    private static bool Same(string left, string right) =>
        string.Equals(left, right, StringComparison.OrdinalIgnoreCase);

    private TableInfo Link(TableInfo table, TableDataset? entry)
    {
        var links = new List<ForeignKey>();
        foreach (var link in table.ForeignKeys)
        {
            if (live.Find(link.ReferencedTable) is null)
            {
                notes.Add(
                    $"{table.Name}: the foreign key {link} refers to a table that does not exist; it is left aside."
                );
                continue;
            }
            links.Add(link);
        }
        foreach (var declared in entry?.References ?? [])
        {
            var target = live.Find(declared.Table);
            if (
                target is null
                || declared.To.Any(column => target.Find(column) is null)
                || declared.Columns.Any(column => table.Find(column) is null)
            )
            {
                Problem(entry!, "a declared reference names an unknown table or column", "Correct \"references\".");
                continue;
            }
            links.Add(
                new(
                    declared.Columns.Select(column => table.Find(column)!.Name).ToList(),
                    target.Name,
                    declared.To.Select(column => target.Find(column)!.Name).ToList(),
                    "NO ACTION"
                )
                {
                    Enforced = false,
                }
            );
        }
        return table with { ForeignKeys = links };
    }

    private BoundTable? BindTable(TableDataset entry)
    {
        var table = Linked.FirstOrDefault(candidate => Same(candidate.Name, entry.Table));
        if (table is null || table.IsView)
        {
            Problem(
                entry,
                table is null
                    ? $"the database has no table '{entry.Table}'"
                    : $"'{entry.Table}' is a view and holds no rows of its own",
                table is null
                    ? "Remove the entry or correct the name."
                    : "Map the tables behind it and remove this entry."
            );
            return null;
        }
        var bound = new BoundTable(entry, table, KeyOf(entry, table));
        Columns(entry, table, "exclude", entry.ExcludedColumns.Keys);
        Columns(entry, table, "notSecret", entry.NotSecret);
        Columns(entry, table, "via", entry.Via.SelectMany(columns => columns));
        Secrets(entry, table);
        Masks(bound, "whenKept", entry.WhenKept);
        CheckRule(bound);
        if (table.Triggers.Count > 0)
        {
            notes.Add(
                $"{table.Name}: has triggers ({string.Join(", ", table.Triggers)}); what they write is outside the plan, verification recounts."
            );
        }
        return bound;
    }

    private void CheckRule(BoundTable bound)
    {
        var (entry, table) = (bound.Map, bound.Live);
        if (
            system.Tenant is TenantScope.Whole
            && (!bound.IsOwned && entry.Erase is not EraseRule.None || entry.Via.Count > 0)
        )
        {
            Problem(
                entry,
                $"the database of system '{system.Name}' is each customer's alone, so no row is shared and none needs a way to its customer",
                "Remove \"via\", and use \"delete\", \"retain\", \"anonymise\", \"tombstone\" or \"none\"."
            );
        }
        switch (entry.Erase)
        {
            case EraseRule.Retain { Anchor: { } anchor }:
                Columns(entry, table, "anchor", [anchor]);
                Anchor(entry, table, anchor);
                break;
            case EraseRule.Anonymise anonymise:
                Masks(bound, "anonymise", anonymise.Columns);
                break;
            case EraseRule.Tombstone tombstone:
                Columns(entry, table, "tombstone", tombstone.Keep);
                break;
            case EraseRule.Unlink unlink:
                Columns(entry, table, "unlink", unlink.Columns);
                foreach (var column in unlink.Columns.Where(column => table.Find(column) is { Nullable: false }))
                {
                    Problem(
                        entry,
                        $"'{column}' cannot be emptied: it is required",
                        "Unlink nullable columns only, or choose another rule."
                    );
                }
                break;
        }
    }

    /// <summary>
    /// A retention period is counted from a date: a column that can hold none would stop the erasure in its middle, when the rows are
    /// sealed.
    /// </summary>
    private void Anchor(TableDataset entry, TableInfo table, string anchor)
    {
        var isCounted =
            map.Retention.TryGetValue(((EraseRule.Retain)entry.Erase).Class, out var rule)
            && rule.From != RetentionStart.EffectiveEnd;
        if (
            isCounted
            && table.Find(anchor) is { } column
            && column.Kind is not (ColumnKind.Date or ColumnKind.DateTime or ColumnKind.Text or ColumnKind.Integer)
        )
        {
            Problem(
                entry,
                $"the anchor '{column.Name}' of '{table.Name}' is {column.DeclaredType}, which is no date",
                "Name a column with dates, ISO 8601 texts or Unix time."
            );
        }
    }

    private IReadOnlyList<string> KeyOf(TableDataset entry, TableInfo table)
    {
        if (entry.Key.Count == 0)
        {
            if (table.PrimaryKey.Count == 0 && entry.Erase is not EraseRule.None)
            {
                Problem(
                    entry,
                    $"'{table.Name}' has no primary key, so its rows cannot be sealed and counted again",
                    "Add a primary key, or name columns with a unique index: \"key\": \"…\"."
                );
            }
            return table.PrimaryKey;
        }
        Columns(entry, table, "key", entry.Key);
        if (!table.UniqueKeys.Any(unique => unique.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(entry.Key)))
        {
            Problem(
                entry,
                $"no unique index stands behind the key ({string.Join(", ", entry.Key)})",
                "Add one, or name other columns."
            );
        }
        foreach (var column in entry.Key.Where(column => table.Find(column) is { Nullable: true }))
        {
            Problem(
                entry,
                $"the key's column '{column}' of '{table.Name}' may be null, so rows could have no key",
                "Name required columns, or make it NOT NULL in the database."
            );
        }
        return entry.Key.Select(column => table.Find(column)?.Name ?? column).ToList();
    }

    private void Secrets(TableDataset entry, TableInfo table)
    {
        if (entry.NotExported is not null)
        {
            return;
        }
        var links = table.ForeignKeys.SelectMany(link => link.Columns).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var column in table.Columns)
        {
            var isDecided =
                entry.ExcludedColumns.ContainsKey(column.Name)
                || entry.NotSecret.Contains(column.Name, StringComparer.OrdinalIgnoreCase);
            if (!isDecided && !links.Contains(column.Name) && SecretNames.LooksSecret(column.Name))
            {
                Problem(
                    entry,
                    $"the column '{column.Name}' looks like a secret",
                    $"Leave it out, \"exclude\": {{ \"{column.Name}\": \"reason\" }}, or say that it is none, \"notSecret\": [\"{column.Name}\"]."
                );
            }
        }
    }

    private void Masks(BoundTable bound, string property, IReadOnlyDictionary<string, Mask> masks)
    {
        var (entry, table) = (bound.Map, bound.Live);
        Columns(entry, table, property, masks.Keys);
        var links = table.ForeignKeys.SelectMany(link => link.Columns).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, mask) in masks)
        {
            if (table.Find(name) is not { } column)
            {
                continue;
            }
            var isKey = bound.Key.Contains(name, StringComparer.OrdinalIgnoreCase);
            var isAloneUnique = table.UniqueKeys.Any(unique => unique.Count == 1 && Same(unique[0], name));
            var fault =
                isKey ? "is part of the key"
                : column.Generated ? "is computed by the database"
                : mask is Mask.Null && !column.Nullable ? "is required and cannot become null"
                : mask is not Mask.Null && links.Contains(name) ? "is a reference, which only \"null\" can take away"
                : mask is not Mask.Null && column.Kind is not ColumnKind.Text
                    ? "is no text, so it cannot hold a hash or fixed text"
                : mask is Mask.Fixed && isAloneUnique
                    ? "is unique, so it cannot become the same text in several rows (use \"hash\")"
                : null;
            if (fault is not null)
            {
                Problem(entry, $"'{name}' in \"{property}\" {fault}", "Choose another mask or leave the column out.");
            }
        }
    }

    private void Columns(TableDataset entry, TableInfo table, string property, IEnumerable<string> names)
    {
        foreach (var unknown in names.Where(name => table.Find(name) is null))
        {
            Problem(
                entry,
                $"\"{property}\" names the column '{unknown}', which '{table.Name}' does not have",
                "Correct the name."
            );
        }
    }

    private void Problem(TableDataset entry, string message, string mend) =>
        problems.Add(new(entry.Place, entry.Name, message, mend));
}
