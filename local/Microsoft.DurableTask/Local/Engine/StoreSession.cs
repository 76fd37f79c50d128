using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>The statements of the one connection that writes. Used by the writer's thread only.</summary>
internal sealed class StoreSession : IDisposable
{
    private readonly List<Statement> _all = [];
    private readonly SqliteConnection _connection;
    private readonly Statement _begin;
    private readonly Statement _commit;
    private readonly Statement _rollback;
    private readonly Statement _find;
    private readonly Statement _isLive;
    private readonly Statement _insertInstance;
    private readonly Statement _updateInstance;
    private readonly Statement _endInstance;
    private readonly Statement _continueInstance;
    private readonly Statement _insertHistory;
    private readonly Statement _insertInbox;
    private readonly Statement _sendToLive;
    private readonly Statement _insertActivity;
    private readonly Statement _insertTimer;
    private readonly Statement _deleteInbox;
    private readonly Statement _deleteActivity;
    private readonly Statement _deleteTimer;
    private readonly Statement _setValue;
    private readonly Statement[] _forget;

    public StoreSession(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Prepare("BEGIN IMMEDIATE");
        _commit = Prepare("COMMIT");
        _rollback = Prepare("ROLLBACK");
        _find = Prepare("SELECT key, status, name, version, input, tags FROM instances WHERE id = @0");
        _isLive = Prepare("SELECT 1 FROM instances WHERE key = @0 AND status NOT IN (1, 3, 5)");
        _insertInstance = Prepare(
            "INSERT INTO instances (key, id, name, version, status, generation, created, updated, input, tags, "
                + "parent_key, parent_task, parent_id, parent_name) "
                + "VALUES (@0, @1, @2, @3, @4, 0, @5, @5, @6, @7, @8, @9, @10, @11)"
        );
        _updateInstance = Prepare("UPDATE instances SET status = @1, updated = @2, custom_status = @3 WHERE key = @0");
        _endInstance = Prepare(
            "UPDATE instances SET status = @1, updated = @2, custom_status = @3, output = @4, failure = @5 WHERE key = @0"
        );
        _continueInstance = Prepare(
            "UPDATE instances SET status = @1, updated = @2, custom_status = @3, input = @4, version = @5, "
                + "generation = generation + 1 WHERE key = @0"
        );
        _insertHistory = Prepare("INSERT INTO history VALUES (@0, @1, @2)");
        _insertInbox = Prepare("INSERT INTO inbox VALUES (@0, @1, @2)");
        _sendToLive = Prepare(
            "INSERT INTO inbox SELECT @0, @1, @2 "
                + "WHERE EXISTS (SELECT 1 FROM instances WHERE key = @1 AND status NOT IN (1, 3, 5))"
        );
        _insertActivity = Prepare("INSERT INTO activities VALUES (@0, @1, @2, @3, @4, @5)");
        _insertTimer = Prepare("INSERT INTO timers VALUES (@0, @1, @2, @3, @4)");
        _deleteInbox = Prepare("DELETE FROM inbox WHERE seq = @0");
        _deleteActivity = Prepare("DELETE FROM activities WHERE seq = @0");
        _deleteTimer = Prepare("DELETE FROM timers WHERE seq = @0");
        _setValue = Prepare("INSERT INTO engine VALUES (@0, @1) ON CONFLICT (name) DO UPDATE SET value = @1");
        _forget =
        [
            Prepare("DELETE FROM activities WHERE key = @0"),
            Prepare("DELETE FROM timers WHERE key = @0"),
            Prepare("DELETE FROM history WHERE key = @0"),
            Prepare("DELETE FROM instances WHERE key = @0"),
        ];
    }

    public SqliteConnection Connection => _connection;

    public void Begin() => _begin.Execute();

    public void Commit() => _commit.Execute();

    public void Rollback() => _rollback.Execute();

    /// <summary>The instance of an id; null when there is none.</summary>
    public FoundInstance? Find(string id)
    {
        using Statement.Rows row = _find.Query(id);
        return row.Read()
            ? new(
                row.Number(0),
                (OrchestrationRuntimeStatus)row.Number(1),
                row.Text(2)!,
                row.Text(3)!,
                row.Text(4),
                row.Text(5)
            )
            : null;
    }

    /// <summary>Whether there is an instance of this key that has not ended.</summary>
    public bool IsLive(long key)
    {
        using Statement.Rows row = _isLive.Query(key);
        return row.Read();
    }

