using Npgsql;

namespace Portability.Sources;

/// <summary>
/// Which files of the server hold a table's rows. TRUNCATE, and ALTER TABLE where it writes a table anew, are not seen by snapshots that began
/// before: to them such a table is empty (PostgreSQL, "Caveats" of concurrency control). It has other files from then on.
/// </summary>
internal static class PostgresRewrites
{
    // Tables with their partitions, as the server has them now. The numbers of the files are looked up outside of any snapshot; the
    // rest is why the connection must not be in one.
    private const string Marks = """
        WITH RECURSIVE parts AS (
          SELECT name, to_regclass(name)::oid AS oid FROM unnest(@names) AS name
          UNION SELECT p.name, i.inhrelid FROM parts p JOIN pg_inherits i ON i.inhparent = p.oid)
        SELECT name, array_agg(oid || ':' || coalesce(pg_relation_filenode(oid), 0)) FILTER (WHERE oid IS NOT NULL) FROM parts GROUP BY name
        """;

    /// <summary>
    /// Whether rows that were there when the older marks were read may be missing now: a file of the table's is gone. New ones, as of a partition
    /// that was added, hold nothing that was there before.
    /// </summary>
    public static bool IsRewritten(string[]? before, string[]? now) =>
        before is null ? now is not null : now is null || before.Except(now, StringComparer.Ordinal).Any();

    /// <summary>The marks of each table and its partitions, by the table's name in SQL; null for a table that is not there.</summary>
    public static async Task<IReadOnlyDictionary<string, string[]?>> MarksAsync(
        NpgsqlConnection connection,
        string[] tables,
        CancellationToken cancellationToken
    )
    {
        await using var command = new NpgsqlCommand(Marks, connection);
        command.Parameters.AddWithValue("names", tables);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var marks = new Dictionary<string, string[]?>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken))
        {
            marks[reader.GetString(0)] = await reader.IsDBNullAsync(1, cancellationToken)
                ? null
                : await reader.GetFieldValueAsync<string[]>(1, cancellationToken);
        }

        return marks;
    }
}
