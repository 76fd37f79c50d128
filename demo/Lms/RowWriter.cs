using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Portability.Demo.Lms;

/// <summary>Inserts rows of one table with one prepared statement.</summary>
internal sealed class RowWriter : IDisposable
{
    private readonly SqliteCommand command;

    /// <summary>Prepares the statement.</summary>
    /// <param name="connection">Connection with the transaction that everything is written in.</param>
    /// <param name="table">Table name, quoted here.</param>
    /// <param name="columns">Columns in the order of the values of <see cref="Write"/>, separated by spaces.</param>
    public RowWriter(SqliteConnection connection, string table, string columns)
    {
        string[] names = columns.Split(' ');
        command = connection.CreateCommand();
        command.CommandText =
            $"INSERT INTO \"{table}\" ({string.Join(", ", names.Select(name => $"\"{name}\""))}) "
            + $"VALUES ({string.Join(", ", names.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"$p{i}")))})";
        for (int i = 0; i < names.Length; i++)
        {
            command.Parameters.Add(
                new SqliteParameter(string.Create(CultureInfo.InvariantCulture, $"$p{i}"), value: null)
            );
        }

        command.Prepare();
    }

    public long Written { get; private set; }

    public void Write(params ReadOnlySpan<object?> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        command.ExecuteNonQuery();
        Written++;
    }

    public void Dispose() => command.Dispose();
}
