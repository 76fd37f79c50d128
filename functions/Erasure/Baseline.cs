using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Counts, before the erasure, where the probes of one database stand in rows of other tenants. It reads every table whole and needs
/// nothing that sealing finds out, so that it can go on beside it: what it takes from the attempt it takes before, and what it adds it
/// adds after.
/// </summary>
internal sealed class Baseline : IAsyncDisposable
{
    private const int CountRows = 10_000;

    private readonly RunStore store;
    private readonly string system;
    private readonly SealedSource probes;
    private readonly ScanPosition from;
    private readonly SealedWriter writer;
    private readonly Func<bool> isOutOfTime;
    private ScanPosition? reached;

    private Baseline(RunStore store, SealAttempt attempt, string system, ScanPosition from)
    {
        this.store = store;
        this.system = system;
        this.from = from;
        probes = attempt.Source(ProbeSet.ProbesOf(system));
        writer = attempt.Write(store, ProbeSet.BaselineOf(system), CountRows);
        isOutOfTime = attempt.IsOutOfTime;
    }

    /// <summary>True when nothing is left to count.</summary>
    public static bool IsDone(SealAttempt attempt, string system) =>
        attempt.HasFiles(ProbeSet.BaselineOf(system)) && !attempt.HasFiles(ProbeSet.PositionOf(system));

    /// <summary>Begins where the last call ended.</summary>
    public static async Task<Baseline> BeginAsync(
        RunStore store,
        SealAttempt attempt,
        string system,
        CancellationToken cancellationToken
    )
    {
        var left = await attempt.FindLastAsync(store, ProbeSet.PositionOf(system), cancellationToken);
        return new(store, attempt, system, left is { } row ? ScanPosition.Of(row) : ScanPosition.Start);
    }

    /// <summary>Counts until all is done, or the time is over.</summary>
    /// <param name="scope">On a connection that nobody else uses meanwhile.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task CountAsync(RunScope scope, CancellationToken cancellationToken)
    {
        var counts = new HitCounts();
        var tables = scope
            .Datasets.Where(dataset => dataset.IsOwned)
            .Select(dataset => new ScannedTable(dataset.Table, scope.Outside(dataset), [("@tenant", scope.Tenant)]))
            .ToList();
        reached = await new PortionScan(scope.Dialect, scope.Connection, tables).RunAsync(
            new ProbeSet(store).ReadAsync(probes, cancellationToken),
            from,
            (table, column, probe, isWhole) =>
            {
                counts.Add(probe, ProbeSet.Place(table, column));
                if (isWhole)
                {
                    counts.Add(probe, "");
                }
            },
            async portion =>
            {
                await counts.WriteAsync(writer, portion, cancellationToken);
                counts.Clear();
            },
            (_, _) => Task.CompletedTask,
            isOutOfTime,
            cancellationToken
        );
    }

    /// <summary>Adds what was counted; false when another call has to go on.</summary>
    public async Task<bool> EndAsync(SealAttempt attempt, CancellationToken cancellationToken)
    {
        attempt.Add(ProbeSet.BaselineOf(system), await writer.CompleteAsync(cancellationToken));
        attempt.Drop(ProbeSet.PositionOf(system));
        if (reached is null)
        {
            return true;
        }
        await using var position = attempt.Write(store, ProbeSet.PositionOf(system), 1);
        await position.WriteAsync(reached.ToRow(), cancellationToken);
        attempt.Add(ProbeSet.PositionOf(system), await position.CompleteAsync(cancellationToken));
        return false;
    }

    public ValueTask DisposeAsync() => writer.DisposeAsync();
}
