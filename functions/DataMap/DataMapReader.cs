using System.Text.Json;
using NodaTime.Text;
using Portability.DataMap.OneRoster;

namespace Portability.DataMap;

/// <summary>Turns <c>datamap.json</c> into a <see cref="TenantDataMap"/>, collecting every problem before it gives up.</summary>
internal sealed class DataMapReader
{
    private readonly List<DataMapProblem> problems = [];
    private readonly DatasetReader datasets;
    private readonly string file;

    private DataMapReader(string file)
    {
        this.file = file;
        datasets = new(problems);
    }

    /// <summary>Throws <see cref="DataMapException"/> for anything wrong, a missing file included.</summary>
    public static TenantDataMap Read(string path)
    {
        var (root, hash) = MapFiles.Read(path);
        return new DataMapReader(Path.GetFileName(path)).Read(root) with { Sha256 = hash };
    }

    private TenantDataMap Read(MapNode root)
    {
        var top = new MapObject(root, "data map", problems);
        var systems = top.List("systems").Select(ReadSystem).OfType<MappedSystem>().ToList();
        datasets.Systems = systems;
        var entries = top.List("datasets").Select(datasets.ReadDataset).ToList();
        var map = new TenantDataMap
        {
            File = file,
            Sha256 = "",
            Systems = systems,
            Categories = top.TextMap("categories"),
            Retention = top.Entries("retention")
                .ToDictionary(entry => entry.Name, ReadRetention, StringComparer.OrdinalIgnoreCase),
            Tables = entries.OfType<TableDataset>().ToList(),
            Blobs = entries.OfType<BlobDataset>().ToList(),
            Documents = top.List("documents").Select(datasets.ReadDocument).ToList(),
            Templates = top.List("templates").Select(new TemplateReader(datasets, problems).ReadTemplate).ToList(),
            OneRoster = top.Node("oneRoster") is { } roster ? new RosterReader(datasets, problems).Read(roster) : null,
            Excluded = top.List("excluded").Select(ReadExcluded).ToList(),
            Backups = top.List("backups").Select(ReadBackup).ToList(),
            Access = top.List("access").Select(ReadAccess).ToList(),
        };
        top.RefuseOthers();
        if (systems.Count == 0)
        {
            top.Problem(root.Place, "names no system", "Add at least one entry to \"systems\".");
        }
        new MapConsistency(map, problems).Check();
        return problems.Count == 0 ? map : throw new DataMapException(DataMapException.InOrder(problems));
    }

    private MappedSystem? ReadSystem(MapNode node)
    {
        var entry = new MapObject(node, "system", problems);
        var name = entry.Required("name");
        if (name.Length > 0 && !IsSystemName(name))
        {
            entry.Problem(
                entry.Place,
                $"the name '{name}' cannot be used in paths",
                "Use lower-case letters, digits and hyphens."
            );
        }
        MappedSystem? system = null;
        switch (entry.OneOf("kind", "sql", "blob", "processor"))
        {
            case "sql":
                var provider = entry.OneOf("provider", "sqlite", "postgres", "postgresql");
                var connection = Connection(entry);
                var scope = ReadTenant(entry, node, connection);
                system = new SqlSystem(name, provider, connection, scope, node.Place)
                {
                    Schema = ReadSchema(entry, provider, scope),
                };
                break;
            case "blob":
                system = new BlobSystem(name, Connection(entry), entry.Required("container"), node.Place);
                break;
            case "processor":
                system = new ProcessorSystem(name, entry.Optional("title") ?? name, node.Place);
                break;
            default:
                return null;
        }
        entry.RefuseOthers();
        return system;
    }

    private static string? ReadSchema(MapObject entry, string provider, TenantScope scope)
    {
        var schema = entry.Optional("schema");
        if (schema is not null && (provider == "sqlite" || scope is not TenantScope.Whole))
        {
            entry.Problem(
                entry.Node("schema")!.Place,
                "'schema' is for PostgreSQL databases in which each customer has a schema of its own",
                "Remove it, or write \"tenant\": { \"whole\": true }."
            );
        }
        return schema;
    }

