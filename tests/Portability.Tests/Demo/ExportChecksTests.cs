using System.Text.Json.Nodes;
using Portability.Demo;
using Portability.Demo.Tour;
using Portability.Tests.Exports;

namespace Portability.Tests.Demo;

/// <summary>The tour's checks hold for a real export, and fail for one that was tampered with.</summary>
[Collection(ExportTests.Name)]
public sealed class ExportChecksTests(ExportHouse house, ExportChecksTests.MadeOnce made)
    : IClassFixture<ExportChecksTests.MadeOnce>
{
    [Fact]
    public async Task Checks_OfARealExport_AllHold()
    {
        Promises promises = await CheckAsync(_ => { });

        Assert.Empty(promises.Broken);
        Assert.True(promises.Count >= 9);
    }

    [Fact]
    public async Task Checks_OfAManifestThatCountsOneRowLess_Fail() =>
        Assert.Single(
            (
                await CheckAsync(folder =>
                    Edit(
                        Path.Combine(folder, "manifest.json"),
                        text =>
                        {
                            JsonNode manifest = JsonNode.Parse(text)!;
                            JsonNode users = manifest["datasets"]!
                                .AsArray()
                                .Single(d => d!["name"]!.ToString() == "users")!;
                            JsonNode csv = users["files"]!.AsArray().Single(f => f!["format"]!.ToString() == "csv")!;
                            csv["rows"] = csv["rows"]!.GetValue<long>() - 1;
                            return manifest.ToJsonString();
                        }
                    )
                )
            ).Broken
        );

    [Fact]
    public async Task Checks_OfADumpThatLostAParent_Fail() =>
        Assert.Contains(
            (
                await CheckAsync(folder =>
                    Edit(Dump(folder), text => text + "\nPRAGMA foreign_keys=OFF; DELETE FROM groups WHERE id = 1;")
                )
            ).Broken,
            broken => broken.Contains("foreign key")
        );

    [Fact]
    public async Task Checks_OfAFileThatMentionsTheNeighbour_NameIt() =>
        Assert.Contains(
            (
                await CheckAsync(folder =>
                    File.AppendAllText(Path.Combine(folder, "README.txt"), house.Lms.Staying.ContactEmail)
                )
            ).Broken,
            broken => broken.Contains("README.txt")
        );

    [Theory]
    [InlineData("xlsx", "workbook")]
    [InlineData("xml", "XSD")]
    [InlineData("parquet", "Parquet")]
    public async Task Checks_OfFilesThatLostTheirEnd_Fail(string format, string named) =>
        Assert.Contains(
            (
                await CheckAsync(folder =>
                {
                    foreach (string file in Directory.GetFiles(folder, "*." + format, SearchOption.AllDirectories))
                    {
                        using FileStream cut = File.OpenWrite(file);
                        cut.SetLength(cut.Length - 100);
                    }
                })
            ).Broken,
            broken => broken.Contains(named)
        );

    private async Task<Promises> CheckAsync(Action<string> tamper)
    {
        string folder = made.Copy();
        tamper(folder);

        Promises promises = new(new TourScreen("Europe/Stockholm"));
        ExportChecks checks = new(folder, promises);
        IReadOnlyDictionary<string, long> rows = await house.Lms.CountAsync(house.Lms.Leaving.CustomerId);
        JsonNode manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "manifest.json")))!;
        checks.RowsOfManifest(manifest, rows);
        checks.Media(manifest, await BlobsAsync());
        await checks.DumpLoadsAsync(rows, default);
        await checks.NothingOfAsync(house.Lms.Staying, default);
        new FormatChecks(folder, promises).OneOfEach(manifest);
        return promises;
    }

    private async Task<int> BlobsAsync()
    {
        int count = 0;
        var container = house.Blobs.GetBlobContainerClient(SampleLms.MediaContainer);
        await foreach (var _ in container.GetBlobsAsync(prefix: house.Lms.Leaving.CustomerId + "/"))
        {
            count++;
        }

        return count;
    }

    private static string Dump(string folder) => Directory.GetFiles(folder, "*.sql").Single();

    private static void Edit(string path, Func<string, string> edit) =>
        File.WriteAllText(path, edit(File.ReadAllText(path)));

    /// <summary>One export, of which each test takes a copy to tamper with.</summary>
    public sealed class MadeOnce(ExportHouse house) : IAsyncLifetime
    {
        private string original = "";

        public async Task InitializeAsync()
        {
            await using var exporter = house.SampleExporter();
            (_, original) = await house.ExportAsync(exporter, house.Order());
        }

        public Task DisposeAsync() => Task.CompletedTask;

        internal string Copy()
        {
            string copy = house.Folder.CreateSubdirectory($"copy-{Guid.NewGuid():N}").FullName;
            foreach (string file in Directory.GetFiles(original, "*", SearchOption.AllDirectories))
            {
                string to = Path.Combine(copy, Path.GetRelativePath(original, file));
                Directory.CreateDirectory(Path.GetDirectoryName(to)!);
                File.Copy(file, to);
            }
            return copy;
        }
    }
}
