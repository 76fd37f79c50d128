using Portability.Erasure;
using Portability.Terminations;
using static Portability.Tests.DataMap.MapFile;

namespace Portability.Tests.Erasure;

/// <summary>A small product with every erase rule: two tenants, shared books, invoices that the law keeps.</summary>
internal static class OrgSample
{
    public const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE orgs (id INTEGER PRIMARY KEY, name TEXT, status TEXT NOT NULL DEFAULT 'active', closed_at TEXT);
        CREATE TABLE users (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, email TEXT NOT NULL UNIQUE, phone TEXT, mentor INTEGER REFERENCES users);
        CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users ON DELETE CASCADE, body TEXT, deleted_at TEXT);
        CREATE TABLE invoices (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, buyer INTEGER REFERENCES users, issued DATE);
        CREATE TABLE lines (invoice_id INTEGER NOT NULL REFERENCES invoices, no INTEGER NOT NULL, what TEXT, booked DATE, PRIMARY KEY (invoice_id, no));
        CREATE TABLE stats (id INTEGER PRIMARY KEY, org_id INTEGER NOT NULL REFERENCES orgs, ip TEXT, who TEXT);
        CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT);
        CREATE TABLE loans (org_id INTEGER REFERENCES orgs, book_id INTEGER REFERENCES books, PRIMARY KEY (org_id, book_id));
        CREATE TABLE wiki (id INTEGER PRIMARY KEY, editor INTEGER REFERENCES users, text TEXT);
        INSERT INTO orgs VALUES (1, 'Leaver', 'active', NULL), (2, 'Neighbour', 'active', NULL);
        INSERT INTO users VALUES (10, 1, 'a@x', '1', NULL), (11, 1, 'b@x', '2', 10), (12, 1, 'c@x', '3', 11), (13, 1, 'd@x', '4', 13), (20, 2, 'n@y', '9', NULL);
        INSERT INTO posts VALUES (100, 10, 'x', NULL), (101, 11, 'y', '2026-01-01'), (102, 12, 'z', NULL), (103, 12, 'z', NULL), (200, 20, 'n', NULL);
        INSERT INTO invoices VALUES (500, 1, 11, '2026-05-05'), (501, 1, 12, '2015-05-05'), (502, 1, NULL, '2019-12-31'), (600, 2, 20, '2026-05-05');
        INSERT INTO lines VALUES (500, 1, 'seat', '2026-05-05'), (500, 2, 'seat', '2026-05-05'), (501, 1, 'old', '2015-05-05'), (502, 1, 'n', '2019-12-31'), (600, 1, 'n', '2026-05-05');
        INSERT INTO stats VALUES (1, 1, '10.0.0.1', 'Ann'), (2, 2, '10.0.0.2', 'Bo');
        INSERT INTO books VALUES (1, 'Shared'); INSERT INTO loans VALUES (1, 1), (2, 1);
        INSERT INTO wiki VALUES (1, 12, 'ours'), (2, 20, 'theirs');
        """;

    public static readonly string Map = $$"""
        {
        {{Systems}}
        "datasets": [
          {{Table("orgs", "\"erase\": { \"tombstone\": [\"status\", \"closed_at\"] }")}},
          {{Table("users", "\"erase\": \"delete\", \"whenKept\": { \"email\": \"hash\" }")}},
          {{Table("posts")}},
          {{Table("invoices", "\"erase\": { \"retain\": \"books\", \"anchor\": \"issued\" }, \"via\": \"org_id\"")}},
          {{Table("lines", "\"erase\": { \"retain\": \"books\", \"anchor\": \"booked\" }")}},
          {{Table("stats", "\"erase\": { \"anonymise\": { \"ip\": \"null\", \"who\": \"hash\" } }")}},
          {{Table("books", "\"erase\": { \"unlinkThrough\": \"loans\" }")}},
          {{Table("loans")}},
          {{Table("wiki", "\"erase\": { \"unlink\": [\"editor\"] }")}}
        ],
        "backups": [{ "class": "nightly", "keepsDays": 35 }],
        "access": [{ "freeze": ["UPDATE orgs SET status = 'frozen' WHERE id = @tenant AND status = 'active'"],
                     "restore": ["UPDATE orgs SET status = 'active' WHERE id = @tenant AND status = 'frozen'"],
                     "close": ["UPDATE orgs SET status = 'closed', closed_at = coalesce(closed_at, @now) WHERE id = @tenant"] }]
        }
        """;

    public static ErasureOutcome Outcome(VerificationReport report, string dataset) =>
        report.Datasets.Single(found => found.Dataset == dataset).Outcome;

    public static List<string> Neighbour(ErasureBench bench) =>
        [
            .. bench.File.Rows("SELECT * FROM orgs WHERE id = 2"),
            .. bench.File.Rows("SELECT * FROM users WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM posts WHERE user_id = 20"),
            .. bench.File.Rows("SELECT * FROM invoices WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM lines WHERE invoice_id = 600"),
            .. bench.File.Rows("SELECT * FROM stats WHERE id = 2"),
            .. bench.File.Rows("SELECT * FROM books"),
            .. bench.File.Rows("SELECT * FROM loans WHERE org_id = 2"),
            .. bench.File.Rows("SELECT * FROM wiki WHERE id = 2"),
        ];

    public static List<string> Normal(IReadOnlyList<string> rows) =>
        rows.Select(row => row.Replace("INTEGER:", "Int:", StringComparison.Ordinal)).ToList();
}