    public void Insert(NewInstance instance) =>
        _insertInstance.Execute(
            instance.Key,
            instance.Id,
            instance.Name,
            instance.Version,
            (int)OrchestrationRuntimeStatus.Pending,
            instance.Created.Ticks,
            instance.Input,
            instance.Tags,
            instance.Parent?.Key,
            instance.Parent?.Task,
            instance.Parent?.Id,
            instance.Parent?.Name
        );

    public void Update(long key, OrchestrationRuntimeStatus status, DateTime now, string? customStatus) =>
        _updateInstance.Execute(key, (int)status, now.Ticks, customStatus);

    public void End(long key, DateTime now, string? customStatus, Ending ending)
    {
        (OrchestrationRuntimeStatus status, string? output, string? failure) = ending switch
        {
            Ending.Completed completed => (OrchestrationRuntimeStatus.Completed, completed.Output, null),
            Ending.Terminated terminated => (OrchestrationRuntimeStatus.Terminated, terminated.Output, null),
            Ending.Failed failed => (
                OrchestrationRuntimeStatus.Failed,
                (string?)null,
                StoredJson.Write(failed.Failure)
            ),
            _ => throw new InvalidOperationException($"{ending} does not end an instance."),
        };
        _endInstance.Execute(key, (int)status, now.Ticks, customStatus, output, failure);
        if (ending is not Ending.Completed)
        {
            // Open tasks hold back an end by itself; any other leaves them behind.
            _forget[0].Execute(key);
            _forget[1].Execute(key);
        }
    }

    public void Continue(long key, DateTime now, string? customStatus, string? input, string version)
    {
        _continueInstance.Execute(
            key,
            (int)OrchestrationRuntimeStatus.Running,
            now.Ticks,
            customStatus,
            input,
            version
        );
        _forget[2].Execute(key);
    }

    public void InsertHistory(long key, long step, byte[] events) => _insertHistory.Execute(key, step, events);

    public void InsertInbox(long seq, long key, HistoryEvent fact) =>
        _insertInbox.Execute(seq, key, StoredJson.Write(fact));

    /// <summary>Puts a fact before an instance that has not ended; false when there is none.</summary>
    public bool SendToLive(long seq, long key, byte[] fact) => _sendToLive.Execute(seq, key, fact) > 0;

    public void InsertActivity(PendingActivity activity) =>
        _insertActivity.Execute(
            activity.Seq,
            activity.Key,
            activity.Task,
            activity.Name,
            activity.Version,
            activity.Input
        );

    public void InsertTimer(TimerEntry timer) =>
        _insertTimer.Execute(timer.Seq, timer.Key, timer.Generation, timer.Task, timer.Due.Ticks);

    /// <summary>Removes the row that a message came from.</summary>
    public void Consume(Message message)
    {
        switch (message.Source)
        {
            case MessageSource.Inbox:
                _deleteInbox.Execute(message.Seq);
                break;
            case MessageSource.Activity:
                _deleteActivity.Execute(message.Seq);
                break;
            case MessageSource.Timer:
                _deleteTimer.Execute(message.Seq);
                break;
        }
    }

    public void DeleteTimer(long seq) => _deleteTimer.Execute(seq);

    /// <summary>Removes all there is of an instance; gives how many instances that were.</summary>
    public int Forget(long key)
    {
        int count = 0;
        foreach (Statement statement in _forget)
        {
            count = statement.Execute(key);
        }
        return count;
    }

    public void SetClockOffset(TimeSpan offset) =>
        _setValue.Execute("clock_offset", offset.Ticks.ToString(CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _all.ForEach(statement => statement.Dispose());
        _connection.Dispose();
    }

    internal static string? Text(SqliteDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    private Statement Prepare(string sql)
    {
        var statement = new Statement(_connection, sql);
        _all.Add(statement);
        return statement;
    }
}

/// <summary>What the store says of an id.</summary>
internal sealed record FoundInstance(
    long Key,
    OrchestrationRuntimeStatus Status,
    string Name,
    string Version,
    string? Input,
    string? Tags
)
{
    public bool HasEnded =>
        Status
            is OrchestrationRuntimeStatus.Completed
                or OrchestrationRuntimeStatus.Failed
                or OrchestrationRuntimeStatus.Terminated;
}

/// <summary>An instance to be stored.</summary>
internal sealed record NewInstance(
    long Key,
    string Id,
    string Name,
    string Version,
    string? Input,
    string? Tags,
    DateTime Created,
    DateTime? StartAt,
    ParentTask? Parent
);

/// <summary>The task of an orchestration that a sub-orchestration is.</summary>
internal sealed record ParentTask(long Key, int Task, string Id, string Name);
