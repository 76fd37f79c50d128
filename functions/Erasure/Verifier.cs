using Portability.DataMap;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Recounts a run: sealed keys, live scope, orphans and blob prefixes. Shares the plan and the sealed keys with the eraser, no
/// code that deletes. The search for what was chosen before goes on beside it. A call that runs out of time leaves what it has counted, dataset by dataset, to the next.
/// </summary>
internal sealed class Verifier(MappedSystems systems, RunStore store, TimeProvider clock, EraserOptions options)
{
    /// <summary>Gives the report, or null when another call is needed.</summary>
    public async Task<VerificationReport?> ContinueAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        var plan = await store.PlanAsync(run, cancellationToken);
        var key = await store.KeyAsync(plan, cancellationToken);
        var state = await store.FindVerifyingAsync(run, cancellationToken);
        var found = state.Datasets.ToDictionary(dataset => dataset.Dataset, StringComparer.Ordinal);
        var isRecounted = await Beside.RunAsync(
            async token => state = await ScanAsync(plan, key, state, begun, token),
            token => RecountAsync(plan, key, found, begun, token),
            cancellationToken
        );
        if (!isRecounted || !state.IsScanned)
        {
            await store.KeepVerifyingAsync(run, state with { Datasets = [.. found.Values] }, cancellationToken);
            return null;
        }
        Blame(state, found);
        var report = new VerificationReport
        {
            Run = run,
            CheckedAt = clock.GetUtcNow(),
            Datasets = plan.Datasets.Select(dataset => found[dataset.Name]).ToList(),
        };
        await store.KeepReportAsync(report, cancellationToken);
        if (report.IsProven)
        {
            await store.ForgetProbesAsync(run, plan.Seal, cancellationToken);
        }
        return report;
    }

    /// <summary>Recounts what is not recounted yet, at least a dataset; false when the time is over before all is.</summary>
    private async Task<bool> RecountAsync(
        ErasurePlan plan,
        byte[] key,
        Dictionary<string, DatasetVerification> found,
        long begun,
        CancellationToken cancellationToken
    )
    {
        var isFirst = true;
        foreach (var system in plan.Datasets.GroupBy(dataset => dataset.System))
        {
            var open = system.Where(dataset => !found.ContainsKey(dataset.Name)).ToList();
            if (open.Count == 0)
            {
                continue;
            }
            await using var recount = await OpenAsync(plan, system.Key, key, cancellationToken);
            foreach (var planned in open)
            {
                if (!isFirst && TimeProvider.System.GetElapsedTime(begun) > options.CallBudget)
                {
                    return false;
                }
                isFirst = false;
                found[planned.Name] = recount is null
                    ? await VerifyBlobsAsync(plan, planned, key, cancellationToken)
                    : await recount.VerifyAsync(planned, cancellationToken);
            }
        }
        return true;
    }

    /// <summary>Goes on with the scan. Repeated after the probes have gone, there is nothing to find.</summary>
    private async Task<Verifying> ScanAsync(
        ErasurePlan plan,
        byte[] key,
        Verifying state,
        long begun,
        CancellationToken cancellationToken
    )
    {
        if (
            await store.FindKeyAsync(plan.Order.Ref, plan.Seal, RunStore.ProbeKey, cancellationToken)
            is not { } probeKey
        )
        {
            return state with { IsScanned = true };
        }
        // However long it took to get here, the scan gets on by a part of the time.
        var scanBegun = TimeProvider.System.GetTimestamp();
        bool IsOutOfTime() =>
            TimeProvider.System.GetElapsedTime(begun) > options.CallBudget
            && TimeProvider.System.GetElapsedTime(scanBegun) > options.CallBudget / 4;
        var scan = new ResidueScan(systems.For(plan.Order.CustomerId), store, plan, key, probeKey, IsOutOfTime);
        return await scan.ContinueAsync(state, cancellationToken);
    }

    /// <summary>Adds what the scan has found to the datasets whose values it found.</summary>
    private static void Blame(Verifying state, Dictionary<string, DatasetVerification> found)
    {
        foreach (var (dataset, places) in state.Findings)
        {
            var recounted = found[dataset];
            found[dataset] = recounted with
            {
                Outcome = ErasureOutcome.Unproven,
                Findings =
                [
                    .. recounted.Findings,
                    .. places.Select(place =>
                        FormattableString.Invariant(
                            $"values of the customer still stand in {place.Key} ({place.Value})"
                        )
                    ),
                ],
            };
        }
    }

    private async Task<SqlRecount?> OpenAsync(
        ErasurePlan plan,
        string system,
        byte[] key,
        CancellationToken cancellationToken
    )
    {
        if (systems.Map.System(system) is not SqlSystem)
        {
            return null;
        }
        var own = systems.For(plan.Order.CustomerId);
        var scope = await own.PlanAsync(system, cancellationToken);
        var connection = await own.Sql(system).OpenWorkAsync(cancellationToken);
        return new(
            scope,
            own.Sql(system).Dialect,
            connection,
            own.TenantValue(scope, plan.Order.CustomerId),
            dataset => store.ReadAsync(plan, key, dataset, 0, 0, cancellationToken)
        );
    }

    private Task<DatasetVerification> VerifyBlobsAsync(
        ErasurePlan plan,
        PlannedErasure planned,
        byte[] key,
        CancellationToken cancellationToken
    )
    {
        var blobs = systems.Map.Blobs.Single(dataset => dataset.Name == planned.Name);
        var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, plan.Order);
        var batches = store.ReadAsync(plan, key, planned.Name, 0, 0, cancellationToken);
        return erasure.VerifyAsync(planned, batches, cancellationToken);
    }
}
