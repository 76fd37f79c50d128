using System.Data.Common;
using System.Runtime.CompilerServices;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>
/// The recount of one database in one snapshot. Sealed keys pass through in chunks; only rows that are still there are
/// gathered, in a temporary table, so that a run of any size is recounted in little memory.
/// </summary>
internal sealed class SqlRecount(
    ScopePlan scope,
    SqlDialect dialect,
    DbConnection connection,
    object tenant,
    Func<string, IAsyncEnumerable<SealedBatch>> sealedRows
) : IAsyncDisposable
{
    private const int RowsAtOnce = 20_000;
    private int number;

    public async Task<DatasetVerification> VerifyAsync(PlannedErasure planned, CancellationToken cancellationToken)
    {
        var dataset = scope.Dataset(planned.Name);
        var shape = new RowShape(dataset, scope);
        number++;
        var batch = new RowTable(
            FormattableString.Invariant($"sealed_{number}"),
            shape,
            dialect,
            connection,
            isList: true
        );
        var there = new RowTable(FormattableString.Invariant($"there_{number}"), shape, dialect, connection);
        await batch.CreateAsync(cancellationToken);
        await there.CreateAsync(cancellationToken);
        var orphans = new Orphans(scope, dialect, connection, number);
        var hasOrphans = await orphans.GatherAsync(dataset, cancellationToken);
        var orphaned = 0L;
        if (
            !hasOrphans
            && planned.ToDelete == planned.Before
            && await GoneRows.AreAllGoneAsync(shape, dialect, connection, sealedRows(planned.Name), cancellationToken)
        )
        {
            return await JudgeAsync(dataset, planned, there, orphaned, cancellationToken);
        }
        var table = dialect.Table(dataset.Table.Name);
        var each =
            $"INSERT INTO {there.Name} SELECT {there.Given} FROM {table} t WHERE {there.SameAsGiven("t")} ON CONFLICT DO NOTHING";
        string Listed(string list) =>
            $"INSERT INTO {there.Name} SELECT b.* FROM {list} b {dialect.JoinLookingUp} {table} t ON {batch.Same("t", "b")} WHERE 1 = 1 ON CONFLICT DO NOTHING";
        var given = dialect.IsNear ? null : batch.GivenList;
        await using var gather = connection.Prepare(Listed(batch.Name));
        await foreach (var rows in GatherAsync(planned.Name, cancellationToken))
        {
            if (hasOrphans || (!dialect.IsNear && given is null))
            {
                await batch.FillAsync(null, rows, cancellationToken);
            }
            if (dialect.IsNear)
            {
                await dialect.RunEachAsync(connection, each, rows.Feed(), cancellationToken);
            }
            else if (given is not null)
            {
                await batch.RunGivenAsync(null, Listed(given), rows.Feed(), cancellationToken);
            }
            else
            {
                await gather.ExecuteNonQueryAsync(cancellationToken);
            }
            orphaned += hasOrphans ? await orphans.CountAsync(batch, cancellationToken) : 0;
        }
        return await JudgeAsync(dataset, planned, there, orphaned, cancellationToken);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    /// <summary>Sealed rows, as many at a time as make a statement worth its while.</summary>
    private async IAsyncEnumerable<SealedRows> GatherAsync(
        string dataset,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var gathered = new List<SealedRows>();
        await foreach (var chunk in sealedRows(dataset).WithCancellation(cancellationToken))
        {
            gathered.Add(chunk.Rows);
            if (gathered.Sum(rows => rows.Count) >= RowsAtOnce)
            {
                yield return SealedRows.Join(gathered);
                gathered.Clear();
            }
        }
        if (gathered.Count > 0)
        {
            yield return SealedRows.Join(gathered);
        }
    }

    private async Task<DatasetVerification> JudgeAsync(
        ScopedDataset dataset,
        PlannedErasure planned,
        RowTable there,
        long orphaned,
        CancellationToken cancellationToken
    )
    {
        var present = await PresentAsync(there, cancellationToken);
        long At(RowFate fate) => present.GetValueOrDefault(fate);
        // Told that nothing is there, the engine need not think about a join with it.
        var joined =
            present.Count > 0
                ? $"LEFT JOIN {there.Name} s ON {there.Same("t", "s")} WHERE s.{RowTable.Fate} IS NULL AND"
                : "WHERE";
        var unsealed = await connection.CountAsync(
            $"SELECT count(*) FROM {dialect.Table(dataset.Table.Name)} t {joined} ({dataset.Where})",
            cancellationToken,
            ("@tenant", tenant)
        );
        var findings = new List<string>();
        void Find(long count, string what)
        {
            if (count > 0)
            {
                findings.Add(FormattableString.Invariant($"{count} {what}"));
            }
        }
        Find(At(RowFate.Delete), "sealed row(s) that should be gone are still there");
        Find(unsealed, "row(s) of the customer came after the keys were sealed");
        Find(
            planned.Retained.Sum(rows => rows.Rows) - At(RowFate.Retain),
            "retained row(s) are gone before their time"
        );
        Find(planned.Held - At(RowFate.Hold), "held row(s) are gone");
        Find(orphaned, "row(s) of other tables refer to rows that are gone");
        foreach (var fate in new[] { RowFate.KeepParent, RowFate.Tombstone, RowFate.Anonymise, RowFate.Unlink })
        {
            Find(
                At(fate) > 0 ? await UnmaskedAsync(there, fate, cancellationToken) : 0,
                $"row(s) were not reduced or overwritten ({fate})"
            );
        }
        var after =
            present.Where(entry => entry.Key is not (RowFate.Unlink or RowFate.Shared)).Sum(entry => entry.Value)
            + unsealed;
        return new()
        {
            Dataset = dataset.Name,
            Outcome =
                findings.Count > 0 ? ErasureOutcome.Unproven
                : At(RowFate.Hold) > 0 ? ErasureOutcome.Held
                : At(RowFate.Retain) + At(RowFate.KeepParent) > 0 ? ErasureOutcome.Retained
                : ErasureOutcome.Verified,
            Before = planned.Before,
            Deleted = planned.ToDelete - At(RowFate.Delete),
            After = after,
            Anonymised = At(RowFate.Anonymise),
            Unlinked = At(RowFate.Unlink) + At(RowFate.Shared),
            Retained = At(RowFate.Retain),
            Held = At(RowFate.Hold),
            KeptParents = At(RowFate.KeepParent),
            Tombstones = At(RowFate.Tombstone),
            Findings = findings,
        };
    }

    /// <summary>Sealed rows that are there, by fate. A row under an old key with other witnesses is somebody else's.</summary>
    private async Task<Dictionary<RowFate, long>> PresentAsync(RowTable there, CancellationToken cancellationToken)
    {
        await using var command = connection.Prepare(
            $"SELECT {RowTable.Fate}, count(*) FROM {there.Name} GROUP BY {RowTable.Fate}"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var present = new Dictionary<RowFate, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var fate = Convert.ToInt64(reader.GetValue(0), System.Globalization.CultureInfo.InvariantCulture);
            present[(RowFate)fate] = reader.GetInt64(1);
        }
        return present;
    }

    /// <summary>Rows of a fate whose columns do not look as the run should have left them.</summary>
    private async Task<long> UnmaskedAsync(RowTable there, RowFate fate, CancellationToken cancellationToken)
    {
        var shape = there.Shape;
        return RowFaults.Of(shape, fate, dialect) is not { } faults
            ? 0
            : await connection.CountAsync(
                $"SELECT count(*) FROM {dialect.Table(shape.Dataset.Table.Name)} t JOIN {there.Name} s ON {there.Same("t", "s")} AND s.{RowTable.Fate} = {(int)fate} WHERE {faults.Condition}",
                cancellationToken,
                [.. faults.Texts]
            );
    }
}
