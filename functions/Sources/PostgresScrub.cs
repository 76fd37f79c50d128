using System.Data.Common;

namespace Portability.Sources;

/// <summary>
/// Takes away what deleted rows leave behind: dead row versions (VACUUM), and copies in materialised views. What an open snapshot still
/// sees cannot be vacuumed yet; the server's own vacuum comes for it.
/// </summary>
internal static class PostgresScrub
{
    // Views over the table, and views over those, in the order in which each rests on refreshed ones only.
    private const string ViewsOver = """
        WITH RECURSIVE over (oid, depth) AS (
          SELECT @table::regclass::oid, 0
          UNION ALL
          SELECT r.ev_class, o.depth + 1 FROM over o
          JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = o.oid AND d.classid = 'pg_rewrite'::regclass
          JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> o.oid WHERE o.depth < 50)
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM over o JOIN pg_class c ON c.oid = o.oid AND c.relkind = 'm' AND c.relispopulated
        JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY n.nspname, c.relname ORDER BY max(o.depth), 1
        """;

    private const string AllViews = """
        WITH RECURSIVE mv AS (
          SELECT c.oid, 0 AS depth FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated
          UNION ALL
          SELECT r.ev_class, m.depth + 1 FROM mv m
          JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = m.oid AND d.classid = 'pg_rewrite'::regclass
          JOIN pg_rewrite r ON r.oid = d.objid AND r.ev_class <> m.oid WHERE m.depth < 50)
        SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM mv m JOIN pg_class c ON c.oid = m.oid AND c.relkind = 'm' AND c.relispopulated
        JOIN pg_namespace n ON n.oid = c.relnamespace GROUP BY n.nspname, c.relname ORDER BY max(m.depth), 1
        """;

    public static async Task TableAsync(DbConnection connection, string table, CancellationToken cancellationToken)
    {
        await RefreshAsync(connection, ViewsOver, table, cancellationToken);
        await RunAsync(connection, $"VACUUM {table}", cancellationToken);
    }

    public static async Task AllAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await RefreshAsync(connection, AllViews, null, cancellationToken);
        await RunAsync(connection, "VACUUM", cancellationToken);
    }

    private static async Task RefreshAsync(
        DbConnection connection,
        string query,
        string? table,
        CancellationToken cancellationToken
    )
    {
        var views = new List<string>();
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = query;
            if (table is not null)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = "@table";
                parameter.Value = table;
                command.Parameters.Add(parameter);
            }
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                views.Add(reader.GetString(0));
            }
        }
        foreach (var view in views)
        {
            await RunAsync(connection, $"REFRESH MATERIALIZED VIEW {view}", cancellationToken);
            // The rows it held before are dead, not gone.
            await RunAsync(connection, $"VACUUM {view}", cancellationToken);
        }
    }

    private static async Task RunAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 230;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
