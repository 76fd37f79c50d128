using System.Data;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Portability.Sources;

/// <summary>
/// Lets several queries run at once in one snapshot. A connection runs one query at a time; for a further one another connection is
/// opened that takes over the snapshot of the first.
/// </summary>
internal static class PostgresSnapshots
{
    private static readonly ConditionalWeakTable<NpgsqlConnection, Snapshot> Kept = [];

    /// <summary>Notes the name under which the server exported the snapshot of a connection's transaction.</summary>
    public static void Keep(NpgsqlConnection connection, string name) =>
        Kept.AddOrUpdate(connection, new Snapshot(name));

    /// <summary>The name of a connection's snapshot, or null.</summary>
    public static string? NameOf(NpgsqlConnection connection) =>
        Kept.TryGetValue(connection, out var snapshot) ? snapshot.Name : null;

    /// <summary>A connection for one query: the one given if it is idle, else another that sees the same.</summary>
    public static Lease Take(NpgsqlConnection connection)
    {
        if (!Kept.TryGetValue(connection, out var snapshot))
        {
            return new Lease(connection, null);
        }

        if (Interlocked.CompareExchange(ref snapshot.InUse, 1, 0) == 0)
        {
            try
            {
                // To this point the transaction goes back when a query is left in the middle, which is an error to the server.
                Run(connection, $"SAVEPOINT {Point}");
                return new Lease(connection, snapshot);
            }
            catch
            {
                Volatile.Write(ref snapshot.InUse, 0);
                throw;
            }
        }

        var sibling = (NpgsqlConnection)((ICloneable)connection).Clone();
        try
        {
            sibling.Open();
            Run(sibling, Begin(snapshot.Name));
            return new Lease(sibling, null, isOwned: true);
        }
        catch
        {
            sibling.Dispose();
            throw;
        }
    }

    /// <summary>Begins a transaction in a snapshot that another connection keeps open.</summary>
    public static string Begin(string name) =>
        // The name is the server's own: hexadecimal digits and hyphens.
        name.All(c => char.IsAsciiHexDigit(c) || c == '-')
            ? $"{PostgresSource.Session} BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{name}'"
            : throw new ArgumentException($"'{name}' is no name of a snapshot.", nameof(name));

    private const string Point = "before_query";

    private static void Run(NpgsqlConnection connection, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }

    private sealed class Snapshot(string name)
    {
        public string Name => name;

        public int InUse;
    }

    /// <summary>A connection held for one query.</summary>
    public sealed class Lease : IDisposable
    {
        private readonly Snapshot? snapshot;
        private readonly bool isOwned;

        internal Lease(NpgsqlConnection connection, object? snapshot, bool isOwned = false)
        {
            Connection = connection;
            this.snapshot = (Snapshot?)snapshot;
            this.isOwned = isOwned;
        }

        public NpgsqlConnection Connection { get; }

        /// <summary>Makes the connection fit for further queries after one was cancelled or failed, unless it is lost.</summary>
        public void Recover()
        {
            if (snapshot is not null && Connection.State == ConnectionState.Open)
            {
                Run(Connection, $"ROLLBACK TO SAVEPOINT {Point}");
            }
        }

        public void Dispose()
        {
            if (isOwned)
            {
                Connection.Dispose();
            }
            else if (snapshot is not null)
            {
                Volatile.Write(ref snapshot.InUse, 0);
            }
        }
    }
}
