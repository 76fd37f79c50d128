using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>What an earlier process left in a store.</summary>
internal sealed record Recovery(
    long LastSeq,
    TimeSpan ClockOffset,
    IReadOnlyList<Instance> Instances,
    IReadOnlyList<(long Key, Message Message)> Messages,
    IReadOnlyList<PendingActivity> Activities,
    IReadOnlyList<TimerEntry> Timers
)
{
    public static Recovery Read(SqliteConnection connection)
    {
        List<Instance> instances = Rows(
            connection,
            "SELECT key, id, name, version, generation, updated, custom_status, parent_key, parent_task, parent_id, "
                + "parent_name, (SELECT count(*) FROM history WHERE history.key = instances.key), "
                + "status FROM instances WHERE status NOT IN (1, 3, 5) ORDER BY key",
            row => new Instance(row.GetInt64(0), row.GetString(1), new TaskName(row.GetString(2)), Parent(row))
            {
                Version = row.GetString(3),
                Generation = row.GetInt32(4),
                LastStepAt = new DateTime(row.GetInt64(5), DateTimeKind.Utc),
                CustomStatus = StoreSession.Text(row, 6),
                NextStep = row.GetInt64(11),
                StoredStatus = (OrchestrationRuntimeStatus)row.GetInt32(12),
            }
        );
        List<TimerEntry> timers = Rows(
            connection,
            "SELECT seq, key, generation, task, due FROM timers ORDER BY due, seq",
            row => new TimerEntry(
                row.GetInt64(0),
                row.GetInt64(1),
                row.GetInt32(2),
                row.GetInt32(3),
                new DateTime(row.GetInt64(4), DateTimeKind.Utc)
            )
        );
        Dictionary<long, Instance> byKey = instances.ToDictionary(instance => instance.Key);
        foreach (TimerEntry timer in timers.Where(timer => timer.Task != TimerEntry.Start))
        {
            Instance owner = byKey[timer.Key];
            (owner.Timers ??= []).Add(timer.Task, timer);
        }
        return new(
            Rows(
                connection,
                "SELECT max(coalesce((SELECT max(key) FROM instances), 0), coalesce((SELECT max(seq) FROM inbox), 0), "
                    + "coalesce((SELECT max(seq) FROM activities), 0), coalesce((SELECT max(seq) FROM timers), 0))",
                row => row.GetInt64(0)
            )[0],
            Rows(
                    connection,
                    "SELECT value FROM engine WHERE name = 'clock_offset'",
                    row => TimeSpan.FromTicks(long.Parse(row.GetString(0), CultureInfo.InvariantCulture))
                )
                .SingleOrDefault(),
            instances,
            Rows(
                connection,
                "SELECT seq, key, event FROM inbox ORDER BY seq",
                row =>
                    (
                        row.GetInt64(1),
                        new Message(StoredJson.ReadEvent(row.GetString(2)), MessageSource.Inbox, row.GetInt64(0))
                    )
            ),
            Rows(
                connection,
                "SELECT seq, key, task, name, version, input FROM activities ORDER BY seq",
                row => new PendingActivity(
                    row.GetInt64(0),
                    row.GetInt64(1),
                    row.GetInt32(2),
                    row.GetString(3),
                    row.GetString(4),
                    StoreSession.Text(row, 5)
                )
            ),
            timers
        );
    }

    private static ParentTask? Parent(SqliteDataReader row) =>
        row.IsDBNull(7) ? null : new(row.GetInt64(7), row.GetInt32(8), row.GetString(9), row.GetString(10));

    private static List<T> Rows<T>(SqliteConnection connection, string sql, Func<SqliteDataReader, T> read)
    {
        using SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the engine.
        command.CommandText = sql;
#pragma warning restore CA2100
        using SqliteDataReader row = command.ExecuteReader();
        var values = new List<T>();
        while (row.Read())
        {
            values.Add(read(row));
        }
        return values;
    }
}
