using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portability.Local.Engine;

/// <summary>The tables of a store and its settings.</summary>
internal static class StoreSchema
{
    /// <summary>Grows with each change of the tables; an older store is brought up to it, a newer one refused.</summary>
    public const int Version = 2;

    // From each version to the next, from version 1 on. Never changed once released: stores of all ages come here.
    private static readonly string[] Migrations =
    [
        // Each step paid for these two, and nothing was found by them that is not found otherwise.
        "DROP INDEX instances_by_status; DROP INDEX inbox_by_key;",
    ];

    private const string Tables = """
        CREATE TABLE engine (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

        -- One row an instance, also an ended one until it is purged. Times are UTC ticks.
        CREATE TABLE instances (
          key INTEGER PRIMARY KEY,
          id TEXT NOT NULL UNIQUE,
          name TEXT NOT NULL,
          version TEXT NOT NULL,
          status INTEGER NOT NULL,
          generation INTEGER NOT NULL,
          created INTEGER NOT NULL,
          updated INTEGER NOT NULL,
          input TEXT,
          output TEXT,
          custom_status TEXT,
          failure TEXT,
          tags TEXT,
          parent_key INTEGER,
          parent_task INTEGER,
          parent_id TEXT,
          parent_name TEXT
        );

        -- The facts of the present generation, one row a step.
        CREATE TABLE history (
          key INTEGER NOT NULL,
          step INTEGER NOT NULL,
          events TEXT NOT NULL,
          PRIMARY KEY (key, step)
        ) WITHOUT ROWID;

        -- Facts that no step has taken yet.
        CREATE TABLE inbox (seq INTEGER PRIMARY KEY, key INTEGER NOT NULL, event TEXT NOT NULL);

        -- Activities that have not ended. Their result and the removal of the row are one transaction.
        CREATE TABLE activities (
          seq INTEGER PRIMARY KEY,
          key INTEGER NOT NULL,
          task INTEGER NOT NULL,
          name TEXT NOT NULL,
          version TEXT NOT NULL,
          input TEXT
        );
        CREATE INDEX activities_by_key ON activities (key);

        -- Timers that have not fired; task -1 is the start of an instance.
        CREATE TABLE timers (
          seq INTEGER PRIMARY KEY,
          key INTEGER NOT NULL,
          generation INTEGER NOT NULL,
          task INTEGER NOT NULL,
          due INTEGER NOT NULL
        );
        CREATE INDEX timers_by_key ON timers (key);
        """;

    /// <summary>Opens a connection with the settings of the store.</summary>
    public static SqliteConnection Open(string path, bool readOnly, bool survivePowerLoss)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadWriteCreate,
                // A pooled connection would outlive the store's lock.
                Pooling = false,
            }.ToString()
        );
        try
        {
            connection.Open();
            Execute(
                connection,
                readOnly
                    ? "PRAGMA busy_timeout = 10000; PRAGMA query_only = 1;"
                    : $"PRAGMA journal_mode = WAL; PRAGMA synchronous = {(survivePowerLoss ? "FULL" : "NORMAL")}; "
                        + "PRAGMA busy_timeout = 10000; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; "
                        + "PRAGMA temp_store = MEMORY;"
            );
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Makes the tables in an empty file; brings an older store up to the present version.</summary>
    /// <exception cref="InvalidOperationException">The file is no store, or a later engine made it.</exception>
    public static void Prepare(SqliteConnection connection, string path)
    {
        using SqliteTransaction transaction = connection.BeginTransaction();
        if (Scalar(connection, "SELECT count(*) FROM sqlite_master") is 0L)
        {
            Execute(connection, Tables);
            SetVersion(connection, "INSERT INTO engine VALUES ('schema', '{0}')");
        }
        int found = FindVersion(connection, path);
        foreach (string migration in Migrations.Skip(found - 1))
        {
            Execute(connection, migration);
        }
        SetVersion(connection, "UPDATE engine SET value = '{0}' WHERE name = 'schema'");
        // What a terminated instance left behind, and what came for it afterwards.
        const string live = "(SELECT key FROM instances WHERE status NOT IN (1, 3, 5))";
        Execute(
            connection,
            $"DELETE FROM inbox WHERE key NOT IN {live}; DELETE FROM activities WHERE key NOT IN {live}; "
                + $"DELETE FROM timers WHERE key NOT IN {live};"
        );
        transaction.Commit();
    }

    private static int FindVersion(SqliteConnection connection, string path)
    {
        string? stored = Scalar(connection, "SELECT count(*) FROM sqlite_master WHERE name = 'engine'") is 1L
            ? Scalar(connection, "SELECT value FROM engine WHERE name = 'schema'") as string
            : null;
        if (!int.TryParse(stored, NumberStyles.None, CultureInfo.InvariantCulture, out int found) || found < 1)
        {
            throw new InvalidOperationException($"{path} is no store of the durable engine: give another path.");
        }
        return found <= Version
            ? found
            : throw new InvalidOperationException(
                $"The store {path} has schema version {found}; this engine reads versions up to {Version}. Use the "
                    + "engine that made it, or another path."
            );
    }

    private static void SetVersion(SqliteConnection connection, string sql) =>
        Execute(
            connection,
            sql.Replace("{0}", Version.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        );

    public static void Execute(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the engine.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection connection, string sql)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the engine.
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }
}
