using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// Works out, as for an erasure, what would become of every row and blob of a customer that was erased, and counts what should not be
/// there any more.
/// </summary>
internal sealed class ReturnFinder(MappedSystems systems, Sealer sealer, KnownRows known)
{
    public async Task<ReturnReport> FindAsync(
        ErasureOrder order,
        IReadOnlyList<LedgerRecord> records,
        CancellationToken cancellationToken
    )
    {
        var notes = new List<string>();
        var blockers = new List<string>(sealer.Unknown(order));
        Compare(records, blockers, notes);
        var plans = await sealer.PlanAsync(blockers, cancellationToken);
        await sealer.CheckBlobsAsync(blockers, cancellationToken);
        var datasets = new List<ReturnedDataset>();
        foreach (var plan in plans)
        {
            await SystemLook.TryAsync(
                plan.System.Name,
                blockers,
                async () => datasets.AddRange(await RowsAsync(plan, order, cancellationToken))
            );
        }
        foreach (var blobs in systems.Map.Blobs)
        {
            await SystemLook.TryAsync(
                blobs.System,
                blockers,
                async () => datasets.Add(await BlobsAsync(blobs, order, cancellationToken))
            );
        }
        return new()
        {
            Datasets =
            [
                .. datasets.Where(dataset => dataset.CameBack + dataset.Retained + dataset.Held + dataset.Told > 0),
            ],
            Blockers = [.. blockers.Distinct(StringComparer.Ordinal)],
            Notes = notes,
        };
    }

    /// <summary>Where the map has changed since: what was erased then must still be erased now, or nobody would see it return.</summary>
    private void Compare(IReadOnlyList<LedgerRecord> records, List<string> blockers, List<string> notes)
    {
        var map = systems.Map;
        if (records.Any(record => record.Entry.MapSha256 != map.Sha256))
        {
            notes.Add("the data map has changed since the erasure; this goes by the map as it is now");
        }
        var then = records
            .SelectMany(record => record.Entry.Datasets)
            .Select(dataset => (dataset.System, dataset.Kind, dataset.Place))
            .Distinct();
        foreach (var (system, kind, place) in then)
        {
            var isErased =
                kind == "sql"
                    ? map.Tables.Any(table =>
                        table.System == system && Same(table.Table, place) && table.Erase is not EraseRule.None
                    )
                    : map.Blobs.Any(blobs => blobs.System == system && blobs.Prefix == place);
            if (isErased)
            {
                continue;
            }
            var isLeft =
                map.Tables.Any(table => table.System == system && Same(table.Table, place))
                || map.Excluded.Any(item => item.System == system && Same(item.Name, place));
            if (isLeft)
            {
                blockers.Add(
                    $"'{place}' of system '{system}' was erased then, and the data map leaves it alone now: give it an erase rule again"
                );
            }
            else
            {
                notes.Add(
                    $"'{place}' of system '{system}' was erased then, and is no longer in the data map: what came back there is not seen"
                );
            }
        }
    }

    private async Task<IReadOnlyList<ReturnedDataset>> RowsAsync(
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
        var found = new List<ReturnedDataset>();
        foreach (var dataset in scope.Datasets)
        {
            var look = known.Of(dataset.Name, dataset.Key.Count);
            var counts = new FateCounts();
            await seal.SealAsync(dataset, null, counts, look, () => false, cancellationToken);
            var planned = await seal.SumAsync(dataset, counts, cancellationToken);
            found.Add(
                new()
                {
                    Dataset = dataset.Name,
                    System = plan.System.Name,
                    Kind = "sql",
                    ToErase = planned.ToDelete,
                    ToOverwrite = await UnfinishedAsync(scope, dataset, planned, cancellationToken),
                    ToUnlink = planned.ToUnlink,
                    Retained = planned.Retained.Sum(rows => rows.Rows),
                    Held = planned.Held,
                    Told = look.Told,
                    Unknown = look.Unknown,
                }
            );
        }
        return found;
    }

    /// <summary>Rows that stay and do not look as an erasure leaves them.</summary>
    private static async Task<long> UnfinishedAsync(
        RunScope scope,
        ScopedDataset dataset,
        PlannedErasure planned,
        CancellationToken cancellationToken
    )
    {
        RowFate? fate =
            planned.ToAnonymise > 0 ? RowFate.Anonymise
            : planned.Tombstones > 0 ? RowFate.Tombstone
            : planned.KeptParents > 0 ? RowFate.KeepParent
            : null;
        if (fate is not { } stays || RowFaults.Of(scope.Shape(dataset), stays, scope.Dialect) is not { } faults)
        {
            return 0;
        }
        var kept = scope.Kept(dataset);
        var which =
            stays == RowFate.KeepParent
                ? $"{scope.Dialect.Tuple(dataset.Key, "t")} IN (SELECT {scope.Dialect.Columns(kept.KeyColumns)} FROM {kept.Name})"
                : scope.Member(dataset);
        return await scope.Connection.CountAsync(
            $"SELECT count(*) FROM {scope.Table(dataset)} t WHERE {which} AND ({faults.Condition})",
            cancellationToken,
            [("@tenant", scope.Tenant), .. faults.Texts]
        );
    }

    private async Task<ReturnedDataset> BlobsAsync(
        BlobDataset blobs,
        ErasureOrder order,
        CancellationToken cancellationToken
    )
    {
        var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, order);
        await foreach (var _ in erasure.CollectAsync(cancellationToken)) { }
        var planned = erasure.Sum(0);
        return new()
        {
            Dataset = blobs.Name,
            System = blobs.System,
            Kind = "blob",
            ToErase = planned.ToDelete,
            ToOverwrite = 0,
            ToUnlink = 0,
            Retained = planned.Retained.Sum(rows => rows.Rows),
            Held = planned.Held,
            Told = 0,
            Unknown = 0,
        };
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
