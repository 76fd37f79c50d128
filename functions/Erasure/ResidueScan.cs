using System.Data.Common;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Looks, after the erasure and on a connection of its own, for what was chosen before it: in every text column of every table,
/// excluded ones too, and in the names of blobs that no customer's prefix covers. Rows that the run rightly left are passed over, and so
/// is what other tenants' rows held before.
/// </summary>
internal sealed class ResidueScan(
    MappedSystems systems,
    RunStore store,
    ErasurePlan plan,
    byte[] runKey,
    byte[] probeKey
)
{
    /// <summary>Findings by dataset: where something of its is left, and how often. Never the values.</summary>
    public async Task<Dictionary<string, SortedDictionary<string, long>>> RunAsync(CancellationToken cancellationToken)
    {
        var findings = new Dictionary<string, SortedDictionary<string, long>>(StringComparer.Ordinal);
        foreach (var system in systems.Map.Systems.OfType<SqlSystem>())
        {
            await ScanAsync(system, findings, cancellationToken);
        }
        return findings;
    }

    private async Task ScanAsync(
        SqlSystem system,
        Dictionary<string, SortedDictionary<string, long>> findings,
        CancellationToken cancellationToken
    )
    {
        var probes = new ProbeSet(store);
        var scope = await systems.PlanAsync(system.Name, cancellationToken);
        var dialect = systems.Sql(system.Name).Dialect;
        await using var connection = await systems.Sql(system.Name).OpenWorkAsync(cancellationToken);
        var conditions = await StayingAsync(scope, dialect, connection, cancellationToken);
        var (run, seal) = (plan.Order.Ref, plan.Seal);
        var baseline = await probes.ReadBaselineAsync(run, seal, probeKey, system.Name, cancellationToken);
        await foreach (var part in probes.ReadAsync(run, seal, probeKey, system.Name, cancellationToken))
        {
            var matcher = new ProbeMatcher(part.Probes);
            var counts = new Dictionary<(int Probe, string Place), long>();
            void Hit(int probe, string place)
            {
                if (!baseline.ContainsKey((part.Number, probe, "")))
                {
                    counts[(probe, place)] = counts.GetValueOrDefault((probe, place)) + 1;
                }
            }
            var scan = new TextScan(dialect, connection, matcher);
            foreach (var table in scope.Catalogue.Tables.Where(table => !table.IsView))
            {
                await scan.RunAsync(
                    table,
                    conditions.GetValueOrDefault(table.Name, "1 = 1"),
                    (column, probe, _) => Hit(probe, ProbeSet.Place(table.Name, column)),
                    [],
                    cancellationToken
                );
            }
            await BlobNamesAsync(matcher, Hit, cancellationToken);
            foreach (var ((probe, place), count) in counts)
            {
                var more = count - baseline.GetValueOrDefault((part.Number, probe, place));
                if (more > 0)
                {
                    var dataset = part.Datasets[probe];
                    var found = findings.TryGetValue(dataset, out var known) ? known : findings[dataset] = [];
                    found[place] = found.GetValueOrDefault(place) + more;
                }
            }
        }
    }

    /// <summary>For each table with rows that the run left: the condition that passes them over.</summary>
    private async Task<Dictionary<string, string>> StayingAsync(
        ScopePlan scope,
        SqlDialect dialect,
        DbConnection connection,
        CancellationToken cancellationToken
    )
    {
        var conditions = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (
            var planned in plan.Datasets.Where(dataset =>
                dataset.System == scope.System.Name && dataset.Before > dataset.ToDelete
            )
        )
        {
            var dataset = scope.Dataset(planned.Name);
            var staying = new RowTable(
                FormattableString.Invariant($"staying_{conditions.Count}"),
                new(dataset, scope),
                dialect,
                connection
            );
            await staying.CreateAsync(cancellationToken);
            var chunks = store.ReadAsync(plan, runKey, planned.Name, 0, 0, cancellationToken);
            await foreach (var chunk in chunks.WithCancellation(cancellationToken))
            {
                var rows = chunk.Rows.Where(row => row.Fate != RowFate.Delete).ToList();
                await staying.AddAsync(null, rows, cancellationToken);
            }
            conditions[dataset.Table.Name] =
                $"NOT EXISTS (SELECT 1 FROM {staying.Name} s WHERE {staying.Same("t", "s")})";
        }
        return conditions;
    }

    /// <summary>Names under excluded prefixes; those under customers' prefixes are counted, each customer's by itself.</summary>
    private async Task BlobNamesAsync(
        ProbeMatcher matcher,
        Action<int, string> hit,
        CancellationToken cancellationToken
    )
    {
        var found = new List<int>();
        foreach (var excluded in systems.Map.Excluded)
        {
            if (systems.Map.System(excluded.System) is not BlobSystem)
            {
                continue;
            }
            var blobs = systems.Blobs(excluded.System).ListAsync(excluded.Name, BlobStates.All, cancellationToken);
            await foreach (var blob in blobs.WithCancellation(cancellationToken))
            {
                found.Clear();
                matcher.Find(blob.Name, found);
                found.ForEach(probe => hit(probe, $"blob names of {excluded.System}/{excluded.Name}"));
            }
        }
    }
}
