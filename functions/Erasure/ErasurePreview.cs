using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>What a run would do, worked out as for the run itself, and thrown away.</summary>
/// <param name="Datasets">In the order of erasure.</param>
/// <param name="Blockers">Everything that would refuse the run, in sentences.</param>
/// <param name="Notes">What stops nothing and a person should know, by system.</param>
/// <param name="Planning">How long working it out took.</param>
public sealed record ErasurePreview(
    IReadOnlyList<PlannedErasure> Datasets,
    IReadOnlyList<string> Blockers,
    IReadOnlyList<string> Notes,
    TimeSpan Planning
)
{
    /// <summary>What the run would do apart from how much; null when something stands in its way.</summary>
    public PlanKind? Kind { get; init; }
}

/// <summary>
/// The dry run of an erasure: the fates of all rows are worked out as for the run, in a snapshot that is given up. Nothing is
/// stored; keys are read, counted and forgotten.
/// </summary>
internal sealed class ErasurePreviewer(MappedSystems systems, Sealer sealer, TimeProvider clock)
{
    public async Task<ErasurePreview> PreviewAsync(ErasureOrder order, CancellationToken cancellationToken)
    {
        var begun = clock.GetTimestamp();
        var blockers = new List<string>(sealer.Unknown(order));
        var plans = await sealer.PlanAsync(blockers, cancellationToken);
        await sealer.CheckBlobsAsync(blockers, cancellationToken);
        var datasets = new List<PlannedErasure>();
        foreach (var plan in plans)
        {
            await SystemLook.TryAsync(
                plan.System.Name,
                blockers,
                async () => datasets.AddRange(await WorkOutAsync(plan, order, cancellationToken))
            );
        }
        if (
            plans.Count > 0
            && blockers.Count == 0
            && !order.MayBeGone
            && !datasets.Exists(dataset => dataset.Before > 0)
        )
        {
            blockers.Add($"no row of any database belongs to the customer '{order.CustomerId}'");
        }
        foreach (var blobs in systems.Map.Blobs)
        {
            await SystemLook.TryAsync(
                blobs.System,
                blockers,
                async () =>
                {
                    var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, order);
                    await foreach (var _ in erasure.CollectAsync(cancellationToken)) { }
                    datasets.Add(erasure.Sum(0));
                }
            );
        }
        return new(
            datasets,
            [.. blockers.Distinct(StringComparer.Ordinal)],
            [.. plans.SelectMany(plan => plan.Notes.Select(note => $"{plan.System.Name}: {note}"))],
            clock.GetElapsedTime(begun)
        )
        {
            Kind = blockers.Count == 0 ? PlanKind.Of(systems.Map, plans) : null,
        };
    }

    private async Task<IReadOnlyList<PlannedErasure>> WorkOutAsync(
        ScopePlan plan,
        ErasureOrder order,
        CancellationToken cancellationToken
    )
    {
        var source = systems.Sql(plan.System.Name);
        await using var connection = await source.OpenWorkAsync(cancellationToken);
        var tenant = systems.TenantValue(plan, order.CustomerId);
        var scope = new RunScope(plan, source.Dialect, connection, order, tenant, isFirst: true);
        var seal = new SqlSealer(scope, order, systems.Map);
        await seal.PrepareAsync(cancellationToken);
        var planned = new List<PlannedErasure>();
        foreach (var dataset in scope.Datasets)
        {
            var counts = new FateCounts();
            await seal.SealAsync(dataset, null, counts, new NoSealTarget(), () => false, cancellationToken);
            planned.Add(await seal.SumAsync(dataset, counts, cancellationToken));
        }
        return planned;
    }
}
