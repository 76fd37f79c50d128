using System.Runtime.CompilerServices;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>What a run looks for after it, in portions that fit in memory; sealed under a key of its own, which goes before the run's.</summary>
internal sealed class ProbeSet(RunStore store)
{
    /// <summary>Names of its files begin with it; those of datasets do not.</summary>
    public const char Mark = '~';

    private const int Portion = 100_000;

    /// <summary>Probes of a portion, with the dataset each is of.</summary>
    internal sealed record Part(int Number, IReadOnlyList<string> Probes, IReadOnlyList<string> Datasets);

    /// <summary>The sealed file of probes of a system.</summary>
    public static string ProbesOf(string system) => $"{Mark}probes-{system}";

    /// <summary>The sealed file with what other tenants' rows held before.</summary>
    public static string BaselineOf(string system) => $"{Mark}baseline-{system}";

    /// <summary>The sealed file with the place where counting goes on.</summary>
    public static string PositionOf(string system) => $"{Mark}position-{system}";

    /// <summary>Gathers probes of one database, and what an earlier run still looks for, unless a call before this one has.</summary>
    public async Task SealAsync(SealAttempt attempt, RunScope scope, CancellationToken cancellationToken)
    {
        var system = scope.Plan.System.Name;
        if (attempt.HasFiles(ProbesOf(system)))
        {
            return;
        }
        await using var writer = attempt.Write(store, ProbesOf(system), Portion);
        await foreach (var row in GatherAsync(scope, attempt.Previous, system, cancellationToken))
        {
            await writer.WriteAsync(row, cancellationToken);
        }
        attempt.Add(ProbesOf(system), await writer.CompleteAsync(cancellationToken));
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
