using FsCheck;
using FsCheck.Fluent;
using Portability.Erasure;

namespace Portability.Tests.Erasure;

[Collection("storage")]
public sealed class ErasurePropertyTests(StorageFixture storage)
{
    [Fact]
    public void Erase_OfAnySchema_SparesTheNeighbourAndListsWhatStays() =>
        Prop.ForAll(RandomSchema.Seeds, seed => CheckAsync(RandomSchema.Of(seed)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(4));

    private async Task CheckAsync(RandomSchema schema)
    {
        using var undisturbed = new ErasureBench(storage.ConnectionString, schema.Script, schema.Map, batchRows: 4);
        var neighbour = Neighbours(undisturbed, schema);

        var (plan, expected) = await undisturbed.RunAsync(undisturbed.Order());
        var report = await undisturbed.VerifyAsync();

        Assert.True(
            report.IsProven,
            $"{string.Join("; ", report.Datasets.SelectMany(dataset => dataset.Findings))}\n{schema}"
        );
        Assert.Equal(neighbour, Neighbours(undisturbed, schema));
        Assert.Empty(undisturbed.File.Rows("PRAGMA foreign_key_check"));
        foreach (var planned in plan.Datasets)
        {
            var left = undisturbed.File.Count(
                $"SELECT count(*) FROM {planned.Name} WHERE {(planned.Name == "orgs" ? "id" : "org")} = 1"
            );
            var listed = planned.Retained.Sum(rows => rows.Rows) + planned.KeptParents + planned.ToAnonymise;
            Assert.True(left == listed, $"{planned.Name}: {left} left, {listed} listed\n{schema}");
            Assert.Equal(planned.Before, planned.ToDelete + listed);
            Assert.Equal((planned.ToDelete, 0L), (expected[planned.Name].Deleted, expected[planned.Name].Remaining));
        }
        await CheckInterrupted(schema, plan, expected, undisturbed);
    }

    /// <summary>The same run with a gate that kills it at random batches, before or after the commit.</summary>
    private async Task CheckInterrupted(
        RandomSchema schema,
        ErasurePlan expectedPlan,
        Dictionary<string, BatchOutcome> expected,
        ErasureBench undisturbed
    )
    {
        using var bench = new ErasureBench(storage.ConnectionString, schema.Script, schema.Map, batchRows: 4);
        var random = new Random(schema.Seed);
        bench.Gate.MayPass = (_, _) =>
            random.Next(8) == 0 ? throw new InvalidOperationException("killed before") : true;
        bench.Gate.Passed = (_, _) =>
        {
            if (random.Next(8) == 0)
            {
                throw new InvalidOperationException("killed after");
            }
        };
        var plan = await bench.Eraser.SealAsync(bench.Order(), CancellationToken.None);
        Assert.Equal(
            expectedPlan.Datasets.Select(dataset => (dataset.Name, dataset.ToDelete)),
            plan.Datasets.Select(dataset => (dataset.Name, dataset.ToDelete))
        );
        foreach (var planned in plan.Datasets)
        {
            string? cursor = null;
            BatchOutcome? outcome = null;
            while (outcome is not { Done: true })
            {
                try
                {
                    // One batch a call at most times, so that cursors are exercised beside kills.
                    var eraser = bench.NewEraser(4, random.Next(2) == 0 ? TimeSpan.Zero : TimeSpan.FromMinutes(1));
                    outcome = await eraser.EraseAsync(plan.Order.Ref, planned.Name, cursor, CancellationToken.None);
                    cursor = outcome.Cursor;
                }
                catch (InvalidOperationException)
                {
                    // The process died; the caller still has the cursor it had.
                }
            }
            Assert.Equal(expected[planned.Name], outcome);
        }
        Assert.True((await bench.VerifyAsync()).IsProven, schema.ToString());
        foreach (var table in schema.Tables)
        {
            Assert.Equal(Ids(undisturbed, table.Name), Ids(bench, table.Name));
        }
    }

    private static List<string> Neighbours(ErasureBench bench, RandomSchema schema) =>
        schema
            .Tables.SelectMany(table => bench.File.Rows($"SELECT * FROM {table.Name} WHERE org <> 1 ORDER BY no"))
            .ToList();

    private static IReadOnlyList<string> Ids(ErasureBench bench, string table) =>
        bench.File.Rows($"SELECT org, no FROM {table} ORDER BY no");
}
