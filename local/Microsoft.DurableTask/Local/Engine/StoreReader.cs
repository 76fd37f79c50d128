using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Portability.Local.Engine;

/// <summary>Reads what is committed, on connections of its own beside the writer's.</summary>
internal sealed class StoreReader(string path) : IDisposable
{
    private const string Columns =
        "key, id, name, status, created, updated, tags, input, output, custom_status, failure";

    private readonly ConcurrentBag<Session> _sessions = [];

    /// <summary>The state of an instance; null when there is none.</summary>
    public OrchestrationMetadata? Find(string id, DataConverter? payloads) =>
        Read(session =>
        {
            using Statement.Rows row = session.Find.Query(id);
            if (!row.Read())
            {
                return null;
            }
            string? failure = payloads is null ? null : row.Text(10);
            return new OrchestrationMetadata(row.Text(2)!, row.Text(1)!)
            {
                DataConverter = payloads,
                RuntimeStatus = (OrchestrationRuntimeStatus)row.Number(3),
                CreatedAt = new(row.Number(4), TimeSpan.Zero),
                LastUpdatedAt = new(row.Number(5), TimeSpan.Zero),
                Tags = Tags.Read(row.Text(6)),
                SerializedInput = payloads is null ? null : row.Text(7),
                SerializedOutput = payloads is null ? null : row.Text(8),
                SerializedCustomStatus = payloads is null ? null : row.Text(9),
                // Officially a single state carries the top of the failure only, a query the whole of it.
                FailureDetails = failure is null ? null : StoredJson.ReadFailure(failure).ToDetails(withInner: false),
            };
        });

    /// <summary>A page of instances after a key, in the order they were created.</summary>
    public (IReadOnlyList<OrchestrationMetadata> Values, long? LastKey) Query(
        OrchestrationQuery query,
        long afterKey,
        int size,
        DataConverter converter
    ) =>
        Read(session =>
        {
            using SqliteCommand command = session.Connection.CreateCommand();
            string where = Filter(command, query.CreatedFrom, query.CreatedTo, query.Statuses, query.InstanceIdPrefix);
#pragma warning disable CA2100 // Values are parameters.
            command.CommandText = $"SELECT {Columns} FROM instances WHERE key > @after{where} ORDER BY key LIMIT @size";
#pragma warning restore CA2100
            command.Parameters.AddWithValue("@after", afterKey);
            command.Parameters.AddWithValue("@size", size);
            using SqliteDataReader row = command.ExecuteReader();
            var values = new List<OrchestrationMetadata>();
            long lastKey = 0;
            while (row.Read())
            {
                values.Add(Metadata(row, query.FetchInputsAndOutputs ? converter : null));
                lastKey = row.GetInt64(0);
            }
            return (values, values.Count == size ? lastKey : (long?)null);
        });

    /// <summary>Keys of ended instances that a filter selects.</summary>
    public IReadOnlyList<long> FindEnded(PurgeInstancesFilter filter) =>
        Read(session =>
        {
            using SqliteCommand command = session.Connection.CreateCommand();
            string where = Filter(command, filter.CreatedFrom, filter.CreatedTo, filter.Statuses, null);
#pragma warning disable CA2100 // Values are parameters.
            command.CommandText = $"SELECT key FROM instances WHERE status IN (1, 3, 5){where} ORDER BY key";
#pragma warning restore CA2100
            using SqliteDataReader row = command.ExecuteReader();
            var keys = new List<long>();
            while (row.Read())
            {
                keys.Add(row.GetInt64(0));
            }
            return keys;
        });

    /// <summary>The input and the history of an instance's present generation.</summary>
    public (string? Input, List<List<HistoryEvent>> Steps) History(long key) =>
        Read(session =>
        {
            string? data;
            using (Statement.Rows input = session.Input.Query(key))
            {
                data = input.Read() ? input.Text(0) : null;
            }
            using Statement.Rows row = session.History.Query(key);
            var steps = new List<List<HistoryEvent>>();
            while (row.Read())
            {
                steps.Add(StoredJson.ReadEvents(row.Bytes(0)));
            }
            return (data, steps);
        });

    public void Dispose()
    {
        while (_sessions.TryTake(out Session? session))
        {
            session.Dispose();
        }
    }

    private T Read<T>(Func<Session, T> read)
    {
        if (!_sessions.TryTake(out Session? session))
        {
            session = new Session(path);
        }
        try
        {
            return read(session);
        }
        finally
        {
            _sessions.Add(session);
        }
    }

    private static OrchestrationMetadata Metadata(SqliteDataReader row, DataConverter? payloads)
    {
        string? failure = payloads is null ? null : StoreSession.Text(row, 10);
        return new OrchestrationMetadata(row.GetString(2), row.GetString(1))
        {
            DataConverter = payloads,
            RuntimeStatus = (OrchestrationRuntimeStatus)row.GetInt32(3),
            CreatedAt = Time(row, 4),
            LastUpdatedAt = Time(row, 5),
            Tags = Tags.Read(StoreSession.Text(row, 6)),
            SerializedInput = payloads is null ? null : StoreSession.Text(row, 7),
            SerializedOutput = payloads is null ? null : StoreSession.Text(row, 8),
            SerializedCustomStatus = payloads is null ? null : StoreSession.Text(row, 9),
            FailureDetails = failure is null ? null : StoredJson.ReadFailure(failure).ToDetails(),
        };
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static string Filter(
        SqliteCommand command,
        DateTimeOffset? from,
        DateTimeOffset? to,
        IEnumerable<OrchestrationRuntimeStatus>? statuses,
        string? prefix
    )
    {
        string where = "";
        if (from is { } earliest)
        {
            where += " AND created >= @from";
            command.Parameters.AddWithValue("@from", earliest.UtcTicks);
        }
        if (to is { } latest)
        {
            where += " AND created <= @to";
            command.Parameters.AddWithValue("@to", latest.UtcTicks);
        }
        if (
            statuses?.Select(status => ((int)status).ToString(CultureInfo.InvariantCulture)).ToList() is
            { Count: > 0 } list
        )
        {
            where += $" AND status IN ({string.Join(", ", list)})";
        }
        if (!string.IsNullOrEmpty(prefix))
        {
            where += " AND substr(id, 1, length(@prefix)) = @prefix";
            command.Parameters.AddWithValue("@prefix", prefix);
        }
        return where;
    }

    /// <summary>A connection and its statements, used by one caller at a time.</summary>
    private sealed class Session : IDisposable
    {
        public Session(string path)
        {
            Connection = StoreSchema.Open(path, readOnly: true, survivePowerLoss: false);
            Find = new(Connection, $"SELECT {Columns} FROM instances WHERE id = @0");
            Input = new(Connection, "SELECT input FROM instances WHERE key = @0");
            History = new(Connection, "SELECT events FROM history WHERE key = @0 ORDER BY step");
        }

        public SqliteConnection Connection { get; }

        public Statement Find { get; }

        public Statement Input { get; }

        public Statement History { get; }

        public void Dispose()
        {
            Find.Dispose();
            Input.Dispose();
            History.Dispose();
            Connection.Dispose();
        }
    }
}
