using System.Security.Cryptography;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Seals a run: everything checked, every key of the customer written down encrypted, and only then a plan. A call that runs
/// out of time leaves what it has sealed, dataset by dataset, to the next.
/// </summary>
internal sealed class Sealer(MappedSystems systems, RunStore store, TimeProvider clock, EraserOptions options)
{
    /// <summary>Gives the plan, or null when another call is needed.</summary>
    public async Task<ErasurePlan?> ContinueAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        if (await store.FindPlanAsync(order.Ref, cancellationToken) is { } stored)
        {
            return stored;
        }
        var previous = await store.FindPreviousAsync(order.Ref, cancellationToken);
        var plans = await CheckedAsync(order, previous, cancellationToken);
        var sealing =
            await store.FindSealingAsync(order.Ref, cancellationToken)
            ?? new Sealing { Seal = $"seal-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}" };
        var key = sealing.Tag is null
            ? await store.CreateKeyAsync(order.Ref, sealing.Seal, cancellationToken)
            : await store.KeyAsync(order.Ref, sealing.Seal, cancellationToken);
        var probeKey = sealing.Tag is null
            ? null
            : await store.FindKeyAsync(order.Ref, sealing.Seal, RunStore.ProbeKey, cancellationToken);
        probeKey ??= await store.CreateKeyAsync(order.Ref, sealing.Seal, cancellationToken, RunStore.ProbeKey);
        var attempt = new SealAttempt(order, sealing, key, probeKey, previous, begun, options.CallBudget);
        var isDone = await SealAllAsync(attempt, plans, cancellationToken);
        if (!isDone)
        {
            await store.KeepSealingAsync(order.Ref, attempt.State, cancellationToken);
            return null;
        }
        // A first run that finds nobody was given a wrong id: it must not end in a certificate.
        if (
            plans.Count > 0
            && previous is null
            && !order.MayBeGone
            && !attempt.State.Datasets.Any(dataset => dataset.Before > 0)
        )
        {
            Refuse(
                order,
                [
                    $"no row of any database belongs to the customer '{order.CustomerId}': the id is wrong, or not of the tenant column",
                ]
            );
        }
        return await store.KeepPlanAsync(
            new()
            {
                Order = order,
                SealedAt = clock.GetUtcNow(),
                Seal = sealing.Seal,
                Datasets = attempt.State.Datasets,
                Files = attempt.State.Files,
                // What a backup of ours brings back is in our systems alone: processors have erased and acknowledged.
                Processors =
                    order.Kind == ErasureKind.Replay
                        ? []
                        : systems.Map.Systems.OfType<ProcessorSystem>().Select(processor => processor.Name).ToList(),
            },
            cancellationToken
        );
    }

    /// <summary>Refuses what <see cref="ContinueAsync"/> would; a run that is sealed already was checked.</summary>
    public async Task CheckAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        if (await store.FindPlanAsync(order.Ref, cancellationToken) is null)
        {
            var previous = await store.FindPreviousAsync(order.Ref, cancellationToken);
            await CheckedAsync(order, previous, cancellationToken);
        }
    }

    /// <summary>The plans of all databases, once nothing stands in the run's way.</summary>
    private async Task<List<ScopePlan>> CheckedAsync(
        ErasureOrder order,
        ErasurePlan? previous,
        CancellationToken cancellationToken
    )
    {
        var blockers = new List<string>(Unknown(order));
        if (order.Kind == ErasureKind.Release && previous is null)
        {
            blockers.Add("there is no earlier run whose rows could be released");
        }
        var plans = await PlanAsync(blockers, cancellationToken);
        await CheckBlobsAsync(blockers, cancellationToken);
        Refuse(order, blockers);
        // A release goes on with a plan that was sealed and certified; the first run is held against what people were shown.
        if (
            order.Kind == ErasureKind.Full
            && await store.FindPreviewedAsync(order.CaseId, cancellationToken) is { } shown
            && PlanKind.Of(systems.Map, plans).DifferencesFrom(shown.Kind) is { Count: > 0 } differences
        )
        {
            throw new PlanDiffersException(
                order.Ref,
                [
                    .. differences.Select(difference =>
                        FormattableString.Invariant(
                            $"{difference}, unlike the preview of {shown.At:yyyy-MM-dd HH:mm} UTC: ask for the preview again, and when it is right have the run tried again"
                        )
                    ),
                ]
            );
        }
        return plans;
    }

    /// <summary>Seals what is not sealed yet, at least a chunk of it; false when the time is over before all is.</summary>
    private async Task<bool> SealAllAsync(
        SealAttempt attempt,
        List<ScopePlan> plans,
        CancellationToken cancellationToken
    )
    {
        foreach (var plan in plans)
        {
            if (!await SealSqlAsync(attempt, plan, cancellationToken))
            {
                return false;
            }
        }
        foreach (var blobs in systems.Map.Blobs.Where(blobs => !attempt.Has(blobs.Name)))
        {
            if (attempt.HasWorked && attempt.IsOutOfTime())
            {
                return false;
            }
            await SealBlobsAsync(attempt, blobs, cancellationToken);
        }
        return true;
    }

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
            yield return "a hold covers every dataset, so there is nothing to erase: release one, or wait for its end";
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

    private async Task<bool> SealSqlAsync(SealAttempt attempt, ScopePlan plan, CancellationToken cancellationToken)
    {
        var datasets = plan.Datasets.Where(dataset => dataset.Map.Erase is not EraseRule.None).ToList();
        if (
            datasets.Count == 0
            || (datasets.All(dataset => attempt.Has(dataset.Name)) && Baseline.IsDone(attempt, plan.System.Name))
        )
        {
            return true;
        }
        var source = systems.Sql(plan.System.Name);
        await using var connection = await source.OpenWorkAsync(cancellationToken);
        var scope = new RunScope(
            plan,
            source.Dialect,
            connection,
            attempt.Order,
            systems.TenantValue(plan, attempt.Order.CustomerId),
            attempt.Previous is null
        );
        var sealer = new SqlSealer(scope, attempt.Order, systems.Map);
        await AddEarlierAsync(attempt, scope, sealer, cancellationToken);
        await sealer.ScopeAsync(cancellationToken);
        await new ProbeSet(store).SealAsync(attempt, scope, cancellationToken);
        if (Baseline.IsDone(attempt, plan.System.Name))
        {
            return await SealRowsAsync(attempt, sealer, datasets, cancellationToken);
        }
        await using var baseline = await Baseline.BeginAsync(store, attempt, plan.System.Name, cancellationToken);
        if (attempt.Previous is not null)
        {
            // What an earlier run left stands in temporary tables of this connection.
            await baseline.CountAsync(scope, cancellationToken);
            return await baseline.EndAsync(attempt, cancellationToken)
                && await SealRowsAsync(attempt, sealer, datasets, cancellationToken);
        }
        var isSealed = await Beside.RunAsync(
            async token =>
            {
                await using var second = await source.OpenWorkAsync(token);
                await baseline.CountAsync(scope.On(second), token);
            },
            token => SealRowsAsync(attempt, sealer, datasets, token),
            cancellationToken
        );
        return await baseline.EndAsync(attempt, cancellationToken) && isSealed;
    }

    /// <summary>Seals the datasets that are not; false when the time is over before all are.</summary>
    private async Task<bool> SealRowsAsync(
        SealAttempt attempt,
        SqlSealer sealer,
        List<ScopedDataset> datasets,
        CancellationToken cancellationToken
    )
    {
        await sealer.PrepareAsync(cancellationToken);
        foreach (var dataset in datasets.Where(dataset => !attempt.Has(dataset.Name)))
        {
            if (attempt.HasWorked && attempt.IsOutOfTime())
            {
                return false;
            }
            if (!await SealRowsAsync(attempt, sealer, dataset, cancellationToken))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Seals a dataset, or goes on with it; false when it is not done.</summary>
    private async Task<bool> SealRowsAsync(
        SealAttempt attempt,
        SqlSealer sealer,
        ScopedDataset dataset,
        CancellationToken cancellationToken
    )
    {
        var open = attempt.State.Open is { } left && left.Name == dataset.Name ? left : null;
        var counts = open?.Counts ?? new();
        var after = open is null ? null : await attempt.LastAsync(store, open, cancellationToken);
        await using var writer = attempt.Write(store, dataset.Name, options.BatchRows);
        var isDone = await sealer.SealAsync(dataset, after, counts, writer, attempt.IsOutOfTime, cancellationToken);
        attempt.Add(dataset.Name, await writer.CompleteAsync(cancellationToken));
        if (!isDone)
        {
            attempt.LeaveOpen(new(dataset.Name, counts, writer.LastOffset));
            return false;
        }
        var planned = await sealer.SumAsync(dataset, counts, cancellationToken);
        attempt.Close(planned with { Batches = attempt.ChunksOf(dataset.Name) });
        return true;
    }

    private async Task AddEarlierAsync(
        SealAttempt attempt,
        RunScope scope,
        SqlSealer sealer,
        CancellationToken cancellationToken
    )
    {
        if (attempt.Previous is not { } previous)
        {
            return;
        }
        var key = await store.KeyAsync(previous, cancellationToken);
        foreach (var dataset in scope.Datasets)
        {
            var isKnown = previous.Datasets.Any(planned => planned.Name == dataset.Name);
            await sealer.AddEarlierAsync(
                dataset,
                isKnown ? store.ReadAsync(previous, key, dataset.Name, 0, 0, cancellationToken) : null,
                cancellationToken
            );
        }
    }

    private async Task SealBlobsAsync(SealAttempt attempt, BlobDataset blobs, CancellationToken cancellationToken)
    {
        var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, attempt.Order);
        // A blob takes a request of its own where a row takes microseconds: a tenth of the rows makes a batch.
        await using var writer = attempt.Write(store, blobs.Name, Math.Max(1, options.BatchRows / 10));
        await foreach (var row in erasure.CollectAsync(cancellationToken))
        {
            await writer.WriteAsync(row, cancellationToken);
        }
        attempt.Add(blobs.Name, await writer.CompleteAsync(cancellationToken));
        attempt.Close(erasure.Sum(attempt.ChunksOf(blobs.Name)));
    }
}
