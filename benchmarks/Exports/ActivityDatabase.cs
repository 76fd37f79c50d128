using Microsoft.Data.Sqlite;

namespace Portability.Benchmarks.Exports;

/// <summary>The data of the comparison: an activity log of one tenant, and the data map that exports it in every row format.</summary>
internal static class ActivityDatabase
{
    private const string Map = """
        {
          "systems": [{ "name": "bench", "kind": "sql", "provider": "sqlite", "connection": "Bench",
                        "tenant": { "table": "tenants", "column": "code" } }],
          "categories": { "all": "All" },
          "datasets": [
            { "table": "tenants", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "activity", "category": "all", "formats": ["csv", "xlsx", "ndjson", "xml", "parquet", "sql"], "erase": "delete" }
          ]
        }
        """;

    // Twelve columns of the kinds an activity log has; a tenth of the texts need quotes.
    private const string Schema = """
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
        CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
        CREATE TABLE activity (
          id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), user_id INTEGER NOT NULL,
          course_id INTEGER, action TEXT NOT NULL, detail TEXT, address TEXT, agent TEXT, score REAL, duration INTEGER,
          happened_at DATETIME NOT NULL, flag BOOLEAN
        );
        INSERT INTO tenants VALUES (1, 'bench');
        """;

    private const string Fill = """
        BEGIN;
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)
        INSERT INTO activity SELECT i, 1, i % 5000, CASE WHEN i % 7 THEN i % 400 END,
          CASE i % 4 WHEN 0 THEN 'course.viewed' WHEN 1 THEN 'quiz.answered' WHEN 2 THEN 'material.opened' ELSE 'signed-in' END,
          CASE i % 10 WHEN 0 THEN 'Said "yes", then' || char(10) || 'left it''s room' ELSE 'Module ' || (i % 90) || ' Räksmörgås step ' || i END,
          '10.' || (i % 250) || '.' || (i % 31) || '.' || (i % 199), 'Mozilla/5.0 (X11; Linux x86_64) Firefox/' || (i % 140),
          CASE WHEN i % 3 THEN (i % 1000) / 8.0 END, i % 3600, strftime('%Y-%m-%dT%H:%M:%SZ', 1700000000 + i, 'unixepoch'), i % 2
        FROM n;
        COMMIT;
        """;

    /// <summary>Makes the database, and beside it its data map.</summary>
    public static async Task MakeAsync(string database, long rows)
    {
        await File.WriteAllTextAsync(Path.ChangeExtension(database, ".datamap.json"), Map);
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        foreach (var sql in new[] { Schema, Fill })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            if (sql == Fill)
            {
                command.Parameters.AddWithValue("$rows", rows);
            }

            await command.ExecuteNonQueryAsync();
        }
    }
}
