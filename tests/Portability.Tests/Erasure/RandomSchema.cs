using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Portability.Tests.Erasure;

/// <summary>
/// A random database of three tenants: tables in a chain of random foreign keys, single and composite, nullable and required, with
/// references to themselves, in cycles, and across tenants; soft-deleted rows, rows without a date, and a table that the map excludes.
/// </summary>
internal sealed class RandomSchema
{
    private const int PerTenant = 8;
    private readonly Random random;
    private readonly StringBuilder script = new();
    private readonly StringBuilder map = new();
    private readonly List<RandomTable> tables = [];

    private RandomSchema(int seed, bool crossesTenants, string provider)
    {
        Seed = seed;
        Provider = provider;
        random = new(seed);
        Build(crossesTenants);
    }

    public int Seed { get; }

    public string Provider { get; }

    public string Script => script.ToString();

    public string Map => map.ToString();

    public IReadOnlyList<RandomTable> Tables => tables;

    /// <param name="Name">Table name.</param>
    /// <param name="Parent">Its owner table, or null for the tenant's own children.</param>
    /// <param name="IsComposite">Key of (org, no) instead of id.</param>
    internal sealed record RandomTable(string Name, RandomTable? Parent, bool IsComposite)
    {
        public RandomRule Rule { get; set; }
    }

    /// <summary>What the map says of a table.</summary>
    internal enum RandomRule
    {
        Delete,
        Anonymise,

        /// <summary>Seven years from the end of the fiscal year.</summary>
        RetainBooks,

        /// <summary>One year from the row's own date.</summary>
        RetainYear,
    }

    /// <summary>Their ids count from 1, which is the one that leaves.</summary>
    public const int Tenants = 3;

    // Columns of every table, by their place.
    public const int Value = 2;
    public const int Mail = 3;
    public const int Date = 4;
    public const int Gone = 5;

    public static Arbitrary<int> Seeds => ArbMap.Default.ArbFor<int>();

    public static RandomSchema Of(int seed, string provider = "sqlite") =>
        new(seed, crossesTenants: (seed & 1) == 1, provider);

    public override string ToString() => $"seed {Seed.ToString(CultureInfo.InvariantCulture)}\n{Script}\n{Map}";

    private void Build(bool crossesTenants)
    {
        script.Append(
            """
            CREATE TABLE orgs (id INTEGER PRIMARY KEY, note TEXT);
            INSERT INTO orgs VALUES (1, 'a'), (2, 'b'), (3, 'c');
            CREATE TABLE audit (no INTEGER PRIMARY KEY, line TEXT);
            INSERT INTO audit VALUES (1, 'started'), (2, 'mail to m4@t0.2.example bounced');

            """
        );
        var datasets = new StringBuilder("{ \"table\": \"orgs\", \"category\": \"data\", \"erase\": \"delete\" }");
        var count = random.Next(2, 7);
        for (var i = 0; i < count; i++)
        {
            var parent = tables.Count > 0 && random.Next(3) > 0 ? tables[random.Next(tables.Count)] : null;
            var table = new RandomTable($"t{i}", parent, random.Next(3) == 0);
            AddTable(table, datasets, crossesTenants);
            tables.Add(table);
        }
        AddBackReferences();
        map.Append(
            CultureInfo.InvariantCulture,
            $$"""
            {
            "systems": [{ "name": "lms", "kind": "sql", "provider": "{{Provider}}", "connection": "Lms", "tenant": { "table": "orgs", "column": "id" } }],
            "categories": { "data": "Data" },
            "retention": {
              "books": { "period": "P7Y", "from": "fiscalYearEnd", "legalBasis": "The bookkeeping act" },
              "year": { "period": "P1Y", "from": "rowDate", "legalBasis": "The agreement" }
            },
            "datasets": [ {{datasets}} ],
            "excluded": [{ "system": "lms", "table": "audit", "reason": "ours" }]
            }
            """
        );
    }

