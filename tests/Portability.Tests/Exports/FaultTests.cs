using System.Net;
using System.Net.Sockets;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Npgsql;
using Portability.DataMap;
using Portability.Demo;
using Portability.Exports;
using Portability.Storage;
using Portability.Tests.Sources;

namespace Portability.Tests.Exports;

/// <summary>What is lost under an export, and how it goes on.</summary>
[Collection(ExportTests.Name)]
public sealed class FaultTests(ExportHouse house)
{
    [Fact]
    public async Task WriteFile_WhoseSourceIsLostInTheMiddle_NamesItAndGoesOnAfterMending()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        await using var exporter = lms.Exporter(new() { CallBudget = TimeSpan.Zero });
        var order = house.Order() with { Formats = ["csv"] };
        await lms.Database.RunAsync(
            """
            INSERT INTO activity_log SELECT m.top + g, a.organisation_id, a.user_id, a.action, to_json(repeat('x', 100)), a.ip_address, a.occurred_at
            FROM (SELECT * FROM activity_log WHERE organisation_id = 1 LIMIT 1) a, (SELECT max(id) AS top FROM activity_log) m, generate_series(1, 60000) g
            """
        );
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var files = plan.Datasets.SelectMany(dataset => dataset.Files).ToList();
        var log = files.Single(file => file.Dataset == "activity_log");
        var first = files[0];
        await WholeAsync(exporter, export, first);
        var finished = await TagAsync(export, first);
        var more = Assert.IsType<FileOutcome.More>(await exporter.WriteFileAsync(export, log.Index, null, default));

