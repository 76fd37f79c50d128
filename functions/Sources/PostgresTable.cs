using System.Globalization;

namespace Portability.Sources;

/// <summary>One PostgreSQL table put together from the catalogue's rows.</summary>
internal sealed record PostgresTable(
    PostgresRelation Relation,
    IReadOnlyList<PostgresAttribute> Attributes,
    IReadOnlyList<PostgresConstraint> Constraints,
    IReadOnlyList<PostgresIndex> Indexes,
    IReadOnlyList<string> Triggers
)
{
    public TableInfo Describe(IReadOnlyDictionary<uint, string> names, PostgresTypes types)
    {
        var key = Constraints.FirstOrDefault(constraint => constraint.Kind == 'p')?.Columns ?? [];
        var script = Relation.IsView ? null : Script(types);
        return new(
            Relation.Name,
            Attributes
                .Select(attribute => new ColumnInfo(
                    attribute.Name,
                    attribute.Declared,
                    types.KindOf(attribute.Type),
                    !attribute.Required && !types.IsRequired(attribute.Type),
                    attribute.Generated
                )
                {
                    StorageType = types.StorageOf(attribute.Type, attribute.Declared),
                })
                .ToList(),
            key,
            Constraints
                .Where(constraint => constraint.Kind == 'f' && names.ContainsKey(constraint.ReferencedTable))
                .Select(constraint => new ForeignKey(
                    constraint.Columns,
                    names[constraint.ReferencedTable],
                    constraint.ReferencedColumns,
                    ActionOf(constraint.OnDelete)
                )
                {
                    Definition = $"CONSTRAINT {PostgresNames.Quote(constraint.Name)} {constraint.Definition}",
                })
                .ToList(),
            Relation.IsView,
            script is null
                ? $"CREATE {(Relation.Kind == 'm' ? "MATERIALIZED VIEW" : "VIEW")} {Relation.Qualified} AS {Relation.ViewText}"
                : Definition(script)
        )
        {
            UniqueKeys = Indexes.Where(index => index.IsUnique).Select(index => index.Columns).ToList(),
            Companions = Indexes
                .Where(index => !index.OfConstraint && !index.NeedsMore)
                .Select(index => index.Definition.Replace(" ON ONLY ", " ON ", StringComparison.Ordinal))
                .ToList(),
            Triggers = Triggers,
            Script = script,
        };
    }

    private TableScript Script(PostgresTypes types)
    {
        var remarks = new List<string>();
        var before = new List<string> { $"CREATE SCHEMA IF NOT EXISTS {PostgresNames.Quote(Relation.Schema)}" };
        if (Relation.PartitionedBy is { } by)
        {
            remarks.Add($"partitioned in the source by {by}");
        }
        if (Relation.Kind == 'f')
        {
            remarks.Add("a foreign table in the source");
        }
        var columns = Attributes.Select(attribute => Column(attribute, types, before, remarks)).ToList();
        foreach (var unfit in Constraints.Where(constraint => constraint.Kind != 'f' && !Comes(constraint)))
        {
            remarks.Add($"constraint left out: {unfit.Name} {unfit.Definition}");
        }
        foreach (var index in Indexes.Where(index => !index.OfConstraint && index.NeedsMore))
        {
            remarks.Add($"index left out: {index.Definition}");
        }
        return new(
            before.Distinct(StringComparer.Ordinal).ToList(),
            columns,
            Constraints
                .Where(constraint => constraint.Kind != 'f' && Comes(constraint))
                .OrderBy(constraint => constraint.Kind != 'p')
                .Select(constraint => new ConstraintScript(
                    constraint.Columns,
                    $"CONSTRAINT {PostgresNames.Quote(constraint.Name)} {constraint.Definition}"
                ))
                .ToList(),
            Attributes.Select(Position).OfType<ColumnScript>().ToList(),
            remarks
        );
    }

    // An exclusion constraint mostly needs an extension's operators.
    private static bool Comes(PostgresConstraint constraint) => constraint.Kind != 'x' && !constraint.UsesFunctions;

    private static ColumnScript Column(
        PostgresAttribute attribute,
        PostgresTypes types,
        List<string> before,
        List<string> remarks
    )
    {
        var type = attribute.Declared;
        if (types.Define(attribute.Type) is { } needed)
        {
            before.AddRange(needed);
        }
        else
        {
            remarks.Add($"type of {attribute.Name} left out: {type}; its values are kept as text");
            type = "text";
        }
        var sql = $"{PostgresNames.Quote(attribute.Name)} {type}";
        if (attribute.Collation is { } collation)
        {
            sql += $" COLLATE pg_catalog.{PostgresNames.Quote(collation)}";
        }
        if (attribute.Identity is not null)
        {
            // Rows bring their values along; a column that takes none but its own is made so after them.
            sql += " GENERATED BY DEFAULT AS IDENTITY";
        }
        else if (attribute.Default is { } value)
        {
            if (attribute.UsesFunctions)
            {
                remarks.Add(
                    $"{(attribute.Generated ? "computation" : "default")} of {attribute.Name} left out: {value}"
                );
            }
            else
            {
                if (attribute.Sequence is { } sequence)
                {
                    before.Add(
                        $"CREATE SCHEMA IF NOT EXISTS {sequence[..sequence.IndexOf('.', StringComparison.Ordinal)]}"
                    );
                    before.Add($"CREATE SEQUENCE IF NOT EXISTS {sequence}");
                }
                sql += attribute.Generated ? $" GENERATED ALWAYS AS ({value}) STORED" : $" DEFAULT {value}";
            }
        }
        return new(attribute.Name, attribute.Required ? sql + " NOT NULL" : sql);
    }

    /// <summary>Sets the sequence behind a column past the rows that were loaded.</summary>
    private ColumnScript? Position(PostgresAttribute attribute)
    {
        var column = PostgresNames.Quote(attribute.Name);
        var sequence =
            attribute.Identity is not null
                ? $"pg_get_serial_sequence({Literal(Relation.Qualified)}, {Literal(attribute.Name)})"
            : attribute is { Sequence: { } name, UsesFunctions: false } ? Literal(name)
            : null;
        if (sequence is null)
        {
            return null;
        }
        var sql = $"SELECT setval({sequence}, max({column})) FROM {Relation.Qualified} HAVING max({column}) > 0";
        return new(
            attribute.Name,
            attribute.Identity == 'a'
                ? $"{sql};\nALTER TABLE {Relation.Qualified} ALTER COLUMN {column} SET GENERATED ALWAYS"
                : sql
        );
    }

    private string Definition(TableScript script)
    {
        var lines = script
            .Columns.Select(column => column.Sql)
            .Concat(script.Constraints.Select(constraint => constraint.Sql));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"CREATE TABLE {Relation.Qualified} (\n  {string.Join(",\n  ", lines)}\n)"
        );
    }

    private static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string ActionOf(char action) =>
        action switch
        {
            'r' => "RESTRICT",
            'c' => "CASCADE",
            'n' => "SET NULL",
            'd' => "SET DEFAULT",
            _ => "NO ACTION",
        };
}
