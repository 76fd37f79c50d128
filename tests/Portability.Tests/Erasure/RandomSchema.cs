using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Portability.Tests.Erasure;

/// <summary>
/// A random database of two tenants: tables in a chain of random foreign keys, single and composite, nullable and required, with
/// references to themselves, in cycles, and across tenants.
/// </summary>
internal sealed class RandomSchema
{
    private readonly Random random;
    private readonly StringBuilder script = new();
    private readonly StringBuilder map = new();
    private readonly List<RandomTable> tables = [];

    private RandomSchema(int seed, bool crossesTenants)
    {
        Seed = seed;
        random = new(seed);
        Build(crossesTenants);
    }

    public int Seed { get; }

    public string Script => script.ToString();

    public string Map => map.ToString();

    public IReadOnlyList<RandomTable> Tables => tables;

    /// <param name="Name">Table name.</param>
    /// <param name="Parent">Its owner table, or null for the tenant's own children.</param>
    /// <param name="IsComposite">Key of (org, no) instead of id.</param>
    internal sealed record RandomTable(string Name, RandomTable? Parent, bool IsComposite);

    public static Arbitrary<int> Seeds => ArbMap.Default.ArbFor<int>();

    public static RandomSchema Of(int seed) => new(seed, crossesTenants: (seed & 1) == 1);

    public override string ToString() => $"seed {Seed.ToString(CultureInfo.InvariantCulture)}\n{Script}\n{Map}";

    private void Build(bool crossesTenants)
    {
        script.Append(
            "CREATE TABLE orgs (id INTEGER PRIMARY KEY, note TEXT);\nINSERT INTO orgs VALUES (1, 'a'), (2, 'b');\n"
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
        map.Append(
            CultureInfo.InvariantCulture,
            $$"""
            { {{DataMap.MapFile.Systems}} "datasets": [ {{datasets}} ] }
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
            "d DATE",
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

        var rule = random.Next(4) switch
        {
            0 => "{ \"retain\": \"books\", \"anchor\": \"d\" }",
            1 when random.Next(2) == 0 => "{ \"anonymise\": { \"v\": \"hash\" } }",
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

    /// <summary>Ten rows a tenant, numbers of the two interleaved; row n refers to rows that are there already.</summary>
    private void AddRows(RandomTable table, bool isSelfReferring, RandomTable? side, bool crossesTenants)
    {
        for (var i = 0; i < 20; i++)
        {
            var org = (i % 2) + 1;
            var same = (i % 2) + (2 * random.Next(10));
            var values = new List<string>
            {
                $"{org}",
                $"{i}",
                $"'v{i}'",
                $"'{(random.Next(2) == 0 ? 2010 : 2026)}-0{random.Next(1, 9)}-11'",
            };
            values.Add(table.Parent is null ? "NULL" : $"{same}");
            if (isSelfReferring)
            {
                var earlier = i >= 2 ? (i % 2) + (2 * random.Next(i / 2)) : i;
                values.Add(random.Next(3) == 0 ? "NULL" : $"{earlier}");
            }
            if (side is not null)
            {
                // A composite key carries the tenant; only single keys can cross over.
                values.Add(
                    crossesTenants && !side.IsComposite ? $"{random.Next(20)}" : $"{(i % 2) + (2 * random.Next(10))}"
                );
            }
            script.Append(
                CultureInfo.InvariantCulture,
                $"INSERT INTO {table.Name} VALUES ({string.Join(", ", values)});\n"
            );
        }
    }
}
