using Npgsql;
using Portability.Sources;

namespace Portability.Tests.Sources;

/// <summary>Tables that are written anew under a snapshot, on a real server.</summary>
public sealed class PostgresRewritesTests
{
    private const string School = """
        CREATE TABLE pupils (id bigint PRIMARY KEY, name text);
        INSERT INTO pupils SELECT g, 'Åse ' || g FROM generate_series(1, 10) g;
        CREATE TABLE logs (id bigint, year int, PRIMARY KEY (id, year)) PARTITION BY LIST (year);
        CREATE TABLE logs_old PARTITION OF logs FOR VALUES IN (2025);
        CREATE TABLE logs_new PARTITION OF logs DEFAULT;
        INSERT INTO logs SELECT g, 2020 + g FROM generate_series(1, 10) g;
        CREATE SCHEMA archive; CREATE TABLE archive.notes (id int PRIMARY KEY); INSERT INTO archive.notes VALUES (1);
        """;

    private static readonly string[] Tables = ["archive.notes", "logs", "pupils"];

    [Theory]
    [InlineData("TRUNCATE pupils", "pupils", true)]
    [InlineData("ALTER TABLE pupils ALTER COLUMN id TYPE integer", "pupils", true)]
    [InlineData("CLUSTER pupils USING pupils_pkey", "pupils", false)]
    [InlineData("TRUNCATE logs_old", "logs", true)]
    [InlineData("ALTER TABLE logs DETACH PARTITION logs_old", "logs", true)]
    [InlineData("TRUNCATE archive.notes", "archive.notes", true)]
    public async Task ATableWrittenAnew_ShowsFewerRowsToAnOlderSnapshot_AndIsFound(
        string change,
        string table,
        bool losesRows
    )
    {
        await using var database = await PostgresServer.CreateAsync(School);
        await using var snapshot = (await database.Source.HoldSnapshotAsync(Tables, CancellationToken.None))!;
        var before = await CountAsync(snapshot, table);
        Assert.Null(await snapshot.FindRewrittenAsync(Tables, CancellationToken.None));

        await database.RunAsync(change);

        Assert.Equal(losesRows, await CountAsync(snapshot, table) < before);
        Assert.Equal(table, await snapshot.FindRewrittenAsync(Tables, CancellationToken.None));
        Assert.Null(await snapshot.FindRewrittenAsync([.. Tables.Except([table])], CancellationToken.None));
    }

    [Theory]
    [InlineData("INSERT INTO pupils VALUES (11, 'Bø'); DELETE FROM logs; UPDATE archive.notes SET id = 2")]
    [InlineData("ALTER TABLE pupils ADD COLUMN born date; CREATE INDEX ON pupils (name); ANALYZE")]
    [InlineData("CREATE TABLE logs_2026 PARTITION OF logs FOR VALUES IN (2040)")]
    [InlineData("CREATE TABLE others (id int PRIMARY KEY); DROP TABLE others")]
    public async Task WhatAnOlderSnapshotShowsWhole_IsNotFound(string change)
    {
        await using var database = await PostgresServer.CreateAsync(School);
        await using var snapshot = (await database.Source.HoldSnapshotAsync(Tables, CancellationToken.None))!;

        await database.RunAsync(change);

        Assert.Equal(10, await CountAsync(snapshot, "pupils"));
        Assert.Equal(10, await CountAsync(snapshot, "logs"));
        Assert.Null(await snapshot.FindRewrittenAsync(Tables, CancellationToken.None));
    }

    [Fact]
    public async Task ATableThatIsDroppedOrMadeSince_IsFound()
    {
        await using var database = await PostgresServer.CreateAsync(School);
        await using var snapshot = (await database.Source.HoldSnapshotAsync(Tables, CancellationToken.None))!;

        await database.RunAsync("DROP TABLE archive.notes; CREATE TABLE late (id int PRIMARY KEY)");

        Assert.Equal("archive.notes", await snapshot.FindRewrittenAsync(["archive.notes"], CancellationToken.None));
        Assert.Equal("late", await snapshot.FindRewrittenAsync(["late"], CancellationToken.None));
    }

    private static async Task<long> CountAsync(ISharedSnapshot snapshot, string table)
    {
        await using var connection = (NpgsqlConnection)(await snapshot.OpenReadAsync(CancellationToken.None))!;
        await using var command = new NpgsqlCommand(
            $"SELECT count(*) FROM {(table.Contains('.', StringComparison.Ordinal) ? table : $"public.{table}")}",
            connection
        );
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
