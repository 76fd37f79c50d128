using System.Globalization;
using Azure.Storage.Blobs.Models;
using Portability.Exports;
using Portability.Exports.Formats;

namespace Portability.Tests.Exports;

/// <summary>The one ZIP of an export, read by the <c>unzip</c> program and by Python.</summary>
[Collection(ExportTests.Name)]
public sealed class BundleTests(ExportHouse house)
{
    [Fact]
    public async Task Bundle_OfAnExport_HoldsEveryFileAsItStandsBesideIt()
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with { Formats = ["csv", "media", "zip"], Categories = ["courseData"] };

        var (summary, folder) = await house.ExportAsync(exporter, order);

        await Tool.RunAsync("sha256sum", ["-c", "export.zip.sha256"], workingDirectory: folder);
        await Tool.RunAsync("unzip", ["-tq", Path.Combine(folder, "export.zip")]);
        var unpacked = Directory.CreateDirectory(Path.Combine(folder, "unpacked")).FullName;
        // Python, since unzip takes the names of media for another character set.
        await Tool.RunAsync("python3", ["-m", "zipfile", "-e", Path.Combine(folder, "export.zip"), unpacked]);
        var checks = await Tool.RunAsync("sha256sum", ["-c", "SHA256SUMS"], workingDirectory: unpacked);
        Assert.Equal(summary.Files + 2, checks.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Equal(summary.Files + 3, Directory.GetFiles(unpacked, "*", SearchOption.AllDirectories).Length);
        Assert.True(
            File.ReadAllBytes(Path.Combine(folder, "manifest.json"))
                .AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(unpacked, "manifest.json")))
        );
        Assert.DoesNotContain(
            "export.zip",
            await File.ReadAllTextAsync(Path.Combine(folder, "manifest.json")),
            StringComparison.Ordinal
        );
        var export = new ExportRef(order.CaseId, 1);
        var progress = (await exporter.ProgressAsync(export, default))[^1];
        Assert.Equal(("export.zip", FileState.Done), (progress.Path, progress.State));

        await exporter.EraseAsync(export, default);

        Assert.Empty(await BlobsAsync(export));
    }

    [Fact]
    public async Task Bundle_NotAskedFor_IsNotMade()
    {
        await using var exporter = house.SampleExporter();
        var order = house.Order() with { Formats = ["csv"], Categories = ["reference"] };

        var (_, folder) = await house.ExportAsync(exporter, order);

        Assert.Empty(Directory.GetFiles(folder, "export*"));
    }

    [Fact]
    public async Task Bundle_OfAProcessThatDied_IsMadeByTheNextAndNoFileIsRedone()
    {
        var order = house.Order() with { Formats = ["csv", "json", "sql", "zip"] };
        var export = new ExportRef(order.CaseId, 1);
        await using (var first = house.SampleExporter(new() { CallBudget = TimeSpan.Zero }))
        {
            await ExportHouse.WriteAllAsync(first, await first.PlanAsync(order, default));
            while (!await first.DrillAsync(export, default)) { }

            Assert.False(await first.PackAsync(export, default));
        }

        var before = await BlobsAsync(export);
        await using var second = house.SampleExporter();
        Assert.True(await second.PackAsync(export, default));
        await second.CompleteAsync(export, default);

        var after = await BlobsAsync(export);
        Assert.All(
            before.Where(blob => !blob.Key.EndsWith(".zip", StringComparison.Ordinal)),
            blob => Assert.Equal(blob.Value, after[blob.Key])
        );
        Assert.Equal(
            ["SHA256SUMS", "export.zip", "export.zip.sha256"],
            after
                .Keys.Except(before.Keys)
                .Select(name => name[(name.LastIndexOf('/') + 1)..])
                .Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task Bundle_OfMoreAndLargerFilesThanZipWasMadeFor_IsReadByOthers()
    {
        const int Files = 66_000;
        const long Large = (1L << 32) + 12345;
        var path = Path.Combine(house.Folder.FullName, "large.zip");
        var files = Enumerable
            .Range(0, Files)
            .Select(i => new BundledFile(
                string.Create(CultureInfo.InvariantCulture, $"f/{i}.txt"),
                _ => Task.FromResult<Stream>(new MemoryStream([65]))
            ))
            .Prepend(new BundledFile("large.bin", _ => Task.FromResult<Stream>(new Nothing(Large))));
        await using (var content = new BundleContent(files, default))
        await using (var file = File.Create(path))
        {
            using var buffer = new RowBuffer();
            var more = true;
            while (more)
            {
                more = await content.FillAsync(buffer, default);
                await file.WriteAsync(buffer.Written);
                buffer.Clear();
            }
        }

        var read = await Tool.RunAsync(
            "python3",
            [
                "-c",
                "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); i = z.infolist(); print(len(i), i[0].file_size, z.read(i[-1].filename).decode())",
                path,
            ]
        );
        Assert.Equal($"{Files + 1} {Large} A", read.TrimEnd());
        await Tool.RunAsync("unzip", ["-tqq", path, $"f/{Files - 1}.txt"]);
        File.Delete(path);
    }

    private async Task<Dictionary<string, string>> BlobsAsync(ExportRef export)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (
            var blob in house
                .Blobs.GetBlobContainerClient("exports")
                .GetBlobsAsync(BlobTraits.None, BlobStates.None, $"{export.CaseId}/", default)
        )
        {
            found[blob.Name] = blob.Properties.ETag.ToString()!;
        }

        return found;
    }

    /// <summary>So many zeros.</summary>
    private sealed class Nothing(long length) : Stream
    {
        private long _left = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, _left);
            buffer.AsSpan(offset, read).Clear();
            _left -= read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
