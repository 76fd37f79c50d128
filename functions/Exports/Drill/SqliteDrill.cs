using Microsoft.Data.Sqlite;
using Portability.Exports.Formats;

namespace Portability.Exports.Drill;

/// <summary>A new SQLite file in the temporary folder, or in another one.</summary>
internal class SqliteDrill : IDrillDatabase
{
    private readonly string _folder;

    public SqliteDrill(string? scratch)
    {
        _folder = scratch is null
            ? Directory.CreateTempSubdirectory("portability-drill-").FullName
            : Directory.CreateDirectory(Path.Combine(scratch, $"portability-drill-{Guid.NewGuid():N}")).FullName;
        Connection = new SqliteConnection($"Data Source={Path.Combine(_folder, "drill.db")};Pooling=False");
        Connection.Open();
        // Nothing here must survive a crash.
        Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF");
    }

    public virtual string Engine => "sqlite";

    protected SqliteConnection Connection { get; }

    public virtual Task RunAsync(string statement, CancellationToken cancellationToken)
    {
        Execute(statement);
        return Task.CompletedTask;
    }

    public virtual Task<DrillCounts> CountAsync(CancellationToken cancellationToken)
    {
        var rows = Tables()
            .ToDictionary(
                table => table,
                table => Scalar($"SELECT count(*) FROM {SqlText.Quote(table)}"),
                StringComparer.Ordinal
            );
        return Task.FromResult(new DrillCounts(rows, Orphans()));
    }

    private List<string> Tables()
    {
        var tables = new List<string>();
        using (
            var names = Command(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            )
        )
        using (var reader = names.ExecuteReader())
        {
            while (reader.Read())
            {
                tables.Add(reader.GetString(0));
            }
        }

        return tables;
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected virtual long Orphans() => Scalar("SELECT count(*) FROM pragma_foreign_key_check");

    protected long Scalar(string sql)
    {
        using var command = Command(sql);
        return (long)command.ExecuteScalar()!;
    }

    protected void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        return command;
    }
}
