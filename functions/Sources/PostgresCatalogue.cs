using System.Data.Common;
using System.Text.Json;

namespace Portability.Sources;

/// <summary>
/// Reads a PostgreSQL catalogue. All schemas but the engine's own are read; what extensions made is left out. A partitioned table is one
/// table, and so is one whose children only repeat its columns. Values mean what their type says, domains what their base type says;
/// types without a meaning of their own here (intervals, arrays, ranges, enums, addresses …) are text in PostgreSQL's notation.
/// </summary>
/// <param name="connection">With an empty search path, so that the server spells every name with its schema.</param>
/// <param name="only">The one schema that is read; null for all.</param>
internal sealed class PostgresCatalogue(DbConnection connection, string? only = null)
{
    // Temporary tables and other sessions' are nobody's data; TOAST tables go with their owners.
    private const string Tables = """
        WITH t AS (
          SELECT c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition AND c.relpersistence <> 't'
            AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
            AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
        """;

    private const string Relations =
        Tables
        + """
            SELECT t.oid, t.nspname::text, t.relname::text, t.relkind::text, t.relrowsecurity AND row_security_active(t.oid),
              CASE WHEN t.relkind = 'p' THEN pg_get_partkeydef(t.oid) END,
              (SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = t.oid ORDER BY i.inhseqno LIMIT 1),
              CASE WHEN t.relkind IN ('v', 'm') THEN pg_get_viewdef(t.oid) END
            FROM t ORDER BY t.nspname <> 'public', t.nspname, t.relname
            """;

    // A function of one's own in a default or generated column cannot come along: pg_depend knows, built-in ones leave no trace there.
    private const string Attributes =
        Tables
        + """
            SELECT t.oid, a.attname::text, a.atttypid, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated::text,
              a.attidentity::text, pg_get_expr(d.adbin, d.adrelid), a.attinhcount > 0 AND NOT a.attislocal,
              EXISTS (SELECT 1 FROM pg_depend p WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_proc'::regclass),
              (SELECT quote_ident(sn.nspname) || '.' || quote_ident(s.relname) FROM pg_depend p
                 JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S' JOIN pg_namespace sn ON sn.oid = s.relnamespace
                 WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass LIMIT 1),
              CASE WHEN a.attcollation <> ty.typcollation AND co.collname IN ('C', 'POSIX') THEN co.collname::text END, a.atttypmod
            FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
            JOIN pg_type ty ON ty.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation
            LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            ORDER BY a.attrelid, a.attnum
            """;

    // Constraints of a partition alone count for the whole table; copies that partitions inherit do not count again.
    private const string Constraints =
        Tables
        + """
            , member AS (SELECT t.oid AS root, t.oid AS part FROM t
               UNION SELECT t.oid, p.relid FROM t CROSS JOIN LATERAL pg_partition_tree(t.oid) p WHERE t.relkind = 'p')
            SELECT m.root, con.contype::text, pg_get_constraintdef(con.oid), con.conname::text,
              (SELECT json_agg(a.attname::text ORDER BY k.n)::text FROM unnest(con.conkey) WITH ORDINALITY k (num, n)
                 JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.num),
              coalesce(r.root, con.confrelid),
              (SELECT json_agg(a.attname::text ORDER BY k.n)::text FROM unnest(con.confkey) WITH ORDINALITY k (num, n)
                 JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.num),
              con.confdeltype::text,
              EXISTS (SELECT 1 FROM pg_depend p WHERE p.classid = 'pg_constraint'::regclass AND p.objid = con.oid AND p.refclassid = 'pg_proc'::regclass)
            FROM member m JOIN pg_constraint con ON con.conrelid = m.part LEFT JOIN member r ON r.part = con.confrelid
            WHERE con.conparentid = 0 AND con.contype IN ('p', 'u', 'c', 'f', 'x') AND (con.contype = 'f' OR m.part = m.root)
            ORDER BY m.root, con.contype, con.conname
            """;

