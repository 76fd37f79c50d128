using System.Data.Common;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>Where a scan goes on: the portion of probes, the table, and the key of the last row searched in it.</summary>
internal sealed record ScanPosition(int Portion, int Table, IReadOnlyList<object?>? After)
{
    public static ScanPosition Start { get; } = new(0, 0, null);

    /// <summary>To be sealed: a key may be somebody's address.</summary>
    public SealedRow ToRow() => new(RowFate.Delete, 0, [(long)Portion, (long)Table, .. After ?? []]);

    public static ScanPosition Of(SealedRow row) =>
        new((int)(long)row.Values[0]!, (int)(long)row.Values[1]!, row.Values.Length > 2 ? row.Values[2..] : null);
}

/// <summary>Searches the tables of one database for one portion of probes after another, and can stop at any row.</summary>
internal sealed class PortionScan(SqlDialect dialect, DbConnection connection, IReadOnlyList<ScannedTable> tables)
{
    /// <summary>Searches from a position on; gives null when all is done, else where to go on.</summary>
    /// <param name="portions">All of them.</param>
    /// <param name="from">Where to begin.</param>
    /// <param name="hit">Told of what is found.</param>
    /// <param name="tableDone">Called after each table, and before stopping.</param>
    /// <param name="portionDone">Called when a portion has been searched for everywhere.</param>
    /// <param name="isOutOfTime">Asked now and then.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    public async Task<ScanPosition?> RunAsync(
        IAsyncEnumerable<ProbeSet.Part> portions,
        ScanPosition from,
        ProbeHit hit,
        Func<int, Task> tableDone,
        Func<ProbeSet.Part, ProbeMatcher, Task> portionDone,
        Func<bool> isOutOfTime,
        CancellationToken cancellationToken
    )
    {
        var at = from;
        await foreach (var part in portions.WithCancellation(cancellationToken))
        {
            if (part.Number < at.Portion)
            {
                continue;
            }
            var matcher = new ProbeMatcher(part.Probes);
            var scan = new TextScan(dialect, connection, matcher);
            for (var table = at.Table; table < tables.Count; table++)
            {
                var last = await scan.RunAsync(tables[table], at.After, hit, isOutOfTime, cancellationToken);
                await tableDone(part.Number);
                at = new(part.Number, last is null ? table + 1 : table, last);
                if (last is not null || (at.Table < tables.Count && isOutOfTime()))
                {
                    return at;
                }
            }
            await portionDone(part, matcher);
            at = new(part.Number + 1, 0, null);
        }
        return null;
    }
}