    private void AddTable(RandomTable table, StringBuilder datasets, bool crossesTenants)
    {
        var isSelfReferring = random.Next(2) == 0;
        var side = tables.Count > 0 && random.Next(2) == 0 ? tables[random.Next(tables.Count)] : null;
        var action = new[] { "", " ON DELETE CASCADE", " ON DELETE SET NULL" }[random.Next(3)];
        var isRequiredSide = side is not null && action != " ON DELETE SET NULL" && random.Next(3) == 0;
        // Composite keys carry the tenant, as sharded schemas do: (org, no).
        var columns = new List<string>
        {
            table.IsComposite ? "org INTEGER NOT NULL" : "org INTEGER",
            "no INTEGER NOT NULL",
            "v TEXT",
            "mail TEXT",
            "d DATE",
            "gone TEXT",
        };
        var constraints = new List<string> { table.IsComposite ? "PRIMARY KEY (org, no)" : "PRIMARY KEY (no)" };
        columns.Add("up INTEGER");
        if (table.Parent is null)
        {
            columns[0] = "org INTEGER NOT NULL REFERENCES orgs";
        }
        else
        {
            columns[0] = "org INTEGER NOT NULL";
            columns[^1] = "up INTEGER NOT NULL";
            constraints.Add(Reference(table.Parent, "up", ""));
        }
        if (isSelfReferring)
        {
            columns.Add("self INTEGER");
            constraints.Add(Reference(table, "self", random.Next(2) == 0 ? " ON DELETE CASCADE" : ""));
        }
        if (side is not null)
        {
            columns.Add($"side INTEGER{(isRequiredSide ? " NOT NULL" : "")}");
            constraints.Add(Reference(side, "side", action == " ON DELETE SET NULL" && side.IsComposite ? "" : action));
        }
        script.Append(
            CultureInfo.InvariantCulture,
            $"CREATE TABLE {table.Name} ({string.Join(", ", columns.Concat(constraints))});\n"
        );
        AddRows(table, isSelfReferring, side, crossesTenants);

        table.Rule = random.Next(8) switch
        {
            0 => RandomRule.RetainBooks,
            1 => RandomRule.RetainYear,
            2 => RandomRule.Anonymise,
            _ => RandomRule.Delete,
        };
        var rule = table.Rule switch
        {
            RandomRule.RetainBooks => "{ \"retain\": \"books\", \"anchor\": \"d\" }",
            RandomRule.RetainYear => "{ \"retain\": \"year\", \"anchor\": \"d\" }",
            RandomRule.Anonymise => "{ \"anonymise\": { \"v\": \"hash\", \"mail\": \"null\" } }",
            _ => "\"delete\"",
        };
        var via =
            table.Parent is null ? "org"
            : table.Parent.IsComposite ? "org, up"
            : "up";
        datasets.Append(
            CultureInfo.InvariantCulture,
            $", {{ \"table\": \"{table.Name}\", \"category\": \"data\", \"erase\": {rule}, \"via\": \"{via}\" }}"
        );
    }

    private static string Reference(RandomTable to, string column, string action) =>
        to.IsComposite
            ? $"FOREIGN KEY (org, {column}) REFERENCES {to.Name} (org, no){action}"
            : $"FOREIGN KEY ({column}) REFERENCES {to.Name} (no){action}";

    /// <summary>A table may refer to one that was made after it: a circle, where that one leads back to it.</summary>
    private void AddBackReferences()
    {
        for (var i = 0; i + 1 < tables.Count; i++)
        {
            var to = tables[random.Next(i + 1, tables.Count)];
            if (random.Next(2) == 0 || to.IsComposite)
            {
                continue;
            }
            var action = new[] { "", " ON DELETE CASCADE", " ON DELETE SET NULL" }[random.Next(3)];
            script.Append(
                CultureInfo.InvariantCulture,
                $"ALTER TABLE {tables[i].Name} ADD COLUMN back INTEGER REFERENCES {to.Name} (no){action};\n"
            );
            for (var row = 0; row < Tenants * PerTenant; row++)
            {
                if (random.Next(2) == 0)
                {
                    script.Append(
                        CultureInfo.InvariantCulture,
                        $"UPDATE {tables[i].Name} SET back = {OfTenant(row)} WHERE no = {row};\n"
                    );
                }
            }
        }
    }

    /// <summary>The number of any row of the same tenant.</summary>
    private int OfTenant(int row) => (row % Tenants) + (Tenants * random.Next(PerTenant));

    /// <summary>A few rows a tenant, numbers of the tenants interleaved; row n refers to rows that are there already.</summary>
    private void AddRows(RandomTable table, bool isSelfReferring, RandomTable? side, bool crossesTenants)
    {
        for (var i = 0; i < Tenants * PerTenant; i++)
        {
            var org = (i % Tenants) + 1;
            var values = new List<string>
            {
                $"{org}",
                $"{i}",
                $"'v{i}'",
                $"'m{i}@{table.Name}.{org}.example'",
                random.Next(6) == 0
                    ? "NULL"
                    : $"'{(random.Next(2) == 0 ? 2010 : 2026)}-{(random.Next(2) == 0 ? "02" : "11")}-11'",
                random.Next(4) == 0 ? "'2026-01-01'" : "NULL",
                table.Parent is null ? "NULL" : $"{OfTenant(i)}",
            };
            if (isSelfReferring)
            {
                var earlier = i >= Tenants ? (i % Tenants) + (Tenants * random.Next(i / Tenants)) : i;
                values.Add(random.Next(3) == 0 ? "NULL" : $"{earlier}");
            }
            if (side is not null)
            {
                // A composite key carries the tenant; only single keys can cross over.
                values.Add(
                    crossesTenants && !side.IsComposite ? $"{random.Next(Tenants * PerTenant)}" : $"{OfTenant(i)}"
                );
            }
            script.Append(
                CultureInfo.InvariantCulture,
                $"INSERT INTO {table.Name} VALUES ({string.Join(", ", values)});\n"
            );
        }
    }
}
