using Microsoft.Data.Sqlite;

namespace Portability.Local.Engine;

/// <summary>A prepared statement with parameters @0, @1 and so on. Of one thread.</summary>
internal sealed class Statement : IDisposable
{
    private readonly SqliteCommand _command;

    public Statement(SqliteConnection connection, string sql)
    {
        _command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the engine.
        _command.CommandText = sql;
#pragma warning restore CA2100
    }

    public int Execute(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteNonQuery();
    }

    public SqliteDataReader Query(params ReadOnlySpan<object?> values)
    {
        Bind(values);
        return _command.ExecuteReader();
    }

    public void Dispose() => _command.Dispose();

    private void Bind(ReadOnlySpan<object?> values)
    {
        while (_command.Parameters.Count < values.Length)
        {
            SqliteParameter parameter = _command.CreateParameter();
            parameter.ParameterName = string.Create(null, $"@{_command.Parameters.Count}");
            _command.Parameters.Add(parameter);
        }
        for (int i = 0; i < values.Length; i++)
        {
            _command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }
    }
}
