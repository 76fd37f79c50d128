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

    private readonly ConcurrentBag<SqliteConnection> _connections = [];

    /// <summary>The state of an instance; null when there is none.</summary>
    public OrchestrationMetadata? Find(string id, DataConverter? payloads) =>
        Read(connection =>
        {
            using SqliteCommand command = Command(connection, $"SELECT {Columns} FROM instances WHERE id = @0", id);
            using SqliteDataReader row = command.ExecuteReader();
            // Officially a single state carries the top of the failure only, a query the whole of it.
            return row.Read() ? Metadata(row, payloads, withInnerFailure: false) : null;
        });

    /// <summary>A page of instances after a key, in the order they were created.</summary>
    public (IReadOnlyList<OrchestrationMetadata> Values, long? LastKey) Query(
        OrchestrationQuery query,
        long afterKey,
        int size,
        DataConverter converter
    ) =>
        Read(connection =>
        {
            using SqliteCommand command = connection.CreateCommand();
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
                values.Add(Metadata(row, query.FetchInputsAndOutputs ? converter : null, withInnerFailure: true));
                lastKey = row.GetInt64(0);
            }
            return (values, values.Count == size ? lastKey : (long?)null);
        });

    /// <summary>Keys of ended instances that a filter selects.</summary>
    public IReadOnlyList<long> FindEnded(PurgeInstancesFilter filter) =>
        Read(connection =>
        {
            using SqliteCommand command = connection.CreateCommand();
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
        Read(connection =>
        {
            using SqliteCommand input = Command(connection, "SELECT input FROM instances WHERE key = @0", key);
            string? data = input.ExecuteScalar() as string;
            using SqliteCommand history = Command(
                connection,
                "SELECT events FROM history WHERE key = @0 ORDER BY step",
                key
            );
            using SqliteDataReader row = history.ExecuteReader();
            var steps = new List<List<HistoryEvent>>();
            while (row.Read())
            {
                steps.Add(StoredJson.ReadEvents(row.GetString(0)));
            }
            return (data, steps);
        });

    public T Read<T>(Func<SqliteConnection, T> read)
    {
        if (!_connections.TryTake(out SqliteConnection? connection))
        {
            connection = StoreSchema.Open(path, readOnly: true, survivePowerLoss: false);
        }
        try
        {
            return read(connection);
        }
        finally
        {
            _connections.Add(connection);
        }
    }

    public void Dispose()
    {
        while (_connections.TryTake(out SqliteConnection? connection))
        {
            connection.Dispose();
        }
    }

    private static OrchestrationMetadata Metadata(SqliteDataReader row, DataConverter? payloads, bool withInnerFailure)
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
            FailureDetails = failure is null ? null : StoredJson.ReadFailure(failure).ToDetails(withInnerFailure),
        };
    }

    private static DateTimeOffset Time(SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);

    private static SqliteCommand Command(SqliteConnection connection, string sql, object value)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the engine.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.Parameters.AddWithValue("@0", value);
        return command;
    }

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
}
