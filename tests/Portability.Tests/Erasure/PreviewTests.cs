using static Portability.Tests.Erasure.OrgSample;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class PreviewTests(StorageFixture storage)
{
    [Fact]
    public async Task Preview_BeforeARun_SaysWhatTheRunThenSealsAndDeletesNothing()
    {
        using var bench = new ErasureBench(storage.ConnectionString, Schema, Map);
        var rows = bench.File.Count("SELECT count(*) FROM posts");

        var preview = await bench.Eraser.PreviewAsync(bench.Order(), CancellationToken.None);

        Assert.Empty(preview.Blockers);
        Assert.Equal(rows, bench.File.Count("SELECT count(*) FROM posts"));
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        Assert.Equal(
            plan.Datasets.Select(d =>
                (d.Name, d.Before, d.ToDelete, d.KeptParents, d.Tombstones, Retained: d.Retained.Sum(r => r.Rows))
            ),
            preview.Datasets.Select(d =>
                (d.Name, d.Before, d.ToDelete, d.KeptParents, d.Tombstones, Retained: d.Retained.Sum(r => r.Rows))
            )
        );
    }

    [Fact]
    public async Task Preview_OfWhatWouldBeRefused_NamesItAndShowsTheRest()
    {
        using var bench = new ErasureBench(storage.ConnectionString, Schema, Map);
        bench.File.Run("UPDATE invoices SET issued = 'some day' WHERE org_id = 1");

        var preview = await bench.Eraser.PreviewAsync(bench.Order(), CancellationToken.None);
        var unknown = await bench.Eraser.PreviewAsync(bench.Order(held: "postz"), CancellationToken.None);

        Assert.Contains("invoices", Assert.Single(preview.Blockers), StringComparison.Ordinal);
        Assert.Contains(unknown.Blockers, text => text.Contains("'postz' is no dataset", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Preview_OfTablesWithTriggers_NotesThem()
    {
        using var bench = new ErasureBench(storage.ConnectionString, Schema, Map);
        bench.File.Run("CREATE TRIGGER watchful AFTER DELETE ON posts BEGIN SELECT 1; END");

        var preview = await bench.Eraser.PreviewAsync(bench.Order(), CancellationToken.None);

        Assert.Contains(preview.Notes, note => note.Contains("watchful", StringComparison.Ordinal));
    }
}
