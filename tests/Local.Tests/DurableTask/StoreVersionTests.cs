using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Portability.Local.Engine;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.DurableTask;

/// <summary>Stores of other versions of the engine, from the files in Stores: one a version, never changed.</summary>
public sealed class StoreVersionTests
{
    public static TheoryData<int> OlderVersions => [.. Enumerable.Range(1, StoreSchema.Version - 1)];

    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task Store_OfAnOlderVersion_IsBroughtUpAndGoesOn(int version)
    {
        using var folder = new StoreFolder();
        await RunAsync(folder.Store, await File.ReadAllTextAsync(StoredSql(version)));
        await using (EngineOnAStore host = await EngineOnAStore.StartAsync(folder.Store, Tasks))
        {
            await host.Client.RaiseEventAsync("reader", "letter", "b");
            Assert.Equal("ab", (await host.Client.EndAsync("reader")).Output<string>());
            await host.PassAsync(TimeSpan.FromDays(21));
            Assert.True((await host.Client.GetInstanceAsync("sleeper", true))!.Output<bool>());
            Assert.True((await host.Client.GetInstanceAsync("done", true))!.Output<bool>());
        }
        Assert.Equal($"{StoreSchema.Version}", await ScalarAsync(folder.Store, VersionQuery));
    }

    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task Store_BroughtUp_HasTheTablesOfAFreshOne(int version)
    {
        using var older = new StoreFolder();
        using var fresh = new StoreFolder();
        await RunAsync(older.Store, await File.ReadAllTextAsync(StoredSql(version)));
        foreach (string store in (string[])[older.Store, fresh.Store])
        {
            await using EngineOnAStore host = await EngineOnAStore.StartAsync(store, Tasks);
        }
        const string columns =
            "SELECT group_concat(name) FROM (SELECT t.name || '.' || coalesce(c.name, '') AS name FROM sqlite_master t "
            + "LEFT JOIN pragma_table_info(t.name) c ORDER BY 1)";
        Assert.Equal(await ScalarAsync(fresh.Store, columns), await ScalarAsync(older.Store, columns));
    }

    [Fact]
    public async Task Store_OfALaterVersion_IsRefusedAndLeftAsItIs()
    {
        using var folder = new StoreFolder();
        await using (EngineOnAStore first = await EngineOnAStore.StartAsync(folder.Store, Tasks)) { }
        await RunAsync(folder.Store, "UPDATE engine SET value = '99' WHERE name = 'schema'");
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            EngineOnAStore.StartAsync(folder.Store, Tasks)
        );
        Assert.Contains("schema version 99", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(folder.Store, refusal.Message, StringComparison.Ordinal);
        Assert.Equal("99", await ScalarAsync(folder.Store, VersionQuery));
    }

    [Fact]
    public async Task File_OfAnotherProgram_IsRefusedAndLeftAsItIs()
    {
        using var folder = new StoreFolder();
        await RunAsync(folder.Store, "CREATE TABLE customers (name TEXT)");
        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            EngineOnAStore.StartAsync(folder.Store, Tasks)
        );
        Assert.Contains("is no store of the durable engine", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("customers", await ScalarAsync(folder.Store, "SELECT group_concat(name) FROM sqlite_master"));
    }

    private const string VersionQuery = "SELECT value FROM engine WHERE name = 'schema'";

    private static string StoredSql(int version) =>
        Path.Combine(AppContext.BaseDirectory, "DurableTask", "Stores", $"v{version}.sql");

    private static Task RunAsync(string store, string sql) => ScalarAsync(store, sql);

    private static async Task<string?> ScalarAsync(string store, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={store};Pooling=False");
        await connection.OpenAsync();
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private static void Tasks(DurableTaskRegistry tasks) =>
        tasks
            .AddOrchestratorFunc<TimeSpan, bool>(
                "sleep",
                async (context, span) =>
                {
                    await context.CreateTimer(span, CancellationToken.None);
                    return true;
                }
            )
            .AddOrchestratorFunc(
                "pair",
                async context =>
                    await context.WaitForExternalEvent<string>("letter")
                    + await context.WaitForExternalEvent<string>("letter")
            );
}
