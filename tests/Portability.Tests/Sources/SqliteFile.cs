using Microsoft.Data.Sqlite;
using Portability.Sources;

namespace Portability.Tests.Sources;

/// <summary>A real SQLite database file, gone with the test.</summary>
public sealed class SqliteFile : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("portability-sqlite-").FullName;

    public SqliteFile(string script)
    {
        Run(script);
        Source = new SqliteSource("lms", ConnectionString);
    }

    public string Folder => folder;

    public string Path => System.IO.Path.Combine(folder, "lms.db");

    public string ConnectionString => $"Data Source={Path}";

    public SqliteSource Source { get; }

    public void Run(string script)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = script;
        command.ExecuteNonQuery();
    }

    public long Count(string sql) => (long)Scalar(sql)!;

    public object? Scalar(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    /// <summary>Rows as text, values quoted as SQL literals, so that two states compare exactly.</summary>
    public IReadOnlyList<string> Rows(string sql)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(
                string.Join(
                    "|",
                    Enumerable
                        .Range(0, reader.FieldCount)
                        .Select(index =>
                            reader.IsDBNull(index)
                                ? "NULL"
                                : $"{reader.GetDataTypeName(index)}:{reader.GetValue(index)}"
                        )
                )
            );
        }
        return rows;
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False;Foreign Keys=True");
        connection.Open();
        return connection;
    }
}
