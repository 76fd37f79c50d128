using System.Runtime.CompilerServices;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>What a run looks for after it, in portions that fit in memory; sealed under a key of its own, which goes before the run's.</summary>
internal sealed class ProbeSet(RunStore store)
{
    /// <summary>Name of the sealed file beside those of the datasets.</summary>
    public const string Name = "~probes";

    /// <summary>Name of the sealed file with what other tenants' rows held before.</summary>
    public const string Baseline = "~baseline";

    private const int Portion = 100_000;

    /// <summary>Probes of a portion, with the dataset each is of.</summary>
    internal sealed record Part(int Number, IReadOnlyList<string> Probes, IReadOnlyList<string> Datasets);

    /// <summary>
    /// Gathers probes of one database, and what an earlier run still looks for; then counts where they stand in rows of other tenants.
    /// </summary>
    public async Task SealAsync(
        ErasureRef run,
        string seal,
        byte[] key,
        RunScope scope,
        ErasurePlan? previous,
        CancellationToken cancellationToken
    )
    {
        var system = scope.Plan.System.Name;
        await store.SealAsync(
            run,
            seal,
            key,
            $"{Name}-{system}",
            Portion,
            GatherAsync(scope, previous, system, cancellationToken),
            cancellationToken
        );
        await store.SealAsync(
            run,
            seal,
            key,
            $"{Baseline}-{system}",
            Portion,
            CountAsync(run, seal, key, scope, cancellationToken),
            cancellationToken
        );
    }

    /// <summary>The portions of a run's probes in one system.</summary>
    public async IAsyncEnumerable<Part> ReadAsync(
        ErasureRef run,
        string seal,
        byte[] key,
        string system,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var chunks = store.ReadAsync(run, seal, key, $"{Name}-{system}", 0, 0, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            yield return new(
                (int)chunk.Number,
                chunk.Rows.Select(row => (string)row.Values[1]!).ToList(),
                chunk.Rows.Select(row => (string)row.Values[0]!).ToList()
            );
        }
    }

    /// <summary>
    /// How often each probe stood in other tenants' rows, by table and column. A probe that is the whole value of another tenant's column
    /// is that one's too, and comes with no table: nothing follows from finding it.
    /// </summary>
    public async Task<Dictionary<(int Part, int Probe, string Place), long>> ReadBaselineAsync(
        ErasureRef run,
        string seal,
        byte[] key,
        string system,
        CancellationToken cancellationToken
    )
    {
        var counts = new Dictionary<(int, int, string), long>();
        var chunks = store.ReadAsync(run, seal, key, $"{Baseline}-{system}", 0, 0, cancellationToken);
        await foreach (var chunk in chunks.WithCancellation(cancellationToken))
        {
            foreach (var row in chunk.Rows)
            {
                counts[((int)(long)row.Values[0]!, (int)(long)row.Values[1]!, (string)row.Values[2]!)] = (long)
                    row.Values[3]!;
            }
        }
        return counts;
    }

    public static string Place(string table, string column) => $"{table}.{column}";

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
        var earlier = store.ReadAsync(
            previous.Order.Ref,
            previous.Seal,
            earlierKey,
            $"{Name}-{system}",
            0,
            0,
            cancellationToken
        );
        await foreach (var chunk in earlier.WithCancellation(cancellationToken))
        {
            foreach (var row in chunk.Rows)
            {
                yield return row;
            }
        }
    }

    private async IAsyncEnumerable<SealedRow> CountAsync(
        ErasureRef run,
        string seal,
        byte[] key,
        RunScope scope,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await foreach (var part in ReadAsync(run, seal, key, scope.Plan.System.Name, cancellationToken))
        {
            var counts = new Dictionary<(int Probe, string Place), long>();
            var shared = new HashSet<int>();
            var scan = new TextScan(scope.Dialect, scope.Connection, new(part.Probes));
            foreach (var dataset in scope.Datasets.Where(dataset => dataset.IsOwned))
            {
                await scan.RunAsync(
                    dataset.Table,
                    $"{scope.Member(dataset)} IS NOT TRUE",
                    (column, probe, isWhole) =>
                    {
                        if (isWhole)
                        {
                            shared.Add(probe);
                        }
                        var place = (probe, Place(dataset.Table.Name, column));
                        counts[place] = counts.GetValueOrDefault(place) + 1;
                    },
                    [("@tenant", scope.Tenant)],
                    cancellationToken
                );
            }
            foreach (var probe in shared)
            {
                yield return new(RowFate.Delete, 0, [(long)part.Number, (long)probe, "", 1L]);
            }
            foreach (var ((probe, place), count) in counts)
            {
                yield return new(RowFate.Delete, 0, [(long)part.Number, (long)probe, place, count]);
            }
        }
    }
}
