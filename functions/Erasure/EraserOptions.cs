namespace Portability.Erasure;

/// <summary>Sizes of an erasure run.</summary>
public sealed record EraserOptions
{
    /// <summary>Rows to a sealed chunk, and to the first transaction of a call.</summary>
    public int BatchRows { get; init; } = 1000;

    /// <summary>Rows that a transaction never exceeds, whatever its pace: they are in memory while it runs.</summary>
    public int MostBatchRows { get; init; } = 50_000;

    /// <summary>
    /// Real time that a transaction is meant to take: bounds how long other writers wait, and is long beside what asking
    /// for leave costs.
    /// </summary>
    public TimeSpan BatchTime { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>Real time after which a call gives its cursor back; the batch or dataset begun is finished first.</summary>
    public TimeSpan CallBudget { get; init; } = TimeSpan.FromMinutes(2);
}