    private const string Indexes =
        Tables
        + """
            SELECT t.oid, i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL,
              (SELECT json_agg(a.attname::text ORDER BY k.n)::text FROM unnest(i.indkey[0:i.indnkeyatts - 1]) WITH ORDINALITY k (num, n)
                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.num),
              pg_get_indexdef(i.indexrelid),
              EXISTS (SELECT 1 FROM pg_constraint con WHERE con.conindid = i.indexrelid AND con.conrelid = t.oid),
              EXISTS (SELECT 1 FROM pg_depend p WHERE p.classid = 'pg_class'::regclass AND p.objid = i.indexrelid
                 AND p.refclassid IN ('pg_proc'::regclass, 'pg_opclass'::regclass, 'pg_collation'::regclass))
            FROM t JOIN pg_index i ON i.indrelid = t.oid AND i.indisvalid ORDER BY t.oid, i.indexrelid
            """;

    private const string Triggers =
        Tables
        + """
            , member AS (SELECT t.oid AS root, t.oid AS part FROM t
               UNION SELECT t.oid, p.relid FROM t CROSS JOIN LATERAL pg_partition_tree(t.oid) p WHERE t.relkind = 'p'
               UNION SELECT t.oid, i.inhrelid FROM t JOIN pg_inherits i ON i.inhparent = t.oid)
            SELECT DISTINCT m.root, g.tgname::text FROM member m JOIN pg_trigger g ON g.tgrelid = m.part AND NOT g.tgisinternal ORDER BY 1, 2
            """;

