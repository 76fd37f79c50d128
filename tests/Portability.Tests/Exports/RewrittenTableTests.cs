using Portability.Exports;
using Portability.Sources;

namespace Portability.Tests.Exports;

/// <summary>Migrations beside an export: tables of PostgreSQL that are written anew after its snapshot.</summary>
[Collection(ExportTests.Name)]
public sealed class RewrittenTableTests(ExportHouse house)
{
    [Theory]
    [InlineData("ALTER TABLE activity_log ALTER COLUMN action TYPE text USING action || ''")]
    [InlineData(
        "CREATE TEMP TABLE kept AS TABLE activity_log; TRUNCATE activity_log; INSERT INTO activity_log TABLE kept"
    )]
    [InlineData("CLUSTER activity_log USING activity_log_pkey")]
    public async Task WriteFile_WhoseTableIsWrittenAnewAfterTheSnapshot_FailsAndReadsANewOne(string change)
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        await using var exporter = lms.Exporter();
        var (export, files) = await PlanAsync(exporter);
        var log = files.Single(file => file.Dataset == "activity_log");
        var other = files.First(file => file.Dataset == "courses");
        await FaultTests.WholeAsync(exporter, export, other);

        await lms.Database.RunAsync(change);
        var fault = await Assert.ThrowsAsync<TableRewrittenException>(() =>
            FaultTests.WholeAsync(exporter, export, log)
        );

        Assert.Equal(("lms", "activity_log"), (fault.System, fault.Table));
        var state = (await exporter.ProgressAsync(export, default)).Single(file => file.Index == log.Index);
        Assert.Equal((FileState.Failed, "csv/activity_log.csv"), (state.State, state.Path));
        foreach (var file in files)
        {
            await FaultTests.WholeAsync(exporter, export, file);
        }

        await exporter.CompleteAsync(export, default);
        var manifest = (await exporter.ReadManifestAsync(export, default))!;
        Assert.Equal(
            await lms.Database.CountAsync("SELECT count(*) FROM activity_log WHERE organisation_id = 1"),
            manifest.Datasets.Single(dataset => dataset.Name == "activity_log").Rows
        );
    }

    [Fact]
    public async Task WriteFile_OfATableBesideOneThatIsWrittenAnew_IsNotConcerned()
    {
        await using var lms = await PostgresHouse.CreateAsync(house);
        await using var exporter = lms.Exporter();
        var (export, files) = await PlanAsync(exporter);
        await FaultTests.WholeAsync(exporter, export, files.First(file => file.Dataset == "courses"));

        await lms.Database.RunAsync("TRUNCATE activity_log");

        await FaultTests.WholeAsync(exporter, export, files.First(file => file.Dataset == "enrolments"));
        await FaultTests.WholeAsync(exporter, export, files.First(file => file.Dataset == "users"));
    }

    private async Task<(ExportRef Export, List<PlannedFile> Files)> PlanAsync(Exporter exporter)
    {
        var order = house.Order() with { Formats = ["csv"] };
        var plan = await exporter.PlanAsync(order, default);
        return (new ExportRef(order.CaseId, 1), [.. plan.Datasets.SelectMany(dataset => dataset.Files)]);
    }
}
