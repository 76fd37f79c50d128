#nullable enable
using System.Text.Json;
using Azure.Messaging.ServiceBus;
using Microsoft.Data.Sqlite;

namespace Portability.Local.Bus;

/// <summary>A row of a message that is there.</summary>
internal sealed record StoredMessage(
    long Key,
    long Sequence,
    long EnqueuedSequence,
    ServiceBusMessageState State,
    DateTimeOffset Enqueued,
    int Deliveries,
    string? Source,
    DateTimeOffset? LockedUntil,
    BusMessage Message
);

/// <summary>What a moved clock must know of a queue or subscription.</summary>
/// <param name="Ready">Whether a message could be handed out.</param>
/// <param name="HandledUntil">The latest end of a lock that a processor holds, in real time.</param>
internal sealed record BusLoad(bool Ready, DateTimeOffset? HandledUntil);

/// <summary>
/// The broker's tables in the store and its statements. Used by the engine's writer only, within its transaction: locks end
/// in real time (<c>real</c>), everything else goes by the virtual clock (<c>now</c>). Times are UTC ticks.
/// </summary>
internal sealed class BusStore(SqliteConnection connection, DateTimeOffset now, DateTimeOffset real)
{
    private const string Tables = """
        CREATE TABLE IF NOT EXISTS bus_entities (
          path TEXT PRIMARY KEY COLLATE NOCASE,
          kind INTEGER NOT NULL,
          sequence INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- Where consumers of other processes were, so that after a restart they are waited for a moment.
        CREATE TABLE IF NOT EXISTS bus_attended (path TEXT PRIMARY KEY COLLATE NOCASE) WITHOUT ROWID;

        -- What waits, is locked, was put aside, is scheduled, or is dead.
        CREATE TABLE IF NOT EXISTS bus_messages (
          key INTEGER PRIMARY KEY,
          entity TEXT NOT NULL COLLATE NOCASE,
          dead INTEGER NOT NULL,
          state INTEGER NOT NULL,
          sequence INTEGER NOT NULL,
          enqueued_sequence INTEGER NOT NULL,
          enqueued INTEGER NOT NULL,
          due INTEGER,
          expires INTEGER,
          deliveries INTEGER NOT NULL,
          lock TEXT,
          locked_until INTEGER,
          by_consumer INTEGER NOT NULL,
          source TEXT,
          message TEXT NOT NULL
        );
        CREATE INDEX IF NOT EXISTS bus_messages_in_order ON bus_messages (entity, dead, state, sequence);
        CREATE INDEX IF NOT EXISTS bus_messages_due ON bus_messages (due) WHERE state = 2;
        CREATE INDEX IF NOT EXISTS bus_messages_expiring ON bus_messages (entity, expires) WHERE expires IS NOT NULL;
        CREATE INDEX IF NOT EXISTS bus_messages_locked ON bus_messages (lock) WHERE lock IS NOT NULL;

        -- The ids sent within the window of duplicate detection.
        CREATE TABLE IF NOT EXISTS bus_sent (
          entity TEXT NOT NULL COLLATE NOCASE,
          message_id TEXT NOT NULL,
          until INTEGER NOT NULL,
          PRIMARY KEY (entity, message_id)
        ) WITHOUT ROWID;
        CREATE INDEX IF NOT EXISTS bus_sent_until ON bus_sent (until);
        """;

    public DateTimeOffset Now => now;

    private const string Columns =
        "key, sequence, enqueued_sequence, state, enqueued, deliveries, source, locked_until, message";

    /// <summary>Makes the tables, and frees what an earlier process held: its locks went with it.</summary>
    public void Prepare()
    {
        Execute(Tables);
        Execute("UPDATE bus_messages SET lock = NULL, locked_until = NULL, by_consumer = 0 WHERE lock IS NOT NULL");
    }

    public BusEntityKind? KindOf(string path) =>
        Scalar("SELECT kind FROM bus_entities WHERE path = @0", path) is long kind ? (BusEntityKind)kind : null;

    public void Create(string path, BusEntityKind kind) =>
        Execute("INSERT OR IGNORE INTO bus_entities VALUES (@0, @1, 0)", path, (int)kind);

    public void SetAttended(BusAddress address, bool attended) =>
        Execute(
            attended ? "INSERT OR IGNORE INTO bus_attended VALUES (@0)" : "DELETE FROM bus_attended WHERE path = @0",
            address.ToString()
        );

    public IReadOnlyList<BusAddress> Attended() =>
        Read("SELECT path FROM bus_attended", row => BusAddress.Parse(row.GetString(0)));

