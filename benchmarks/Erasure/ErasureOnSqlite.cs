using Microsoft.Data.Sqlite;

namespace Portability.Benchmarks.Erasure;

/// <summary>A SQLite file, and the <c>sqlite3</c> shell.</summary>
internal sealed class ErasureOnSqlite(string folder) : IErasureEngine
{
    public const string Name = "sqlite";

    public string Provider => Name;

    public string PeerName => "sqlite3 script";

    public string WarmUp => $"Data Source={PathOf("warm-copy")}";

    public string Copy => $"Data Source={PathOf("copy")}";

    public static async Task<ErasureOnSqlite> CreateAsync(string folder, long rows)
    {
        var made = new ErasureOnSqlite(folder);
        await MakeAsync(made.PathOf("bench"), rows);
        await MakeAsync(made.PathOf("warm-up"), rows / 10);
        await File.WriteAllTextAsync(made.Script, ErasureData.Script);
        return made;
    }

    public Task RenewAsync()
    {
        Renew("bench", "copy");
        Renew("warm-up", "warm-copy");
        return Task.CompletedTask;
    }

    public Task<MeasuredProcess> RunScriptAsync() =>
        MeasuredProcess.RunAsync("sqlite3", PathOf("copy"), $".read '{Script}'");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private string Script => Path.Combine(folder, "delete.sql");

    private string PathOf(string name) => Path.Combine(folder, $"{name}.db");

    private void Renew(string from, string to)
    {
        File.Delete($"{PathOf(to)}-wal");
        File.Delete($"{PathOf(to)}-shm");
        File.Copy(PathOf(from), PathOf(to), overwrite: true);
    }

    private static async Task MakeAsync(string database, long rows)
    {
        await using var connection = new SqliteConnection($"Data Source={database};Pooling=False");
        await connection.OpenAsync();
        IEnumerable<string> statements =
        [
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -200000",
            ErasureData.Schema,
            "BEGIN",
            .. ErasureData.Fill(rows),
            "COMMIT",
            ErasureData.Indexes,
            "PRAGMA journal_mode = WAL",
        ];
        foreach (var sql in statements)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync();
        }
    }
}
