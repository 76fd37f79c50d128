using System.Text;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Microsoft.Data.Sqlite;
using Portability.Exports;
using Portability.Exports.Drill;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class RestoreDrillTests(ExportHouse house)
{
    [Fact]
    public async Task Drill_OfADamagedDump_NamesItAndHasItAloneWrittenAgain()
    {
        await using var exporter = house.SampleExporter();
        var plan = await exporter.PlanAsync(house.Order() with { Formats = ["sql", "csv"] }, default);
        var export = new ExportRef(plan.Order.CaseId, 1);
        await ExportHouse.WriteAllAsync(exporter, plan);
        var container = house.Blobs.GetBlobContainerClient("exports");
        var dump = container.GetBlobClient($"{export.CaseId}/1/files/lms.sql");
        var good = await DamageAsync(dump);
        var users = container.GetBlobClient($"{export.CaseId}/1/files/csv/users.csv");
        var before = (await users.GetPropertiesAsync()).Value.ETag;

        var failed = await Assert.ThrowsAsync<RestoreDrillException>(() => exporter.DrillAsync(export, default));

        Assert.Equal("lms.sql", failed.File);
        var progress = (await exporter.ProgressAsync(export, default)).Single(file => file.Path == "lms.sql");
        Assert.Equal(FileState.Failed, progress.State);
        Assert.Contains("Restore drill", progress.Error, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ExportFileMissingException>(() => exporter.CompleteAsync(export, default));
        Assert.Null(await exporter.ReadManifestAsync(export, default));

        await ExportHouse.WriteAllAsync(exporter, plan);
        await exporter.CompleteAsync(export, default);

        var drill = Assert.Single((await exporter.ReadManifestAsync(export, default))!.RestoreDrills);
        Assert.Equal(("lms.sql", "sqlite"), (drill.File, drill.Engine));
        Assert.True(drill is { Tables: > 20, Rows: > 1000 });
        Assert.Equal(good, (await dump.DownloadContentAsync()).Value.Content.ToString());
        Assert.Equal(before, (await users.GetPropertiesAsync()).Value.ETag);
    }

    [Theory]
    [InlineData(true, "postgres")]
    [InlineData(false, "sqlite, rows and references only")]
    public async Task Drill_OfAPostgresDump_LoadsItWhereItMay(bool mayCreate, string engine)
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        var settings = lms.Settings();
        settings["Portability:RestoreDrill:lms"] = mayCreate
            ? (await PostgresServer.StartedAsync()).ConnectionString
            : null;
        // A budget of nothing: one statement a call, so that every call goes on where the last one stopped.
        await using var exporter = house.Exporter(lms.Map, settings, new() { CallBudget = TimeSpan.Zero });
        var plan = await exporter.PlanAsync(house.Order() with { Formats = ["sql"] }, default);
        var export = new ExportRef(plan.Order.CaseId, 1);
        var written = Assert.Single(await ExportHouse.WriteAllAsync(exporter, plan));
        var calls = 1;

        while (!await exporter.DrillAsync(export, default))
        {
            calls++;
        }

        await exporter.CompleteAsync(export, default);
        var drill = Assert.Single((await exporter.ReadManifestAsync(export, default))!.RestoreDrills);
        Assert.Equal((engine, written.Rows), (drill.Engine, drill.Rows));
        Assert.True(calls > 50, $"{calls} calls");
        Assert.Equal(
            0,
            await lms.Database.CountAsync("SELECT count(*) FROM pg_database WHERE datname LIKE 'portability_drill_%'")
        );
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Drill_OfAPostgresDumpWithARowThatRefersToNothing_Fails(bool mayCreate)
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        var settings = lms.Settings();
        settings["Portability:RestoreDrill:lms"] = mayCreate
            ? (await PostgresServer.StartedAsync()).ConnectionString
            : null;
        await using var exporter = house.Exporter(lms.Map, settings);
        var plan = await exporter.PlanAsync(house.Order() with { Formats = ["sql"] }, default);
        var export = new ExportRef(plan.Order.CaseId, 1);
        await ExportHouse.WriteAllAsync(exporter, plan);
        await DamageAsync(
            house.Blobs.GetBlobContainerClient("exports").GetBlobClient($"{export.CaseId}/1/files/lms.sql"),
            "\"languages\" (\"code\", \"name\") VALUES\n('",
            "\"languages\" (\"code\", \"name\") VALUES\n('x"
        );

        await Assert.ThrowsAsync<RestoreDrillException>(() => exporter.DrillAsync(export, default));
    }

    [Fact]
    public async Task Drill_OfADumpWithRowsOfOneTableInAnothersPlace_NamesBoth()
    {
        await using var exporter = house.SampleExporter();
        var plan = await exporter.PlanAsync(house.Order() with { Formats = ["sql"] }, default);
        var export = new ExportRef(plan.Order.CaseId, 1);
        await ExportHouse.WriteAllAsync(exporter, plan);
        // One row less and one more: all rows together are as many as before.
        await DamageAsync(
            house.Blobs.GetBlobContainerClient("exports").GetBlobClient($"{export.CaseId}/1/files/lms.sql"),
            text =>
            {
                var at = text.IndexOf("INSERT INTO \"usage_statistics\"", StringComparison.Ordinal);
                var (first, second) = (text.IndexOf("\n(", at, StringComparison.Ordinal), 0);
                second = text.IndexOf("\n(", first + 1, StringComparison.Ordinal);
                var without = text[..first] + text[second..];
                return without.Replace(
                    "\nCOMMIT;",
                    "\nINSERT INTO \"languages\" VALUES ('xx', 'None');\nCOMMIT;",
                    StringComparison.Ordinal
                );
            }
        );

        var failed = await Assert.ThrowsAsync<RestoreDrillException>(() => exporter.DrillAsync(export, default));

        Assert.Matches(
            @"languages: (\d+) rows came in of \d+ that were written; usage_statistics: \d+ rows came in of \d+ that were written",
            failed.Message
        );
    }

    [Fact]
    public async Task Drill_WhoseDatabaseIsFullInTheMiddle_LeavesTheDumpAndIsMadeOnceThereIsRoom()
    {
        const int EngineSaysFull = 13;
        const string Full = "PRAGMA max_page_count = 1;\n";
        const string Late = "INSERT INTO \"usage_statistics\"";
        await using var exporter = house.SampleExporter();
        var plan = await exporter.PlanAsync(house.Order() with { Formats = ["sql"] }, default);
        var export = new ExportRef(plan.Order.CaseId, 1);
        await ExportHouse.WriteAllAsync(exporter, plan);
        var dump = house.Blobs.GetBlobContainerClient("exports").GetBlobClient($"{export.CaseId}/1/files/lms.sql");
        // No page more than the database has by then: the engine answers as it does on a disk without room.
        await DamageAsync(dump, Late, Full + Late);
        var before = (await dump.GetPropertiesAsync()).Value.ETag;

        var full = await Assert.ThrowsAsync<SqliteException>(() => exporter.DrillAsync(export, default));

        Assert.Equal(EngineSaysFull, full.SqliteErrorCode);
        Assert.Equal(before, (await dump.GetPropertiesAsync()).Value.ETag);
        Assert.Equal(FileState.Done, Assert.Single(await exporter.ProgressAsync(export, default)).State);
        Assert.Null(await exporter.ReadManifestAsync(export, default));

        await DamageAsync(dump, Full, "");
        await exporter.CompleteAsync(export, default);
        Assert.Single((await exporter.ReadManifestAsync(export, default))!.RestoreDrills);
    }

    [Fact]
    public async Task Statements_OfADump_AreCutWhereTheyEnd()
    {
        const string Dump = """
            -- it's; a comment
            CREATE TABLE "a;b" (x TEXT DEFAULT 'c;''d' /* e;f'g */, [h;i] TEXT);
            INSERT INTO t VALUES ('--;', 5 - -1, 'å');
            COMMIT;
            -- the end; no more

            """;
        using var statements = new DumpStatements(new MemoryStream(Encoding.UTF8.GetBytes(Dump)));
        var found = new List<string>();
        while (await statements.NextAsync(default) is { } statement)
        {
            found.Add(statement.Trim());
        }

        Assert.Equal(3, found.Count);
        Assert.Equal("-- the end; no more", statements.Trailer);
        Assert.EndsWith("[h;i] TEXT)", found[0], StringComparison.Ordinal);
        Assert.Equal(["INSERT INTO t VALUES ('--;', 5 - -1, 'å')", "COMMIT"], found[1..]);
        using var cut = new DumpStatements(new MemoryStream(Encoding.UTF8.GetBytes("SELECT 'a;")));
        await Assert.ThrowsAsync<InvalidDataException>(async () => await cut.NextAsync(default));
    }

    /// <summary>Changes a stored dump under its own facts, as a fault of storage would; its good text.</summary>
    private static Task<string> DamageAsync(
        BlobClient dump,
        string from = "INSERT INTO \"contracts\"",
        string to = "INSERT INTO \"kontracts\""
    ) =>
        DamageAsync(
            dump,
            text =>
            {
                Assert.Contains(from, text, StringComparison.Ordinal);
                return text.Replace(from, to, StringComparison.Ordinal);
            }
        );

    private static async Task<string> DamageAsync(BlobClient dump, Func<string, string> damage)
    {
        var text = (await dump.DownloadContentAsync()).Value.Content.ToString();
        var metadata = (await dump.GetPropertiesAsync()).Value.Metadata;
        var bytes = Encoding.UTF8.GetBytes(damage(text));
        metadata["size"] = bytes.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await dump.UploadAsync(new BinaryData(bytes), new BlobUploadOptions { Metadata = metadata });
        return text;
    }
}
