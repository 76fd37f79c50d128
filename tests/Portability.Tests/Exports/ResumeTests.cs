using Portability.Exports;

namespace Portability.Tests.Exports;

[Collection(ExportTests.Name)]
public sealed class ResumeTests(ExportHouse house)
{
    private static readonly ExportLimits NoTime = new() { CallBudget = TimeSpan.Zero, BlockSize = 64 * 1024 };

    [Fact]
    public async Task WriteFile_OutOfTime_GoesOnWhereItStopped()
    {
        var source = Large();
        await using var whole = source.Exporter();
        await using var pieces = source.Exporter(NoTime);
        var expected = await ExportHouse.WriteAllAsync(whole, await whole.PlanAsync(source.Order(), default));
        var order = source.Order();
        var plan = await pieces.PlanAsync(order, default);

        var calls = 0;
        var files = new List<WrittenFile>();
        foreach (var file in plan.Datasets.SelectMany(dataset => dataset.Files))
        {
            string? cursor = null;
            FileOutcome outcome;
            do
            {
                outcome = await pieces.WriteFileAsync(new(order.CaseId, 1), file.Index, cursor, default);
                cursor = (outcome as FileOutcome.More)?.Cursor;
                calls++;
            } while (cursor is not null);

            files.Add(((FileOutcome.Done)outcome).File);
        }

        Assert.True(calls > files.Count + 10);
        Assert.Equal(expected.Select(file => (file.Path, file.Sha256)), files.Select(file => (file.Path, file.Sha256)));
    }

    [Fact]
    public async Task WriteFile_WhoseProcessDied_IsWrittenAgainWholeWithTheSameHash()
    {
        var source = Large();
        var order = source.Order();
        var dump = 0;
        string cursor;
        await using (var dies = source.Exporter(NoTime))
        {
            var plan = await dies.PlanAsync(order, default);
            dump = plan.Datasets.SelectMany(dataset => dataset.Files).Single(file => file.Format == "sql").Index;
            cursor = ((FileOutcome.More)await dies.WriteFileAsync(new(order.CaseId, 1), dump, null, default)).Cursor;
        }

        await using var next = source.Exporter(NoTime);
        var done = (FileOutcome.Done)await next.WriteFileAsync(new(order.CaseId, 1), dump, cursor, default);

        await using var whole = source.Exporter();
        var expected = await ExportHouse.WriteAllAsync(whole, await whole.PlanAsync(source.Order(), default));
        Assert.Equal(expected.Single(file => file.Path == done.File.Path).Sha256, done.File.Sha256);
    }

    [Fact]
    public async Task WriteFile_ThatIsFinished_IsAdoptedAndNotRedone()
    {
        var source = Large();
        var order = source.Order(ExportFormats.Csv);
        await using var exporter = source.Exporter();
        var first = await ExportHouse.WriteAllAsync(exporter, await exporter.PlanAsync(order, default));
        source.Run("UPDATE items SET label = 'changed since'");
        house.Clock.Advance(TimeSpan.FromMinutes(1));

        await using var other = source.Exporter();
        var second = await ExportHouse.WriteAllAsync(other, await other.PlanAsync(order, default));

        Assert.Equal(first, second);
    }

    [Fact]
    public async Task WriteFile_ByTwoAtOnce_EndsInOneFile()
    {
        var source = Large();
        var order = source.Order();
        await using var left = source.Exporter();
        await using var right = source.Exporter();
        var plan = await left.PlanAsync(order, default);

        foreach (var file in plan.Datasets.SelectMany(dataset => dataset.Files))
        {
            var outcomes = await Task.WhenAll(
                Task.Run(() => left.WriteFileAsync(new(order.CaseId, 1), file.Index, null, default)),
                Task.Run(() => right.WriteFileAsync(new(order.CaseId, 1), file.Index, null, default))
            );
            Assert.Equal(outcomes[0], outcomes[1]);
        }

        var summary = await left.CompleteAsync(new(order.CaseId, 1), default);
        Assert.Equal(summary.ManifestSha256, (await right.CompleteAsync(new(order.CaseId, 1), default)).ManifestSha256);
        var folder = await house.DownloadAsync(new(order.CaseId, 1));
        await Tool.RunAsync("sha256sum", ["-c", "SHA256SUMS"], workingDirectory: folder);
    }

    [Fact]
    public async Task Plan_MadeTwice_IsTheStoredOne()
    {
        var source = Large();
        var order = source.Order();
        await using var exporter = source.Exporter();
        await exporter.PlanAsync(order, default);

        var again = await exporter.PlanAsync(order with { Formats = ["csv"] }, default);

        Assert.Empty(again.Order.Formats);
        Assert.Contains(again.Datasets.SelectMany(dataset => dataset.Files), file => file.Format == "sql");
    }

    [Fact]
    public async Task Complete_WithAFileMissing_NamesIt()
    {
        var source = Large();
        var order = source.Order();
        await using var exporter = source.Exporter();
        var plan = await exporter.PlanAsync(order, default);
        await ExportHouse.WriteAllAsync(exporter, plan);
        await house.Store().DeleteAsync($"{order.CaseId}/1/files/csv/notes.csv", default);

        var missing = await Assert.ThrowsAsync<ExportFileMissingException>(() =>
            exporter.CompleteAsync(new(order.CaseId, 1), default)
        );

        Assert.Equal("csv/notes.csv", missing.Path);
        Assert.Null(await exporter.ReadManifestAsync(new(order.CaseId, 1), default));
        await ExportHouse.WriteAllAsync(exporter, plan);
        Assert.Equal(
            plan.Datasets.Sum(d => d.Files.Count),
            (await exporter.CompleteAsync(new(order.CaseId, 1), default)).Files
        );
    }