    public IReadOnlyList<string> SubscriptionsOf(string topic) =>
        Read(
            "SELECT path FROM bus_entities WHERE kind = @0 AND path LIKE @1 ESCAPE '\\' ORDER BY path",
            row => row.GetString(0),
            (int)BusEntityKind.Subscription,
            topic.Replace("_", "\\_", StringComparison.Ordinal) + "/Subscriptions/%"
        );

    public long NextSequence(string entity) =>
        (long)Scalar("UPDATE bus_entities SET sequence = sequence + 1 WHERE path = @0 RETURNING sequence", entity)!;

    /// <returns>False when a message of this id was sent within the window.</returns>
    public bool NoteSent(string entity, string messageId, TimeSpan window)
    {
        Execute("DELETE FROM bus_sent WHERE until <= @0", now.UtcTicks);
        return Execute("INSERT OR IGNORE INTO bus_sent VALUES (@0, @1, @2)", entity, messageId, (now + window).UtcTicks)
            == 1;
    }

    public void Insert(string entity, BusMessage message, long sequence, BusEntitySettings settings)
    {
        TimeSpan? life = Shorter(message.TimeToLive, settings.DefaultMessageTimeToLive);
        bool scheduled = message.ScheduledEnqueueTime > now;
        DateTimeOffset begins = scheduled ? message.ScheduledEnqueueTime!.Value : now;
        DateTimeOffset? expires = life is { } span && span < DateTimeOffset.MaxValue - begins ? begins + span : null;
        Execute(
            "INSERT INTO bus_messages (entity, dead, state, sequence, enqueued_sequence, enqueued, due, expires, "
                + "deliveries, by_consumer, message) VALUES (@0, 0, @1, @2, @2, @3, @4, @5, 0, 0, @6)",
            entity,
            (int)(scheduled ? ServiceBusMessageState.Scheduled : ServiceBusMessageState.Active),
            sequence,
            now.UtcTicks,
            scheduled ? begins.UtcTicks : null,
            expires?.UtcTicks,
            JsonSerializer.Serialize(message, HttpBus.Json)
        );
    }

    /// <summary>The scheduled messages whose time has come, in order; taken away.</summary>
    public IReadOnlyList<(string Entity, BusMessage Message)> TakeDue()
    {
        var due = Read(
            "SELECT entity, message FROM bus_messages WHERE state = 2 AND due <= @0 ORDER BY due, key",
            row => (row.GetString(0), Message(row.GetString(1))),
            now.UtcTicks
        );
        if (due.Count > 0)
        {
            Execute("DELETE FROM bus_messages WHERE state = 2 AND due <= @0", now.UtcTicks);
        }
        return due;
    }

    public DateTimeOffset? NextDue() =>
        Scalar("SELECT min(due) FROM bus_messages WHERE state = 2") is long due ? new(due, TimeSpan.Zero) : null;

    public bool IsScheduled(string entity, long sequence) =>
        Scalar("SELECT 1 FROM bus_messages WHERE entity = @0 AND state = 2 AND sequence = @1", entity, sequence) is 1L;

    public void CancelScheduled(string entity, long sequence) =>
        Execute("DELETE FROM bus_messages WHERE entity = @0 AND state = 2 AND sequence = @1", entity, sequence);

    /// <summary>Messages of an entity whose life has ended; locked ones are left to their receiver.</summary>
    public IReadOnlyList<StoredMessage> Expired(string entity) =>
        Messages(
            "entity = @0 AND expires <= @1 AND dead = 0 AND state <> 2 AND (lock IS NULL OR locked_until <= @2)",
            entity,
            now.UtcTicks,
            real.UtcTicks
        );

    /// <summary>Messages that were handed out as often as may be, and are free again.</summary>
    public IReadOnlyList<StoredMessage> WornOut(string entity, int maxDeliveries) =>
        Messages(
            "entity = @0 AND dead = 0 AND state = 0 AND deliveries >= @1 AND (lock IS NULL OR locked_until <= @2)",
            entity,
            maxDeliveries,
            real.UtcTicks
        );

    public IReadOnlyList<StoredMessage> Ready(BusAddress address, int max) =>
        Messages(
            "entity = @0 AND dead = @1 AND state = 0 AND (lock IS NULL OR locked_until <= @2) ORDER BY sequence LIMIT @3",
            address.Entity,
            address.IsDeadLetter,
            real.UtcTicks,
            max
        );

    /// <summary>When the next lock on a message of this address ends; null for none.</summary>
    public DateTimeOffset? NextUnlock(BusAddress address) =>
        Scalar(
            "SELECT min(locked_until) FROM bus_messages WHERE lock IS NOT NULL AND entity = @0 AND dead = @1 AND state = 0",
            address.Entity,
            address.IsDeadLetter
        )
            is long until
            ? new(until, TimeSpan.Zero)
            : null;

