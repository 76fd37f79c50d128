using System.Globalization;

namespace Portability.Benchmarks.Erasure;

/// <summary>
/// Ten related tables of a learning platform, as wide and as indexed as such tables are: one tenant that leaves, whose rows are
/// counted, and one that stays with a quarter as many, in between. The statements run on SQLite and on PostgreSQL.
/// </summary>
internal static class ErasureData
{
    public const string Map = """
        {
          "systems": [{ "name": "bench", "kind": "sql", "provider": "PROVIDER", "connection": "Bench",
                        "tenant": { "table": "tenants", "column": "id" } }],
          "categories": { "all": "All" },
          "datasets": [
            { "table": "tenants", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "users", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "courses", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "modules", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "enrolments", "category": "all", "formats": ["sql"], "erase": "delete", "via": "user_id" },
            { "table": "attempts", "category": "all", "formats": ["sql"], "erase": "delete", "via": "enrolment_id" },
            { "table": "answers", "category": "all", "formats": ["sql"], "erase": "delete" },
            { "table": "completions", "category": "all", "formats": ["sql"], "erase": "delete", "via": "enrolment_id" },
            { "table": "feedback", "category": "all", "formats": ["sql"], "erase": "delete", "via": "user_id" },
            { "table": "activity", "category": "all", "formats": ["sql"], "erase": "delete", "via": "user_id" }
          ]
        }
        """;

    /// <summary>In the order in which somebody would delete them by hand.</summary>
    public static readonly string Script = string.Join(
        "\n",
        "BEGIN;",
        "DELETE FROM answers WHERE attempt_id IN (SELECT id FROM attempts WHERE enrolment_id IN (SELECT id FROM enrolments WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1)));",
        "DELETE FROM attempts WHERE enrolment_id IN (SELECT id FROM enrolments WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1));",
        "DELETE FROM completions WHERE enrolment_id IN (SELECT id FROM enrolments WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1));",
        "DELETE FROM feedback WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1);",
        "DELETE FROM activity WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1);",
        "DELETE FROM enrolments WHERE user_id IN (SELECT id FROM users WHERE tenant_id = 1);",
        "DELETE FROM modules WHERE course_id IN (SELECT id FROM courses WHERE tenant_id = 1);",
        "DELETE FROM courses WHERE tenant_id = 1;",
        "DELETE FROM users WHERE tenant_id = 1;",
        "DELETE FROM tenants WHERE id = 1;",
        "COMMIT;"
    );

    public const string Schema = """
        CREATE TABLE tenants (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE users (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, email TEXT NOT NULL UNIQUE, title TEXT, created_at TEXT);
        CREATE TABLE courses (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), name TEXT NOT NULL, description TEXT);
        CREATE TABLE modules (id INTEGER PRIMARY KEY, course_id INTEGER NOT NULL REFERENCES courses (id), place INTEGER NOT NULL, name TEXT NOT NULL);
        CREATE TABLE enrolments (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), course_id INTEGER NOT NULL REFERENCES courses (id), status TEXT NOT NULL, enrolled_at TEXT);
        CREATE TABLE attempts (id INTEGER PRIMARY KEY, enrolment_id INTEGER NOT NULL REFERENCES enrolments (id), module_id INTEGER NOT NULL REFERENCES modules (id), score REAL, started_at TEXT);
        CREATE TABLE answers (id INTEGER PRIMARY KEY, attempt_id INTEGER NOT NULL REFERENCES attempts (id), question INTEGER NOT NULL, answer TEXT, correct INTEGER);
        CREATE TABLE completions (id INTEGER PRIMARY KEY, enrolment_id INTEGER NOT NULL REFERENCES enrolments (id), module_id INTEGER NOT NULL REFERENCES modules (id), completed_at TEXT);
        CREATE TABLE feedback (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), course_id INTEGER NOT NULL REFERENCES courses (id), stars INTEGER, comment TEXT);
        CREATE TABLE activity (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id), action TEXT NOT NULL, detail TEXT, address TEXT, happened_at TEXT NOT NULL);
        """;

