using Npgsql;

namespace Portability.Sources;

/// <summary>
/// Which files of the server hold a table's rows. TRUNCATE, and ALTER TABLE where it writes a table anew, are not seen by snapshots that began
/// before: to them such a table is empty (PostgreSQL, "Caveats" of concurrency control). It has other files from then on.
/// </summary>
internal static class PostgresRewrites
{
    // Tables with their partitions, and views with what they are made of, as the server has them now. The numbers of the files are
    // looked up outside of any snapshot; the rest is why the connection must not be in one.
    private const string Marks = """
        WITH RECURSIVE named AS (SELECT name, to_regclass(name)::oid AS oid FROM unnest(@names) AS name),
        made AS (
          SELECT inhparent AS whole, inhrelid AS part FROM pg_inherits
          UNION SELECT r.ev_class, d.refobjid FROM pg_rewrite r JOIN pg_depend d
            ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class),
        parts AS (SELECT name, oid FROM named WHERE oid IS NOT NULL
          UNION SELECT p.name, m.part FROM parts p JOIN made m ON m.whole = p.oid)
        SELECT n.name, (SELECT string_agg(p.oid || ':' || coalesce(pg_relation_filenode(p.oid), 0), ' ' ORDER BY p.oid) FROM parts p WHERE p.name = n.name)
        FROM named n
        """;

    /// <summary>A mark for each table, by its name in SQL, that changes when the table is written anew; null for one that is not there.</summary>
    public static async Task<IReadOnlyDictionary<string, string?>> MarksAsync(
        NpgsqlConnection connection,
        string[] tables,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Marks, connection);
        command.Parameters.AddWithValue("names", tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var marks = new Dictionary<string, string?>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            marks[reader.GetString(0)] = await reader.IsDBNullAsync(1, cancellationToken) ? null : reader.GetString(1);
        }

        return marks;
    }
}