    public IReadOnlyList<StoredMessage> Deferred(BusAddress address, long sequence) =>
        Messages(
            "entity = @0 AND dead = @1 AND state = 1 AND sequence = @2 AND (lock IS NULL OR locked_until <= @3)",
            address.Entity,
            address.IsDeadLetter,
            sequence,
            real.UtcTicks
        );

    public IReadOnlyList<StoredMessage> Peek(BusAddress address, long from, int max) =>
        Messages(
            "entity = @0 AND dead = @1 AND sequence >= @2 AND (expires IS NULL OR expires > @3 OR dead = 1) "
                + "ORDER BY sequence LIMIT @4",
            address.Entity,
            address.IsDeadLetter,
            from,
            now.UtcTicks,
            max
        );

    public StoredMessage? Locked(BusAddress address, Guid token) =>
        Messages(
                "lock = @0 AND locked_until > @1 AND entity = @2 AND dead = @3",
                token.ToString(),
                real.UtcTicks,
                address.Entity,
                address.IsDeadLetter
            )
            .SingleOrDefault();

    public void Lock(long key, Guid token, DateTimeOffset until, bool byConsumer) =>
        Execute(
            "UPDATE bus_messages SET lock = @1, locked_until = @2, by_consumer = @3, deliveries = deliveries + 1 "
                + "WHERE key = @0",
            key,
            token.ToString(),
            until.UtcTicks,
            byConsumer
        );

    public void Renew(long key, DateTimeOffset until) =>
        Execute("UPDATE bus_messages SET locked_until = @1 WHERE key = @0", key, until.UtcTicks);

    public void Release(long key, ServiceBusMessageState state, BusMessage message) =>
        Execute(
            "UPDATE bus_messages SET lock = NULL, locked_until = NULL, by_consumer = 0, state = @1, message = @2 "
                + "WHERE key = @0",
            key,
            (int)state,
            JsonSerializer.Serialize(message, HttpBus.Json)
        );

    public void Bury(long key, string source, BusMessage message) =>
        Execute(
            "UPDATE bus_messages SET lock = NULL, locked_until = NULL, by_consumer = 0, state = 0, dead = 1, expires = NULL, "
                + "source = @1, message = @2 WHERE key = @0",
            key,
            source,
            JsonSerializer.Serialize(message, HttpBus.Json)
        );

    public void Delete(long key) => Execute("DELETE FROM bus_messages WHERE key = @0", key);

    public BusLoad LoadOf(BusAddress address)
    {
        object? ready = Scalar(
            "SELECT EXISTS (SELECT 1 FROM bus_messages WHERE entity = @0 AND dead = @1 AND state = 0 "
                + "AND (lock IS NULL OR locked_until <= @2))",
            address.Entity,
            address.IsDeadLetter,
            real.UtcTicks
        );
        object? handled = Scalar(
            "SELECT max(locked_until) FROM bus_messages WHERE lock IS NOT NULL AND by_consumer = 1 AND entity = @0 AND dead = @1",
            address.Entity,
            address.IsDeadLetter
        );
        return new(ready is 1L, handled is long until ? new(until, TimeSpan.Zero) : null);
    }

    private static TimeSpan? Shorter(TimeSpan? one, TimeSpan? other) =>
        one is null || (other is not null && other < one) ? other : one;

    private IReadOnlyList<StoredMessage> Messages(string where, params ReadOnlySpan<object?> values) =>
        Read(
            $"SELECT {Columns} FROM bus_messages WHERE {where}",
            row => new StoredMessage(
                row.GetInt64(0),
                row.GetInt64(1),
                row.GetInt64(2),
                (ServiceBusMessageState)row.GetInt32(3),
                new(row.GetInt64(4), TimeSpan.Zero),
                row.GetInt32(5),
                row.IsDBNull(6) ? null : row.GetString(6),
                row.IsDBNull(7) ? null : new DateTimeOffset(row.GetInt64(7), TimeSpan.Zero),
                Message(row.GetString(8))
            ),
            values
        );

    private static BusMessage Message(string json) => JsonSerializer.Deserialize<BusMessage>(json, HttpBus.Json)!;

    private List<T> Read<T>(string sql, Func<SqliteDataReader, T> read, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = Command(sql, values);
        using SqliteDataReader rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
        {
            all.Add(read(rows));
        }
        return all;
    }

    private object? Scalar(string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = Command(sql, values);
        return command.ExecuteScalar();
    }

    private int Execute(string sql, params ReadOnlySpan<object?> values)
    {
        using SqliteCommand command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<object?> values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the broker; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue(string.Create(null, $"@{i}"), values[i] ?? DBNull.Value);
        }
        return command;
    }
}

internal enum BusEntityKind
{
    Queue = 0,
    Topic = 1,
    Subscription = 2,
}