    private TenantScope ReadTenant(MapObject entry, MapNode node, string connection)
    {
        var tenant = new MapObject(entry.Node("tenant") ?? node, "tenant", problems);
        TenantScope scope;
        if (tenant.Has("whole"))
        {
            if (tenant.Node("whole")!.Kind != JsonValueKind.True)
            {
                tenant.Problem(
                    tenant.Place,
                    "'whole' can only be true",
                    "Write \"whole\": true where each customer has a database of its own; else name \"table\" and \"column\"."
                );
            }
            scope = new TenantScope.Whole();
        }
        else
        {
            scope = new TenantScope.Rows(tenant.Required("table"), tenant.Required("column"));
            if (connection.Contains(SqlSystem.Placeholder, StringComparison.Ordinal))
            {
                tenant.Problem(
                    tenant.Place,
                    "the connection differs by customer, but customers are told apart by a tenant table",
                    "Write \"tenant\": { \"whole\": true } where each customer has a database of its own."
                );
            }
        }
        if (entry.Has("tenant"))
        {
            tenant.RefuseOthers();
        }
        return scope;
    }

    private static string Connection(MapObject entry)
    {
        var connection = entry.Required("connection");
        if (connection.Contains('=', StringComparison.Ordinal))
        {
            entry.Problem(
                entry.Place,
                "'connection' holds a connection string",
                "Put the string into a setting and write the setting's name here: a map is no place for secrets."
            );
        }
        return connection;
    }

    private RetentionClass ReadRetention((string Name, MapNode Value) entry)
    {
        var rule = new MapObject(entry.Value, entry.Name, problems);
        var text = rule.Required("period");
        var parsed = PeriodPattern.NormalizingIso.Parse(text.Length == 0 ? "P0D" : text);
        if (!parsed.Success || parsed.Value.HasTimeComponent)
        {
            rule.Problem(
                rule.Place,
                $"'period' is '{text}'",
                "Write an ISO 8601 calendar period such as P7Y, P18M or P90D."
            );
        }
        var start = rule.OneOf("from", "rowDate", "fiscalYearEnd", "effectiveEnd") switch
        {
            "fiscalYearEnd" => RetentionStart.FiscalYearEnd,
            "effectiveEnd" => RetentionStart.EffectiveEnd,
            _ => RetentionStart.RowDate,
        };
        var yearEnd = AnnualDatePattern.Iso.Parse(rule.Optional("fiscalYearEnds") ?? "12-31");
        if (!yearEnd.Success)
        {
            rule.Problem(rule.Place, "'fiscalYearEnds' is no day of the year", "Write month and day as in 12-31.");
        }
        var basis = rule.Required("legalBasis");
        rule.RefuseOthers();
        var period = parsed.Success ? parsed.Value : NodaTime.Period.Zero;
        return new(entry.Name, period, start, yearEnd.Success ? yearEnd.Value : new(12, 31), basis);
    }

    private ExcludedItem ReadExcluded(MapNode node)
    {
        var entry = new MapObject(node, "excluded", problems);
        var isTable = entry.Has("table");
        var item = new ExcludedItem(
            isTable ? datasets.SystemOf<SqlSystem>(entry) : datasets.SystemOf<BlobSystem>(entry),
            isTable ? entry.Required("table") : entry.Required("prefix"),
            entry.Required("reason"),
            node.Place
        );
        entry.RefuseOthers();
        return item;
    }

    private BackupClass ReadBackup(MapNode node)
    {
        var entry = new MapObject(node, "backup", problems);
        var backup = new BackupClass(entry.Required("class"), entry.Number("keepsDays"), entry.Texts("systems"));
        entry.RefuseOthers();
        return backup;
    }

    private AccessStatements ReadAccess(MapNode node)
    {
        var entry = new MapObject(node, "access", problems);
        var access = new AccessStatements(
            datasets.SystemOf<SqlSystem>(entry),
            entry.Texts("freeze"),
            entry.Texts("restore"),
            entry.Texts("close")
        );
        var isAlone = datasets
            .Systems.OfType<SqlSystem>()
            .Any(system => system.Name == access.System && system.Tenant is TenantScope.Whole);
        foreach (var statement in access.Freeze.Concat(access.Restore).Concat(access.Close))
        {
            if (!isAlone && !statement.Contains("@tenant", StringComparison.Ordinal))
            {
                entry.Problem(
                    entry.Place,
                    $"the statement '{statement}' does not name @tenant",
                    "Limit it to one customer with @tenant."
                );
            }
        }
        entry.RefuseOthers();
        return access;
    }

    /// <summary>A name that can be part of a path: small letters, digits and hyphens, a letter first.</summary>
    private static bool IsSystemName(string name) =>
        char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
