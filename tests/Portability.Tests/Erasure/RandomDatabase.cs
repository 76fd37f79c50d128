using Portability.Tests.Sources;

namespace Portability.Tests.Erasure;

/// <summary>The database of a random schema, of either kind.</summary>
internal abstract class RandomDatabase : IAsyncDisposable
{
    public abstract string ConnectionString { get; }

    /// <summary>Rows as text, so that two states compare exactly.</summary>
    public abstract Task<IReadOnlyList<string>> RowsAsync(string sql);

    public abstract ValueTask DisposeAsync();

    public static async Task<RandomDatabase> CreateAsync(RandomSchema schema) =>
        schema.Provider == "postgres"
            ? new Postgres(await PostgresServer.CreateAsync(schema.Script))
            : new Sqlite(new SqliteFile(schema.Script));

    private sealed class Sqlite(SqliteFile file) : RandomDatabase
    {
        public override string ConnectionString => file.ConnectionString;

        public override Task<IReadOnlyList<string>> RowsAsync(string sql) => Task.FromResult(file.Rows(sql));

        public override ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Postgres(PostgresDatabase database) : RandomDatabase
    {
        public override string ConnectionString => database.ConnectionString;

        public override Task<IReadOnlyList<string>> RowsAsync(string sql) => database.RowsAsync(sql);

        public override ValueTask DisposeAsync() => database.DisposeAsync();
    }
}