    public const string Indexes = """
        CREATE INDEX users_tenant ON users (tenant_id);
        CREATE INDEX courses_tenant ON courses (tenant_id);
        CREATE INDEX modules_course ON modules (course_id);
        CREATE INDEX enrolments_user ON enrolments (user_id);
        CREATE INDEX enrolments_course ON enrolments (course_id);
        CREATE INDEX attempts_enrolment ON attempts (enrolment_id);
        CREATE INDEX attempts_module ON attempts (module_id);
        CREATE INDEX answers_attempt ON answers (attempt_id);
        CREATE INDEX completions_enrolment ON completions (enrolment_id);
        CREATE INDEX completions_module ON completions (module_id);
        CREATE INDEX feedback_user ON feedback (user_id);
        CREATE INDEX feedback_course ON feedback (course_id);
        CREATE INDEX activity_user ON activity (user_id);
        """;

    /// <summary>Thousandths of the leaver's rows, by table; the tenant's own row comes on top.</summary>
    private static readonly IReadOnlyDictionary<string, int> Shares = new Dictionary<string, int>(
        StringComparer.Ordinal
    )
    {
        ["users"] = 20,
        ["courses"] = 1,
        ["modules"] = 9,
        ["enrolments"] = 100,
        ["attempts"] = 150,
        ["answers"] = 400,
        ["completions"] = 90,
        ["feedback"] = 60,
        ["activity"] = 170,
    };

    /// <summary>Statements that fill the tables: rows of the two tenants alternate, four of the leaver's to one.</summary>
    public static IEnumerable<string> Fill(long rows)
    {
        yield return "INSERT INTO tenants VALUES (1, 'Leaving AB'), (2, 'Staying AB')";
        yield return Insert(
            rows,
            "users",
            "1 + (i % 5) / 4, 'Person Number' || i, 'person' || i || '@tenant' || (1 + (i % 5) / 4) || '.example', 'Engineer', '2024-01-01T10:00:00Z'"
        );
        yield return Insert(
            rows,
            "courses",
            "1 + (i % 5) / 4, 'Course ' || i, 'What everybody has to know about matter number ' || i"
        );
        yield return Insert(rows, "modules", $"{Of(rows, "courses")}, i % 12, 'Module ' || i");
        yield return Insert(
            rows,
            "enrolments",
            $"{Of(rows, "users")}, {Of(rows, "courses")}, 'active', '2024-02-01T10:00:00Z'"
        );
        yield return Insert(
            rows,
            "attempts",
            $"{Of(rows, "enrolments")}, {Of(rows, "modules")}, (i % 100) / 4.0, '2024-03-01T10:00:00Z'"
        );
        yield return Insert(
            rows,
            "answers",
            $"{Of(rows, "attempts")}, i % 40, 'What was said to question ' || (i % 40) || ' the ' || i || 'th time', i % 2"
        );
        yield return Insert(
            rows,
            "completions",
            $"{Of(rows, "enrolments")}, {Of(rows, "modules")}, '2024-04-01T10:00:00Z'"
        );
        yield return Insert(
            rows,
            "feedback",
            $"{Of(rows, "users")}, {Of(rows, "courses")}, i % 6, 'It was rather long, and I would have liked more examples, number ' || i"
        );
        yield return Insert(
            rows,
            "activity",
            $"{Of(rows, "users")}, 'course.viewed', 'Module ' || (i % 90) || ', step ' || i, '10.' || (i % 250) || '.' || (i % 31) || '.7', '2024-05-01T10:00:00Z'"
        );
    }

    /// <summary>Rows of a table, of both tenants.</summary>
    private static long Count(long rows, string table) => Math.Max(5, rows * Shares[table] / 1000 * 5 / 4 / 5 * 5);

    /// <summary>A row of the same tenant in another table: numbers that are the same in modulo 5 are.</summary>
    private static string Of(long rows, string table) =>
        string.Create(CultureInfo.InvariantCulture, $"(i * 7919 / 5 * 5 + i % 5) % {Count(rows, table)}");

    private static string Insert(long rows, string table, string values) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"WITH RECURSIVE n(i) AS (SELECT CAST(0 AS bigint) UNION ALL SELECT i + 1 FROM n WHERE i < {Count(rows, table) - 1}) INSERT INTO {table} SELECT i, {values} FROM n"
        );
}