        await lms.Database.RunAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        );
        var fault = await Record.ExceptionAsync(async () =>
        {
            var cursor = more.Cursor;
            while (await exporter.WriteFileAsync(export, log.Index, cursor, default) is FileOutcome.More again)
            {
                cursor = again.Cursor;
            }
        });

        Assert.IsAssignableFrom<NpgsqlException>(fault);
        var state = (await exporter.ProgressAsync(export, default)).Single(file => file.Index == log.Index);
        Assert.Equal((FileState.Failed, "csv/activity_log.csv"), (state.State, state.Path));
        await Assert.ThrowsAsync<ExportFileMissingException>(() => exporter.CompleteAsync(export, default));
        // The call is repeated as it was, and does not have to come to the end of the file at once.
        Assert.IsType<FileOutcome.More>(await exporter.WriteFileAsync(export, log.Index, more.Cursor, default));
        foreach (var file in files)
        {
            await WholeAsync(exporter, export, file);
        }

        await exporter.CompleteAsync(export, default);
        Assert.Equal(finished, await TagAsync(export, first));
        var manifest = (await exporter.ReadManifestAsync(export, default))!;
        Assert.Equal(
            await lms.Database.CountAsync("SELECT count(*) FROM activity_log WHERE organisation_id = 1"),
            manifest.Datasets.Single(dataset => dataset.Name == "activity_log").Rows
        );
    }

    [Fact]
    public async Task WriteFile_WhoseStoreIsUnreachable_FailsAndGoesOnWhenItIsBack()
    {
        using var door = new Door(new Uri(house.Blobs.Uri.GetLeftPart(UriPartial.Authority)));
        var store = new ExportStore(
            new BlobServiceClient(
                house.Azurite.ConnectionString.Replace(
                    $"BlobEndpoint={house.Blobs.Uri.GetLeftPart(UriPartial.Authority)}",
                    $"BlobEndpoint={door.Address}",
                    StringComparison.Ordinal
                ),
                new BlobClientOptions { Retry = { MaxRetries = 0 } }
            )
        );
        await using var exporter = new Exporter(SampleSystems(), store, new(house.Tables, house.Clock), house.Clock);
        var order = house.Order() with { Formats = ["csv"], Categories = ["agreement"] };
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var files = plan.Datasets.SelectMany(dataset => dataset.Files).ToList();
        await WholeAsync(exporter, export, files[0]);
        var finished = await TagAsync(export, files[0]);

        door.Close();
        await Assert.ThrowsAnyAsync<Exception>(() => exporter.WriteFileAsync(export, files[1].Index, null, default));
        await Assert.ThrowsAnyAsync<Exception>(() => exporter.CompleteAsync(export, default));
        door.Open();

        Assert.Null(await exporter.ReadManifestAsync(export, default));
        foreach (var file in files)
        {
            await WholeAsync(exporter, export, file);
        }

        await exporter.CompleteAsync(export, default);
        Assert.Equal(finished, await TagAsync(export, files[0]));
    }

    [Fact]
    public async Task WriteFile_WhoseStoreIsFull_NamesTheFileAndGoesOnWhenThereIsRoom()
    {
        await using var full = new FullStore(house.Blobs.Uri);
        var store = new ExportStore(
            new BlobServiceClient(
                house.Azurite.ConnectionString.Replace(
                    $"BlobEndpoint={house.Blobs.Uri.GetLeftPart(UriPartial.Authority)}",
                    $"BlobEndpoint={full.Address}",
                    StringComparison.Ordinal
                ),
                new BlobClientOptions { Retry = { MaxRetries = 0 } }
            )
        );
        await using var exporter = new Exporter(SampleSystems(), store, new(house.Tables, house.Clock), house.Clock);
        var order = house.Order() with { Formats = ["csv", "sql"], Categories = ["courseData"] };
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var files = plan.Datasets.SelectMany(dataset => dataset.Files).ToList();

        full.Room = 200_000;
        var finished = new Dictionary<string, string>(StringComparer.Ordinal);
        RequestFailedException? refused = null;
        foreach (var file in files)
        {
            refused = await Record.ExceptionAsync(() => WholeAsync(exporter, export, file)) as RequestFailedException;
            if (refused is not null)
            {
                break;
            }

            finished[file.Path] = await TagAsync(export, file);
        }

        Assert.Equal(500, refused?.Status);
        Assert.NotEmpty(finished);
        var failed = Assert.Single(
            await exporter.ProgressAsync(export, default),
            file => file.State == FileState.Failed
        );
        Assert.Equal((files[finished.Count].Path, nameof(RequestFailedException)), (failed.Path, failed.Error));
        var missing = await Assert.ThrowsAsync<ExportFileMissingException>(() =>
            exporter.CompleteAsync(export, default)
        );
        Assert.Contains(missing.Path, files.Select(file => file.Path));
        Assert.Null(await exporter.ReadManifestAsync(export, default));

        full.Room = long.MaxValue;
        foreach (var file in files)
        {
            await WholeAsync(exporter, export, file);
        }

        await exporter.CompleteAsync(export, default);
        foreach (var file in files.Where(file => finished.ContainsKey(file.Path)))
        {
            Assert.Equal(finished[file.Path], await TagAsync(export, file));
        }

        Assert.DoesNotContain(await exporter.ProgressAsync(export, default), file => file.State == FileState.Failed);
    }

    [Fact]
    public async Task Part_ThatFailsForGood_IsNamedAndAloneIsWrittenAfterMending()
    {
        using var file = new SqliteFile(
            """
            CREATE TABLE tenants (id INTEGER PRIMARY KEY, code TEXT NOT NULL UNIQUE);
            CREATE TABLE notes (id INTEGER PRIMARY KEY, tenant_id INTEGER NOT NULL REFERENCES tenants (id), body TEXT);
            INSERT INTO tenants VALUES (1, 'north');
            INSERT INTO notes VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 1, 'c' || char(0)), (4, 1, 'd'), (5, 1, 'e'), (6, 1, 'f');
            """
        );
        var path = Path.Combine(file.Folder, "datamap.json");
        await File.WriteAllTextAsync(
            path,
            """
            { "systems": [{ "name": "src", "kind": "sql", "provider": "sqlite", "connection": "Src", "tenant": { "table": "tenants", "column": "code" } }],
              "categories": { "all": "All" },
              "datasets": [{ "table": "tenants", "category": "all", "erase": "delete" }, { "table": "notes", "category": "all", "erase": "delete" }] }
            """
        );
        await using var exporter = house.Exporter(
            TenantDataMap.Load(path),
            new() { ["Src"] = file.ConnectionString },
            new() { RowsPerPart = 2 }
        );
        var order = house.Order("north") with { Formats = ["csv"] };
        var plan = await exporter.PlanAsync(order, default);
        var export = new ExportRef(order.CaseId, 1);
        var parts = plan.Datasets.Single(dataset => dataset.Name == "notes").Files;
        Assert.Equal(3, parts.Count);

        await WholeAsync(exporter, export, plan.Datasets.Single(dataset => dataset.Name == "tenants").Files[0]);
        await WholeAsync(exporter, export, parts[0]);
        for (var attempt = 0; attempt < 2; attempt++)
        {
            var fault = await Assert.ThrowsAsync<UnwritableValueException>(() =>
                WholeAsync(exporter, export, parts[1])
            );
            Assert.Equal(("notes", "body"), (fault.Table, fault.Column));
        }

        await WholeAsync(exporter, export, parts[2]);
        var progress = await exporter.ProgressAsync(export, default);
        var failed = Assert.Single(progress, part => part.State == FileState.Failed);
        Assert.Equal("csv/notes-0002.csv", failed.Path);
        Assert.Contains("notes.body", failed.Error, StringComparison.Ordinal);
        var missing = await Assert.ThrowsAsync<ExportFileMissingException>(() =>
            exporter.CompleteAsync(export, default)
        );
        Assert.Equal("csv/notes-0002.csv", missing.Path);
        var (first, last) = (await TagAsync(export, parts[0]), await TagAsync(export, parts[2]));

        file.Run("UPDATE notes SET body = 'c' WHERE id = 3");
        foreach (var part in parts)
        {
            await WholeAsync(exporter, export, part);
        }

        await exporter.CompleteAsync(export, default);
        Assert.Equal((first, last), (await TagAsync(export, parts[0]), await TagAsync(export, parts[2])));
        Assert.Equal(
            6,
            (await exporter.ReadManifestAsync(export, default))!
                .Datasets.Single(dataset => dataset.Name == "notes")
                .Rows
        );
    }

    [Fact]
    public async Task Drill_WithoutRoomForItsDatabase_LeavesTheDumpAndIsMadeOnceThereIs()
    {
        using var disk = await FullDisk.StartAsync();
        var order = house.Order() with { Formats = ["sql"] };
        var export = new ExportRef(order.CaseId, 1);
        string dump;
        PlannedFile file;
        await using (var without = house.SampleExporter(new() { ScratchFolder = disk.Folder }))
        {
            var plan = await without.PlanAsync(order, default);
            file = plan.Datasets.SelectMany(dataset => dataset.Files).Single();
            await WholeAsync(without, export, file);
            dump = await TagAsync(export, file);

            var full = await Assert.ThrowsAnyAsync<IOException>(() => without.DrillAsync(export, default));

            Assert.Contains("No space left", full.Message, StringComparison.Ordinal);
            Assert.Null(await without.ReadManifestAsync(export, default));
            Assert.Empty(Directory.GetFileSystemEntries(disk.Folder));
        }

        await using var with = house.SampleExporter();
        await with.CompleteAsync(export, default);
        Assert.Equal(dump, await TagAsync(export, file));
        Assert.Single((await with.ReadManifestAsync(export, default))!.RestoreDrills);
    }

    private MappedSystems SampleSystems() =>
        new(
            TenantDataMap.Load(Checkout.Find(Path.Combine("demo", "datamap.json"))!),
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["Lms"] = house.Lms.ConnectionString,
                        ["LmsMedia"] = house.Azurite.ConnectionString,
                    }
                )
                .Build()
        );

    internal static async Task WholeAsync(Exporter exporter, ExportRef export, PlannedFile file)
    {
        string? cursor = null;
        while (await exporter.WriteFileAsync(export, file.Index, cursor, default) is FileOutcome.More more)
        {
            cursor = more.Cursor;
        }
    }

    private async Task<string> TagAsync(ExportRef export, PlannedFile file)
    {
        var blob = house
            .Blobs.GetBlobContainerClient("exports")
            .GetBlobClient($"{export.CaseId}/{export.Number}/files/{file.Path}");
        return (await blob.GetPropertiesAsync()).Value.ETag.ToString();
    }

    /// <summary>A way to Azurite that can be shut: connections through it end, and new ones are dropped.</summary>
    private sealed class Door : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly Uri _behind;
        private readonly List<TcpClient> _open = [];
        private volatile bool _shut;

        public Door(Uri behind)
        {
            _behind = behind;
            _listener.Start();
            _ = AcceptAsync();
        }

        public string Address => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

        public void Open() => _shut = false;

        public void Close()
        {
            _shut = true;
            lock (_open)
            {
                _open.ForEach(client => client.Dispose());
                _open.Clear();
            }
        }

        public void Dispose()
        {
            _listener.Dispose();
            Close();
        }

        private async Task AcceptAsync()
        {
            while (true)
            {
                TcpClient from;
                try
                {
                    from = await _listener.AcceptTcpClientAsync();
                }
                catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
                {
                    return;
                }

                if (_shut)
                {
                    from.Dispose();
                    continue;
                }

                var to = new TcpClient();
                await to.ConnectAsync(_behind.Host, _behind.Port);
                lock (_open)
                {
                    _open.AddRange([from, to]);
                }

                _ = PumpAsync(from, to);
                _ = PumpAsync(to, from);
            }
        }

        private static async Task PumpAsync(TcpClient from, TcpClient to)
        {
            try
            {
                await from.GetStream().CopyToAsync(to.GetStream());
            }
            catch (Exception shut) when (shut is IOException or ObjectDisposedException or InvalidOperationException)
            {
                // The door was closed.
            }
            finally
            {
                from.Dispose();
                to.Dispose();
            }
        }
    }
}
