using System.Net;
using System.Net.Sockets;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Configuration;
using Portability.DataMap;
using Portability.Demo;
using Portability.Exports;
using Portability.Storage;

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

        Assert.NotNull(fault);
        var state = (await exporter.ProgressAsync(export, default)).Single(file => file.Index == log.Index);
        Assert.Equal((FileState.Failed, "csv/activity_log.csv"), (state.State, state.Path));
        await Assert.ThrowsAsync<ExportFileMissingException>(() => exporter.CompleteAsync(export, default));
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
        var map = TenantDataMap.Load(Checkout.Find(Path.Combine("demo", "datamap.json"))!);
        var systems = new MappedSystems(
            map,
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
        await using var exporter = new Exporter(systems, store, new(house.Tables, house.Clock), house.Clock);
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

    private static async Task WholeAsync(Exporter exporter, ExportRef export, PlannedFile file)
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
