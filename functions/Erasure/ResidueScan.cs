using System.Data.Common;
using System.Runtime.CompilerServices;
using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>
/// Looks, after the erasure and on a connection of its own, for what was chosen before it: in every text column of every table,
/// excluded ones too, and in the names of blobs that no customer's prefix covers. Rows that the run rightly left are passed over, and so
/// is what other tenants' rows held before. A call that runs out of time leaves its place, and what it has found of the portion, to the next.
/// </summary>
internal sealed class ResidueScan(
    MappedSystems systems,
    RunStore store,
    ErasurePlan plan,
    byte[] runKey,
    byte[] probeKey,
    Func<bool> isOutOfTime
)
{
    private const int CountRows = 10_000;

    /// <summary>
    /// Goes on with the scan. Findings by dataset: where something of its is left, and how often; never the values.
    /// </summary>
    public async Task<Verifying> ContinueAsync(Verifying state, CancellationToken cancellationToken)
    {
        foreach (var system in systems.Map.Systems.OfType<SqlSystem>())
        {
            if (state.Scanned.Contains(system.Name))
            {
                continue;
            }
            state = await ScanAsync(system, state, cancellationToken);
            if (!state.Scanned.Contains(system.Name) || isOutOfTime())
            {
                return state;
            }
        }
        return state with { IsScanned = true };
    }

    private async Task<Verifying> ScanAsync(SqlSystem system, Verifying state, CancellationToken cancellationToken)
    {
        var (place, kept) = ($"{ProbeSet.Mark}scan-{system.Name}", $"{ProbeSet.Mark}found-{system.Name}");
        var probes = new ProbeSet(store);
        var scope = await systems.PlanAsync(system.Name, cancellationToken);
        var dialect = systems.Sql(system.Name).Dialect;
        await using var connection = await systems.Sql(system.Name).OpenWorkAsync(cancellationToken);
        var conditions = await StayingAsync(scope, dialect, connection, cancellationToken);
        var tables = scope
            .Catalogue.Tables.Where(table => !table.IsView)
            .Select(table => new ScannedTable(table, conditions.GetValueOrDefault(table.Name, "1 = 1"), []))
            .ToList();
        var from = ScanPosition.Start;
        var counts = new HitCounts();
        await foreach (var row in ReadAsync(state, place, cancellationToken))
        {
            from = ScanPosition.Of(row);
        }
        await foreach (var row in ReadAsync(state, kept, cancellationToken))
        {
            counts.Add(row);
        }
        var findings = state.Findings.ToDictionary(
            entry => entry.Key,
            entry => new SortedDictionary<string, long>(entry.Value.ToDictionary(), StringComparer.Ordinal),
            StringComparer.Ordinal
        );
        var reached = await new PortionScan(dialect, connection, tables).RunAsync(
            probes.ReadAsync(SourceOf(ProbeSet.ProbesOf(system.Name)), cancellationToken),
            from,
            (table, column, probe, _) => counts.Add(probe, ProbeSet.Place(table, column)),
            _ => Task.CompletedTask,
            async (part, matcher) =>
            {
                await BlobNamesAsync(matcher, (probe, where) => counts.Add(probe, where), cancellationToken);
                await JudgeAsync(system.Name, part, counts, findings, cancellationToken);
                counts.Clear();
            },
            isOutOfTime,
            cancellationToken
        );
        var files = new Dictionary<string, IReadOnlyList<SealedPart>>(state.Files, StringComparer.Ordinal);
        if (reached is not null)
        {
            files[place] =
            [
                await WriteAsync(
                    place,
                    target => target.WriteAsync(reached.ToRow(), cancellationToken).AsTask(),
                    cancellationToken
                ),
            ];
            files[kept] =
            [
                await WriteAsync(
                    kept,
                    target => counts.WriteAsync(target, reached.Portion, cancellationToken),
                    cancellationToken
                ),
            ];
        }
        return state with
        {
            Files = files,
            Findings = findings.ToDictionary(
                entry => entry.Key,
                entry => (IReadOnlyDictionary<string, long>)entry.Value,
                StringComparer.Ordinal
            ),
            Scanned = reached is null ? [.. state.Scanned, system.Name] : state.Scanned,
        };
    }

    /// <summary>What was found of a portion and was not there before is the customer's.</summary>
    private async Task JudgeAsync(
        string system,
        ProbeSet.Part part,
        HitCounts counts,
        Dictionary<string, SortedDictionary<string, long>> findings,
        CancellationToken cancellationToken
    )
    {
        if (counts.Count == 0)
        {
            return;
        }
        var baseline = await new ProbeSet(store).ReadBaselineAsync(
            SourceOf(ProbeSet.BaselineOf(system)),
            part.Number,
            cancellationToken
        );
        foreach (var (probe, place, count) in counts.All())
        {
            var more = baseline.Of(probe, "") > 0 ? 0 : count - baseline.Of(probe, place);
            if (more > 0)
            {
                var dataset = part.Datasets[probe];
                var found = findings.TryGetValue(dataset, out var known) ? known : findings[dataset] = [];
                found[place] = found.GetValueOrDefault(place) + more;
            }
        }
    }

    private SealedSource SourceOf(string name) =>
        new(plan.Order.Ref, plan.Seal, probeKey, name, plan.Files.GetValueOrDefault(name, []));

    private async IAsyncEnumerable<SealedRow> ReadAsync(
        Verifying state,
        string name,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var source = SourceOf(name) with { Parts = state.Files.GetValueOrDefault(name, []) };
        await foreach (var chunk in store.Files.ReadAsync(source, 0, 0, cancellationToken))
        {
            foreach (var row in chunk.Rows)
            {
                yield return row;
            }
        }
    }

    private async Task<SealedPart> WriteAsync(
        string name,
        Func<ISealTarget, Task> write,
        CancellationToken cancellationToken
    )
    {
        await using var writer = store.Files.Write(plan.Order.Ref, plan.Seal, probeKey, name, CountRows, []);
        await write(writer);
        return await writer.CompleteAsync(cancellationToken);
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
                await staying.AddAsync(chunk.Rows.Feed(fate => fate != RowFate.Delete), cancellationToken);
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
