using System.Runtime.CompilerServices;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>What a run looks for after it, in portions that fit in memory; sealed under a key of its own, which goes before the run's.</summary>
internal sealed class ProbeSet(RunStore store)
{
    /// <summary>Names of its files begin with it; those of datasets do not.</summary>
    public const char Mark = '~';

    private const int Portion = 100_000;
    private const int BaselineRows = 10_000;

    /// <summary>Probes of a portion, with the dataset each is of.</summary>
    internal sealed record Part(int Number, IReadOnlyList<string> Probes, IReadOnlyList<string> Datasets);

    /// <summary>The sealed file of probes of a system.</summary>
    public static string ProbesOf(string system) => $"{Mark}probes-{system}";

    /// <summary>The sealed file with what other tenants' rows held before.</summary>
    public static string BaselineOf(string system) => $"{Mark}baseline-{system}";

    private static string PositionOf(string system) => $"{Mark}position-{system}";

    /// <summary>
    /// Gathers probes of one database, and what an earlier run still looks for; then counts where they stand in rows of other tenants.
    /// False when the time is over first.
    /// </summary>
    public async Task<bool> SealAsync(SealAttempt attempt, RunScope scope, CancellationToken cancellationToken)
    {
        var system = scope.Plan.System.Name;
        if (!attempt.HasFiles(ProbesOf(system)))
        {
            await using var writer = attempt.Write(store, ProbesOf(system), Portion);
            await foreach (var row in GatherAsync(scope, attempt.Previous, system, cancellationToken))
            {
                await writer.WriteAsync(row, cancellationToken);
            }
            attempt.Add(ProbesOf(system), await writer.CompleteAsync(cancellationToken));
        }
        var isCounted = attempt.HasFiles(BaselineOf(system)) && !attempt.HasFiles(PositionOf(system));
        return isCounted || await CountAsync(attempt, scope, cancellationToken);
    }

    /// <summary>The portions of a run's probes in one system.</summary>
    public async IAsyncEnumerable<Part> ReadAsync(
        SealedSource source,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var chunks = store.Files.ReadAsync(source, 0, 0, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            var (probes, datasets) = (new List<string>(chunk.Rows.Count), new List<string>(chunk.Rows.Count));
            foreach (var row in chunk.Rows)
            {
                datasets.Add(string.Intern((string)row.Values[0]!));
                probes.Add((string)row.Values[1]!);
            }
            yield return new((int)chunk.Number, probes, datasets);
        }
    }

    /// <summary>
    /// How often each probe of a portion stood in other tenants' rows, by table and column. A probe that is the whole value of another
    /// tenant's column is that one's too, and comes with no place: nothing follows from finding it.
    /// </summary>
    public async Task<HitCounts> ReadBaselineAsync(
        SealedSource source,
        int portion,
        CancellationToken cancellationToken
    )
    {
        var counts = new HitCounts();
        var chunks = store.Files.ReadAsync(source, 0, 0, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            foreach (var row in chunk.Rows.Where(row => HitCounts.PortionOf(row) == portion))
            {
                counts.Add(row);
            }
        }
        return counts;
    }

    public static string Place(string table, string column) => $"{table}.{column}";

    private async Task<bool> CountAsync(SealAttempt attempt, RunScope scope, CancellationToken cancellationToken)
    {
        var system = scope.Plan.System.Name;
        var counts = new HitCounts();
        var from = await attempt.FindLastAsync(store, PositionOf(system), cancellationToken) is { } left
            ? ScanPosition.Of(left)
            : ScanPosition.Start;
        await using var writer = attempt.Write(store, BaselineOf(system), BaselineRows);
        var tables = scope
            .Datasets.Where(dataset => dataset.IsOwned)
            .Select(dataset => new ScannedTable(dataset.Table, scope.Outside(dataset), [("@tenant", scope.Tenant)]))
            .ToList();
        var reached = await new PortionScan(scope.Dialect, scope.Connection, tables).RunAsync(
            ReadAsync(attempt.Source(ProbesOf(system)), cancellationToken),
            from,
            (table, column, probe, isWhole) =>
            {
                counts.Add(probe, Place(table, column));
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
            attempt.IsOutOfTime,
            cancellationToken
        );
        attempt.Add(BaselineOf(system), await writer.CompleteAsync(cancellationToken));
        if (reached is null)
        {
            attempt.Drop(PositionOf(system));
            return true;
        }
        attempt.Drop(PositionOf(system));
        await using var position = attempt.Write(store, PositionOf(system), 1);
        await position.WriteAsync(reached.ToRow(), cancellationToken);
        attempt.Add(PositionOf(system), await position.CompleteAsync(cancellationToken));
        return false;
    }

    private async IAsyncEnumerable<SealedRow> GatherAsync(
        RunScope scope,
        ErasurePlan? previous,
        string system,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var probes = new Probes(scope);
        foreach (var dataset in scope.Datasets)
        {
            await foreach (var value in probes.OfAsync(dataset, cancellationToken))
            {
                yield return new(RowFate.Delete, 0, [dataset.Name, value]);
            }
        }
        // What an earlier run found left is still looked for: its rows are gone, and with them the way to these values.
        if (
            previous is null
            || await store.FindKeyAsync(previous.Order.Ref, previous.Seal, RunStore.ProbeKey, cancellationToken)
                is not { } earlierKey
        )
        {
            yield break;
        }
        var earlier = store.ReadAsync(previous, earlierKey, ProbesOf(system), 0, 0, cancellationToken);
        await foreach (var chunk in earlier.WithCancellation(cancellationToken))
        {
            foreach (var row in chunk.Rows)
            {
                yield return row;
            }
        }
    }
}
