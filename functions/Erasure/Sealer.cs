using System.Data.Common;
using System.Security.Cryptography;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>Seals a run: everything checked, every key of the customer written down encrypted, and only then a plan.</summary>
internal sealed class Sealer(MappedSystems systems, RunStore store, TimeProvider clock, int batchRows)
{
    public async Task<ErasurePlan> SealAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        if (await store.FindPlanAsync(order.Ref, cancellationToken) is { } stored)
        {
            return stored;
        }
        var previous = await store.FindPreviousAsync(order.Ref, cancellationToken);
        var blockers = new List<string>(Unknown(order));
        if (order.Kind == ErasureKind.Release && previous is null)
        {
            blockers.Add("there is no earlier run whose rows could be released");
        }
        var plans = await PlanAsync(blockers, cancellationToken);
        await CheckBlobsAsync(blockers, cancellationToken);
        Refuse(order, blockers);

        var seal = $"seal-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
        var key = await store.CreateKeyAsync(order.Ref, seal, cancellationToken);
        var attempt = new Attempt(order, seal, key, previous);
        var datasets = new List<PlannedErasure>();
        foreach (var plan in plans)
        {
            datasets.AddRange(await SealSqlAsync(attempt, plan, cancellationToken));
        }
        // A first run that finds nobody was given a wrong id: it must not end in a certificate.
        if (plans.Count > 0 && previous is null && !order.MayBeGone && !datasets.Exists(dataset => dataset.Before > 0))
        {
            Refuse(
                order,
                [
                    $"no row of any database belongs to the customer '{order.CustomerId}': the id is wrong, or not of the tenant column",
                ]
            );
        }
        foreach (var blobs in systems.Map.Blobs)
        {
            datasets.Add(await SealBlobsAsync(attempt, blobs, cancellationToken));
        }
        return await store.KeepPlanAsync(
            new()
            {
                Order = order,
                SealedAt = clock.GetUtcNow(),
                Seal = seal,
                Datasets = datasets,
                Processors = systems.Map.Systems.OfType<ProcessorSystem>().Select(processor => processor.Name).ToList(),
            },
            cancellationToken
        );
    }

    private sealed record Attempt(ErasureOrder Order, string Seal, byte[] Key, ErasurePlan? Previous);

    private static void Refuse(ErasureOrder order, IReadOnlyList<string> blockers)
    {
        if (blockers.Count > 0)
        {
            throw new ErasureRefusedException(order.Ref, blockers);
        }
    }

    /// <summary>A hold on a misspelt dataset would hold nothing.</summary>
    public IEnumerable<string> Unknown(ErasureOrder order)
    {
        var known = systems
            .Map.Tables.Where(table => table.Erase is not EraseRule.None)
            .Select(table => table.Name)
            .Concat(systems.Map.Blobs.Select(blobs => blobs.Name))
            .ToHashSet(StringComparer.Ordinal);
        if (known.Count > 0 && known.IsSubsetOf(order.HeldDatasets))
        {
            yield return "a hold covers every dataset";
        }
        var all = systems.Map.Tables.Select(table => table.Name).Concat(known).ToHashSet(StringComparer.Ordinal);
        foreach (var name in order.HeldDatasets.Concat(order.Datasets).Where(name => !all.Contains(name)))
        {
            yield return $"'{name}' is no dataset of the data map";
        }
    }

    /// <summary>Lays the map over each database; what does not fit becomes a blocker.</summary>
    public async Task<List<ScopePlan>> PlanAsync(List<string> blockers, CancellationToken cancellationToken)
    {
        var plans = new List<ScopePlan>();
        foreach (var system in systems.Map.Systems.OfType<SqlSystem>())
        {
            try
            {
                plans.Add(await systems.PlanAsync(system.Name, cancellationToken));
            }
            catch (DataMapException unfit)
            {
                blockers.AddRange(unfit.Problems.Select(problem => problem.ToString()));
            }
            catch (SourceUnreachableException unreachable)
            {
                blockers.Add(unreachable.Message);
            }
        }
        return plans;
    }

    /// <summary>Looks for blobs that the map does not name.</summary>
    public async Task CheckBlobsAsync(List<string> blockers, CancellationToken cancellationToken)
    {
        foreach (var system in systems.Map.Systems.OfType<BlobSystem>())
        {
            try
            {
                blockers.AddRange(
                    await new BlobPrefixes(systems.Map).UnclassifiedAsync(systems.Blobs(system.Name), cancellationToken)
                );
            }
            catch (Exception unreachable)
                when (unreachable is Azure.RequestFailedException or SourceUnreachableException or AggregateException)
            {
                blockers.Add($"system '{system.Name}' cannot be reached: {unreachable.Message}");
            }
        }
    }

    private async Task<List<PlannedErasure>> SealSqlAsync(
        Attempt attempt,
        ScopePlan plan,
        CancellationToken cancellationToken
    )
    {
        var source = systems.Sql(plan.System.Name);
        await using var connection = await source.OpenWorkAsync(cancellationToken);
        var tables = new SealTables(plan, source.Dialect, connection);
        var tenant = systems.TenantValue(plan, attempt.Order.CustomerId);
        var sealer = new SqlSealer(tables, attempt.Order, systems.Map, tenant, attempt.Previous is null);
        var earlierKey = attempt.Previous is null ? null : await store.KeyAsync(attempt.Previous, cancellationToken);
        foreach (var dataset in tables.Datasets)
        {
            try
            {
                await sealer.CollectAsync(dataset, cancellationToken);
                if (attempt.Previous is { } previous && previous.Datasets.Any(planned => planned.Name == dataset.Name))
                {
                    var earlier = store.ReadAsync(previous, earlierKey!, dataset.Name, 0, 0, cancellationToken);
                    await sealer.AddEarlierAsync(dataset, earlier, cancellationToken);
                }
                await sealer.RetainAsync(dataset, cancellationToken);
            }
            catch (DbException fault)
            {
                throw new ErasureRefusedException(
                    attempt.Order.Ref,
                    [$"the rows of '{dataset.Name}' cannot be sealed: {fault.Message}"]
                );
            }
        }
        await sealer.KeepParentsAsync(cancellationToken);
        var planned = new List<PlannedErasure>();
        foreach (var dataset in tables.Datasets)
        {
            await sealer.LevelAsync(dataset, cancellationToken);
            var rows = sealer.RowsAsync(dataset, cancellationToken);
            var batches = await store.SealAsync(
                attempt.Order.Ref,
                attempt.Seal,
                attempt.Key,
                dataset.Name,
                batchRows,
                rows,
                cancellationToken
            );
            planned.Add(await sealer.SumAsync(dataset, cancellationToken) with { Batches = batches });
        }
        return planned;
    }

    private async Task<PlannedErasure> SealBlobsAsync(
        Attempt attempt,
        BlobDataset blobs,
        CancellationToken cancellationToken
    )
    {
        var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, attempt.Order);
        // A blob takes a request of its own where a row takes microseconds: a tenth of the rows makes a batch.
        var batches = await store.SealAsync(
            attempt.Order.Ref,
            attempt.Seal,
            attempt.Key,
            blobs.Name,
            Math.Max(1, batchRows / 10),
            erasure.CollectAsync(cancellationToken),
            cancellationToken
        );
        return erasure.Sum(batches);
    }
}