    [Fact]
    public async Task Complete_Repeated_KeepsTheManifestsHash()
    {
        var source = Large();
        var order = source.Order();
        await using var exporter = source.Exporter();
        await ExportHouse.WriteAllAsync(exporter, await exporter.PlanAsync(order, default));

        var first = await exporter.CompleteAsync(new(order.CaseId, 1), default);
        house.Clock.Advance(TimeSpan.FromDays(1));
        var second = await exporter.CompleteAsync(new(order.CaseId, 1), default);

        Assert.Equal(first.ManifestSha256, second.ManifestSha256);
        Assert.Equal(first.Rows, second.Rows);
    }

    [Fact]
    public async Task Progress_OfEachFile_ShowsRowsBytesAndState()
    {
        var source = Large();
        var order = source.Order(ExportFormats.Csv);
        await using var exporter = source.Exporter();
        var plan = await exporter.PlanAsync(order, default);
        Assert.All(
            await exporter.ProgressAsync(new(order.CaseId, 1), default),
            file => Assert.Equal(FileState.Waiting, file.State)
        );

        var written = await ExportHouse.WriteAllAsync(exporter, plan);

        var progress = await exporter.ProgressAsync(new(order.CaseId, 1), default);
        Assert.Equal(
            written.Select(file => (file.Path, file.Rows, file.Size)),
            progress.Select(file => (file.Path, file.Rows, file.Bytes))
        );
        Assert.All(progress, file => Assert.Equal((FileState.Done, null), (file.State, file.Error)));
    }

    [Fact]
    public async Task Erase_WhileAFileIsWritten_LeavesNothing()
    {
        var source = Large();
        var order = source.Order();
        var export = new ExportRef(order.CaseId, 1);
        await using var exporter = source.Exporter(NoTime);
        var plan = await exporter.PlanAsync(order, default);
        var index = plan.Datasets.SelectMany(dataset => dataset.Files).Single(file => file.Format == "sql").Index;
        var cursor = ((FileOutcome.More)await exporter.WriteFileAsync(export, index, null, default)).Cursor;
        await using var eraser = source.Exporter();

        await eraser.EraseAsync(export, default);
        await Assert.ThrowsAsync<ExportGoneException>(async () =>
        {
            while (await exporter.WriteFileAsync(export, index, cursor, default) is FileOutcome.More more)
            {
                cursor = more.Cursor;
            }
        });

        Assert.Empty(house.Blobs.GetBlobContainerClient("exports").GetBlobs(prefix: $"{order.CaseId}/"));
        await Assert.ThrowsAsync<ExportGoneException>(() => eraser.ReadPlanAsync(export, default));
        await Assert.ThrowsAsync<ExportGoneException>(() => eraser.ProgressAsync(export, default));
        Assert.Empty(
            house
                .Tables.GetTableClient(ExportProgress.TableName)
                .Query<Azure.Data.Tables.TableEntity>($"PartitionKey eq '{order.CaseId}-1'")
        );
        await eraser.EraseAsync(export, default);
    }

    [Fact]
    public async Task Parts_OfALargeTable_HoldEachRowOnceAndOpenAlone()
    {
        var source = HostileSource.Create(house);
        source.Run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 50) INSERT INTO items (id, tenant_id, label) SELECT i * 3, 1, 'item ' || i FROM n"
        );
        source.Run(
            "INSERT INTO notes SELECT id, 'n' || (id % 4), 'note' FROM items UNION ALL SELECT id, 'b', NULL FROM items"
        );
        await using var whole = source.Exporter();
        await using var parts = source.Exporter(new() { RowsPerPart = 7 });
        var (_, expected) = await house.ExportAsync(whole, source.Order(ExportFormats.Csv));
        var (summary, folder) = await house.ExportAsync(parts, source.Order(ExportFormats.Csv));

        foreach (var (table, count) in new[] { ("items", 8), ("notes", 15) })
        {
            var files = Directory
                .GetFiles(Path.Combine(folder, "csv"), $"{table}-*.csv")
                .Order(StringComparer.Ordinal)
                .ToList();
            Assert.Equal(count, files.Count);
            var lines = files.Select(File.ReadAllLines).ToList();
            var reference = await File.ReadAllLinesAsync(Path.Combine(expected, "csv", $"{table}.csv"));
            Assert.All(lines, part => Assert.Equal(reference[0], part[0]));
            Assert.Equal(reference[1..], lines.SelectMany(part => part[1..]));
        }

        Assert.Equal(50, summary.Datasets.Single(dataset => dataset.Name == "items").Rows);
    }

    private HostileSource Large()
    {
        var source = HostileSource.Create(house);
        source.Run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) "
                + "INSERT INTO items (id, tenant_id, label, number) SELECT i, 1 + i % 2, printf('%.*c', i % 400, 'x') || i, i / 7.0 FROM n"
        );
        source.Run("INSERT INTO notes SELECT id, 'n', label FROM items WHERE id % 3 = 0");
        return source;
    }
}
