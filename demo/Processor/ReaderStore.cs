using Microsoft.Data.Sqlite;

namespace Portability.Demo;

/// <summary>What the newsletter service keeps: readers' addresses by customer, and the answers it has given.</summary>
internal sealed class ReaderStore(string path)
{
    private string ConnectionString => $"Data Source={path};Pooling=False";

    public async Task FillAsync(IEnumerable<string> customers, int each, CancellationToken ct)
    {
        await using SqliteConnection connection = await OpenAsync(ct);
        await ExecuteAsync(
            connection,
            """
            PRAGMA secure_delete = ON;
            CREATE TABLE IF NOT EXISTS readers (id INTEGER PRIMARY KEY, customer_id TEXT NOT NULL, email TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS erasures (command TEXT PRIMARY KEY, erased INTEGER NOT NULL);
            """,
            ct
        );
        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(ct);
        foreach (string customer in customers)
        {
            for (int i = 1; i <= each; i++)
            {
                await ExecuteAsync(
                    connection,
                    "INSERT INTO readers (customer_id, email) VALUES ($a, $b)",
                    ct,
                    customer,
                    $"reader-{i}@{customer}.example"
                );
            }
        }
        await transaction.CommitAsync(ct);
    }

    public async Task<long> CountAsync(string customer, CancellationToken ct)
    {
        await using SqliteConnection connection = await OpenAsync(ct);
        return await ScalarAsync(connection, "SELECT count(*) FROM readers WHERE customer_id = $a", ct, customer) ?? 0;
    }

    /// <summary>Erases a customer once: a command that comes again is answered as the first time.</summary>
    public async Task<long> EraseAsync(string command, string customer, CancellationToken ct)
    {
        await using SqliteConnection connection = await OpenAsync(ct);
        await using var transaction = (SqliteTransaction)await connection.BeginTransactionAsync(ct);
        if (await ScalarAsync(connection, "SELECT erased FROM erasures WHERE command = $a", ct, command) is { } before)
        {
            return before;
        }
        long erased = await ExecuteAsync(connection, "DELETE FROM readers WHERE customer_id = $a", ct, customer);
        await ExecuteAsync(connection, "INSERT INTO erasures VALUES ($a, $b)", ct, command, erased);
        await transaction.CommitAsync(ct);
        return erased;
    }

    private async Task<SqliteConnection> OpenAsync(CancellationToken ct)
    {
        var connection = new SqliteConnection(ConnectionString);
        await connection.OpenAsync(ct);
        return connection;
    }

    private static async Task<int> ExecuteAsync(
        SqliteConnection connection,
        string sql,
        CancellationToken ct,
        params object[] values
    )
    {
        await using SqliteCommand command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(ct);
    }

    private static async Task<long?> ScalarAsync(
        SqliteConnection connection,
        string sql,
        CancellationToken ct,
        params object[] values
    )
    {
        await using SqliteCommand command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(ct) as long?;
    }

    private static SqliteCommand Command(SqliteConnection connection, string sql, object[] values)
    {
        SqliteCommand command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of this file; values are parameters.
        command.CommandText = sql;
#pragma warning restore CA2100
        for (int i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${(char)('a' + i)}", values[i]);
        }
        return command;
    }
}
