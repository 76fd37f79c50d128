using System.Data.Common;

namespace Portability.Sources;

/// <summary>A type in use, with what it rests on.</summary>
/// <param name="Kind">As <c>pg_type.typtype</c>: b(ase), c(omposite), d(omain), e(num), r(ange), m(ultirange).</param>
/// <param name="Base">A domain's base type; 0 for others.</param>
/// <param name="Element">An array's element type; 0 for others.</param>
/// <param name="Sql">The type as SQL names it.</param>
/// <param name="BaseSql">A domain's base type as SQL names it, with its length and such.</param>
/// <param name="Labels">An enum's labels as SQL literals.</param>
/// <param name="Rules">A domain's checks, NOT NULL and default.</param>
/// <param name="Extension">The extension that made it, or null.</param>
internal sealed record PostgresType(
    uint Oid,
    string Schema,
    string Name,
    char Kind,
    uint Base,
    uint Element,
    string Sql,
    string? BaseSql,
    bool Required,
    string? Labels,
    string? Rules,
    string? Extension
);

/// <summary>The types that tables of a database use.</summary>
internal sealed class PostgresTypes(IReadOnlyDictionary<uint, PostgresType> types)
{
    private const string InUse = """
        WITH RECURSIVE used (oid) AS (
          SELECT DISTINCT a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped
              AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
          UNION
          SELECT v.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem)) v (oid) WHERE v.oid <> 0)
        SELECT t.oid, n.nspname::text, t.typname::text, t.typtype::text, t.typbasetype,
          CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END, format_type(t.oid, NULL),
          CASE WHEN t.typbasetype <> 0 THEN format_type(t.typbasetype, t.typtypmod) END, t.typnotnull,
          (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid),
          (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname) FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'
             AND NOT EXISTS (SELECT 1 FROM pg_depend p WHERE p.classid = 'pg_constraint'::regclass AND p.objid = k.oid AND p.refclassid = 'pg_proc'::regclass)),
          (SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
             WHERE d.classid = 'pg_type'::regclass AND d.objid = t.oid AND d.deptype = 'e')
        FROM used u JOIN pg_type t ON t.oid = u.oid JOIN pg_namespace n ON n.oid = t.typnamespace
        """;

    public static async Task<PostgresTypes> ReadAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = InUse;
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var types = new Dictionary<uint, PostgresType>();
        while (await row.ReadAsync(cancellationToken))
        {
            var type = new PostgresType(
                PostgresCatalogue.Oid(row, 0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3)[0],
                PostgresCatalogue.Oid(row, 4),
                PostgresCatalogue.Oid(row, 5),
                row.GetString(6),
                PostgresCatalogue.Text(row, 7),
                row.GetBoolean(8),
                PostgresCatalogue.Text(row, 9),
                PostgresCatalogue.Text(row, 10),
                PostgresCatalogue.Text(row, 11)
            );
            types[type.Oid] = type;
        }
        return new(types);
    }

    /// <summary>What the values of a type mean. Domains mean what their base type means; all that has no meaning here is text.</summary>
    public ColumnKind KindOf(uint oid)
    {
        var type = BaseOf(oid);
        return type is not { Schema: "pg_catalog" }
            ? ColumnKind.Text
            : type.Name switch
            {
                "bool" => ColumnKind.Boolean,
                "int2" or "int4" or "int8" or "oid" => ColumnKind.Integer,
                "numeric" or "money" => ColumnKind.Decimal,
                "float4" or "float8" => ColumnKind.Real,
                "date" => ColumnKind.Date,
                "timestamp" or "timestamptz" => ColumnKind.DateTime,
                "bytea" => ColumnKind.Blob,
                "json" or "jsonb" => ColumnKind.Json,
                "uuid" => ColumnKind.Guid,
                _ => ColumnKind.Text,
            };
    }

    /// <summary>The type that values are stored as: a domain's base type, or the declared one.</summary>
    public string StorageOf(uint oid, string declared)
    {
        var storage = declared;
        while (types.TryGetValue(oid, out var type) && type.Kind == 'd')
        {
            storage = type.BaseSql!;
            oid = type.Base;
        }
        return storage;
    }

    /// <summary>True when a domain along the way forbids null.</summary>
    public bool IsRequired(uint oid) =>
        types.TryGetValue(oid, out var type) && type.Kind == 'd' && (type.Required || IsRequired(type.Base));

    /// <summary>Statements that make a type in an empty database, what it rests on first; null when that takes more than enums and domains.</summary>
    public IReadOnlyList<string>? Define(uint oid)
    {
        if (!types.TryGetValue(oid, out var type))
        {
            return null;
        }
        if (type.Extension is { } extension)
        {
            return
            [
                $"CREATE SCHEMA IF NOT EXISTS {PostgresNames.Quote(type.Schema)}",
                $"CREATE EXTENSION IF NOT EXISTS {PostgresNames.Quote(extension)} SCHEMA {PostgresNames.Quote(type.Schema)}",
            ];
        }
        if (type.Element != 0)
        {
            return Define(type.Element);
        }
        if (type.Schema == "pg_catalog")
        {
            return [];
        }
        var schema = $"CREATE SCHEMA IF NOT EXISTS {PostgresNames.Quote(type.Schema)}";
        var name = PostgresNames.Qualify(type.Schema, type.Name);
        return type.Kind switch
        {
            'e' => [schema, $"CREATE TYPE {name} AS ENUM ({type.Labels})"],
            'd' when Define(type.Base) is { } under =>
            [
                schema,
                .. under,
                $"CREATE DOMAIN {name} AS {type.BaseSql}{(type.Required ? " NOT NULL" : "")}{(type.Rules is null ? "" : $" {type.Rules}")}",
            ],
            _ => null,
        };
    }

    private PostgresType? BaseOf(uint oid)
    {
        var type = types.GetValueOrDefault(oid);
        while (type is { Kind: 'd' })
        {
            type = types.GetValueOrDefault(type.Base);
        }
        return type;
    }
}
