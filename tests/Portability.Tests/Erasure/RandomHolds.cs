using Portability.Erasure;

namespace Portability.Tests.Erasure;

/// <summary>
/// Places holds on tables or the whole case at random moments: while a batch waits for its leave, and between two batches. From
/// then on every row that a hold covers must stay what it was, bit by bit, until the hold is released.
/// </summary>
internal sealed class RandomHolds(RandomSchema schema, RandomDatabase database, Random random, KillPoints kills)
    : IErasureGate
{
    private readonly List<Standing> standing = [];

    /// <summary>Holds may still come.</summary>
    public bool MayCome { get; set; }

    /// <summary>How many have been placed.</summary>
    public int Placed { get; private set; }

    public bool CaseIsHeld => standing.Exists(hold => hold.Dataset is null);

    public IReadOnlyList<string> Datasets => [.. standing.Select(hold => hold.Dataset).OfType<string>().Distinct()];

    public bool Covers(string dataset) => CaseIsHeld || Datasets.Contains(dataset);

    public IErasureAttempt Begin(ErasureRef run) => new Attempt(this);

    /// <summary>Places a hold on a random table, or on the case where that may be.</summary>
    public async Task PlaceAsync(bool mayCoverCase = true)
    {
        var dataset = mayCoverCase && random.Next(4) == 0 ? null : schema.Tables[random.Next(schema.Tables.Count)].Name;
        standing.Add(new(dataset, await CoveredAsync(dataset)));
        Placed++;
    }

    /// <summary>Every covered row is what it was when its hold was answered.</summary>
    public async Task CheckAsync()
    {
        foreach (var hold in standing)
        {
            Assert.Equal(hold.Rows, await CoveredAsync(hold.Dataset));
        }
    }

    /// <summary>Releases those that a condition chooses, having looked at them a last time.</summary>
    public async Task ReleaseAsync(bool onlyOfCase = false)
    {
        await CheckAsync();
        standing.RemoveAll(hold => !onlyOfCase || hold.Dataset is null);
    }

    private async Task MayComeNowAsync()
    {
        if (MayCome && standing.Count < 2 && random.Next(12) == 0)
        {
            await PlaceAsync();
        }
    }

    private async Task<List<string>> CoveredAsync(string? dataset)
    {
        var rows = new List<string>();
        foreach (var table in schema.Tables.Where(table => dataset is null || table.Name == dataset))
        {
            rows.AddRange(await database.RowsAsync($"SELECT * FROM {table.Name} WHERE org = 1 ORDER BY no"));
        }
        return rows;
    }

    private sealed record Standing(string? Dataset, List<string> Rows);

    private sealed class Attempt(RandomHolds holds) : IErasureAttempt
    {
        public async ValueTask<bool> MayPassAsync(BatchPass batch, CancellationToken cancellationToken)
        {
            await holds.MayComeNowAsync();
            holds.Kill();
            return !holds.Covers(batch.Dataset);
        }

        public async ValueTask PassedAsync(CancellationToken cancellationToken)
        {
            await holds.CheckAsync();
            await holds.MayComeNowAsync();
            holds.Kill();
        }
    }

    private void Kill() => kills.Pass();
}