    public async Task<Catalogue> ReadAsync(string system, CancellationToken cancellationToken)
    {
        var types = await PostgresTypes.ReadAsync(connection, cancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = string.Join(";\n", Relations, Attributes, Constraints, Indexes, Triggers);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var relations = await RowsAsync(
            reader,
            row => new PostgresRelation(
                Oid(row, 0),
                row.GetString(1),
                row.GetString(2),
                row.GetString(3)[0],
                row.GetBoolean(4),
                Text(row, 5),
                row.IsDBNull(6) ? null : Oid(row, 6),
                Text(row, 7)
            )
            {
                Home = only ?? PostgresNames.DefaultSchema,
            },
            cancellationToken
        );
        await reader.NextResultAsync(cancellationToken);
        var attributes = await RowsAsync(reader, PostgresAttribute.Read, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var constraints = await RowsAsync(reader, PostgresConstraint.Read, cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var indexes = await RowsAsync(
            reader,
            row => new PostgresIndex(
                Oid(row, 0),
                row.GetBoolean(1),
                Names(row, 2),
                row.GetString(3),
                row.GetBoolean(4),
                row.GetBoolean(5)
            ),
            cancellationToken
        );
        await reader.NextResultAsync(cancellationToken);
        var triggers = await RowsAsync(reader, row => (Table: Oid(row, 0), Name: row.GetString(1)), cancellationToken);

        // Foreign keys may lead out of the schema: names of all tables are known, those of others with their schema.
        var names = relations.ToDictionary(relation => relation.Oid, relation => relation.Name);
        relations = relations.Where(relation => only is null || relation.Schema == only).ToList();
        RefuseHiddenRows(system, relations);
        relations = WithoutRepeatingChildren(system, relations, attributes);
        var columns = attributes.ToLookup(attribute => attribute.Table);
        var keys = constraints.ToLookup(constraint => constraint.Table);
        return new(
            system,
            relations
                .Select(relation =>
                    new PostgresTable(
                        relation,
                        [.. columns[relation.Oid]],
                        [.. keys[relation.Oid]],
                        [.. indexes.Where(index => index.Table == relation.Oid)],
                        [.. triggers.Where(trigger => trigger.Table == relation.Oid).Select(trigger => trigger.Name)]
                    ).Describe(names, types)
                )
                .ToList()
        );
    }

    internal static uint Oid(DbDataReader row, int column) => row.GetFieldValue<uint>(column);

    internal static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A list of names, which comes as JSON: the first array that Npgsql reads has it prepare for arrays of every type there is.</summary>
    internal static IReadOnlyList<string> Names(DbDataReader row, int column)
    {
        if (Text(row, column) is not { } list)
        {
            return [];
        }

        using var names = JsonDocument.Parse(list);
        return [.. names.RootElement.EnumerateArray().Select(name => name.GetString()!)];
    }

    /// <summary>Policies hide rows from whoever they apply to: an export would be short and an erasure would leave rows, without a word.</summary>
    private static void RefuseHiddenRows(string system, List<PostgresRelation> relations)
    {
        var hiding = relations.Where(relation => relation.HidesRows).Select(relation => relation.Name).ToList();
        if (hiding.Count > 0)
        {
            throw new SourceUnfitException(
                system,
                $"row-level security hides rows of {string.Join(", ", hiding)} from the role that the connection uses",
                "give that role the right to see all rows (ALTER ROLE … BYPASSRLS), or connect as another that has it"
            );
        }
    }

    /// <summary>A child table's rows are rows of its parent; columns that the parent does not have would be lost with it.</summary>
    private static List<PostgresRelation> WithoutRepeatingChildren(
        string system,
        List<PostgresRelation> relations,
        List<PostgresAttribute> attributes
    )
    {
        var children = relations.Where(relation => relation.Parent is not null).ToList();
        var own = children.FirstOrDefault(child =>
            attributes.Exists(attribute => attribute.Table == child.Oid && !attribute.IsInherited)
        );
        return own is null
            ? [.. relations.Except(children)]
            : throw new SourceUnfitException(
                system,
                $"the table {own.Name} inherits from another and has columns of its own, so neither of the two holds all of its values",
                "end the inheritance (ALTER TABLE … NO INHERIT …) or move those columns to the parent"
            );
    }

    private static async Task<List<T>> RowsAsync<T>(
        DbDataReader reader,
        Func<DbDataReader, T> read,
        CancellationToken cancellationToken
    )
    {
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }
        return rows;
    }
}

/// <summary>A table or view as the catalogue's first query gives it.</summary>
internal sealed record PostgresRelation(
    uint Oid,
    string Schema,
    string Table,
    char Kind,
    bool HidesRows,
    string? PartitionedBy,
    uint? Parent,
    string? ViewText
)
{
    /// <summary>The schema whose tables go by their bare name.</summary>
    public string Home { get; init; } = PostgresNames.DefaultSchema;

    public string Name => PostgresNames.Spell(Schema, Table, Home);

    public string Qualified { get; } = PostgresNames.Qualify(Schema, Table);

    public bool IsView => Kind is 'v' or 'm';
}

/// <summary>A column as the catalogue's second query gives it.</summary>
/// <param name="Default">Default value or generating expression.</param>
/// <param name="UsesFunctions">The expression calls functions that the database itself defines.</param>
/// <param name="Sequence">The sequence that the default takes its values from, as SQL.</param>
internal sealed record PostgresAttribute(
    uint Table,
    string Name,
    uint Type,
    string Declared,
    bool Required,
    bool Generated,
    char? Identity,
    string? Default,
    bool IsInherited,
    bool UsesFunctions,
    string? Sequence,
    string? Collation,
    int Modifier
)
{
    public static PostgresAttribute Read(DbDataReader row) =>
        new(
            PostgresCatalogue.Oid(row, 0),
            row.GetString(1),
            PostgresCatalogue.Oid(row, 2),
            row.GetString(3),
            row.GetBoolean(4),
            row.GetString(5).Length > 0,
            row.GetString(6) is { Length: > 0 } identity ? identity[0] : null,
            PostgresCatalogue.Text(row, 7),
            row.GetBoolean(8),
            row.GetBoolean(9),
            PostgresCatalogue.Text(row, 10),
            PostgresCatalogue.Text(row, 11),
            row.GetInt32(12)
        );
}

/// <summary>A constraint as the catalogue's third query gives it.</summary>
internal sealed record PostgresConstraint(
    uint Table,
    char Kind,
    string Definition,
    string Name,
    IReadOnlyList<string> Columns,
    uint ReferencedTable,
    IReadOnlyList<string> ReferencedColumns,
    char OnDelete,
    bool UsesFunctions
)
{
    public static PostgresConstraint Read(DbDataReader row) =>
        new(
            PostgresCatalogue.Oid(row, 0),
            row.GetString(1)[0],
            row.GetString(2),
            row.GetString(3),
            PostgresCatalogue.Names(row, 4),
            PostgresCatalogue.Oid(row, 5),
            PostgresCatalogue.Names(row, 6),
            row.GetString(7) is { Length: > 0 } action ? action[0] : 'a',
            row.GetBoolean(8)
        );
}

/// <summary>An index as the catalogue's fourth query gives it.</summary>
internal sealed record PostgresIndex(
    uint Table,
    bool IsUnique,
    IReadOnlyList<string> Columns,
    string Definition,
    bool OfConstraint,
    bool NeedsMore
);
