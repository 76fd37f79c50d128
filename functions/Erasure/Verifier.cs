using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>Recounts a run: sealed keys, live scope, orphans and blob prefixes. Shares the plan and the sealed keys with the eraser, no code that deletes.</summary>
internal sealed class Verifier(MappedSystems systems, RunStore store, TimeProvider clock)
{
    public async Task<VerificationReport> VerifyAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        var plan = await store.PlanAsync(run, cancellationToken);
        var key = await store.KeyAsync(plan, cancellationToken);
        var own = systems.For(plan.Order.CustomerId);
        var found = new Dictionary<string, DatasetVerification>(StringComparer.Ordinal);
        foreach (
            var system in plan
                .Datasets.Where(dataset => dataset.Kind == "sql")
                .Select(dataset => dataset.System)
                .Distinct()
        )
        {
            var scope = await own.PlanAsync(system, cancellationToken);
            await using var connection = await own.Sql(system).OpenWorkAsync(cancellationToken);
            var recount = new SqlRecount(
                new(scope, own.Sql(system).Dialect, connection),
                own.TenantValue(scope, plan.Order.CustomerId)
            );
            foreach (var planned in plan.Datasets.Where(dataset => dataset.System == system))
            {
                var batches = store.ReadAsync(plan, key, planned.Name, 0, 0, cancellationToken);
                await recount.LoadAsync(scope.Dataset(planned.Name), batches, cancellationToken);
            }
            foreach (var planned in plan.Datasets.Where(dataset => dataset.System == system))
            {
                found[planned.Name] = await recount.VerifyAsync(
                    scope.Dataset(planned.Name),
                    planned,
                    cancellationToken
                );
            }
        }
        foreach (var planned in plan.Datasets.Where(dataset => dataset.Kind == "blob"))
        {
            var blobs = systems.Map.Blobs.Single(dataset => dataset.Name == planned.Name);
            var erasure = new BlobErasure(blobs, systems.Blobs(blobs.System), systems.Map, plan.Order);
            var batches = store.ReadAsync(plan, key, planned.Name, 0, 0, cancellationToken);
            found[planned.Name] = await erasure.VerifyAsync(planned, batches, cancellationToken);
        }
        var report = new VerificationReport
        {
            Run = run,
            CheckedAt = clock.GetUtcNow(),
            Datasets = plan.Datasets.Select(dataset => found[dataset.Name]).ToList(),
        };
        await store.KeepReportAsync(report, cancellationToken);
        return report;
    }
}

/// <summary>The recount of one database, as joins of the sealed keys with the live tables in one snapshot.</summary>
internal sealed class SqlRecount(SealTables seal, object tenant)
{
    public async Task LoadAsync(
        ScopedDataset dataset,
        IAsyncEnumerable<SealedBatch> batches,
        CancellationToken cancellationToken
    )
    {
        await seal.CreateAsync(dataset, cancellationToken);
        var names = Sql.ValueNames(seal.Columns(dataset).Count);
        await using var insert = seal.Connection.Prepare(
            $"INSERT INTO {seal.Name(dataset)} VALUES ({string.Join(", ", names)}, @fate, NULL, NULL, 0)"
        );
        await foreach (var batch in batches.WithCancellation(cancellationToken))
        {
            foreach (var row in batch.Rows)
            {
                insert.BindRow(row, names);
                insert.Bind("@fate", (long)row.Fate);
                await insert.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    public async Task<DatasetVerification> VerifyAsync(
        ScopedDataset dataset,
        PlannedErasure planned,
        CancellationToken cancellationToken
    )
    {
        var present = await PresentAsync(dataset, cancellationToken);
        long At(RowFate fate) => present.GetValueOrDefault(fate);
        var unsealed = await seal.Connection.CountAsync(
            $"SELECT count(*) FROM {seal.Table(dataset)} t LEFT JOIN {seal.Name(dataset)} s ON {Same(dataset)} WHERE s.fate IS NULL AND ({dataset.Where})",
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
        Find(await OrphansAsync(dataset, cancellationToken), "row(s) of other tables refer to rows that are gone");
        foreach (var fate in new[] { RowFate.KeepParent, RowFate.Tombstone, RowFate.Anonymise, RowFate.Unlink })
        {
            Find(
                At(fate) > 0 ? await UnmaskedAsync(dataset, fate, cancellationToken) : 0,
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

    /// <summary>Joins a live row with the sealed one it is: the same key, and witnesses that are the same or were emptied.</summary>
    private string Same(ScopedDataset dataset)
    {
        var shape = seal.Shape(dataset);
        var witnesses = shape.Witnesses.Zip(
            seal.Columns(dataset).Skip(shape.Key.Count),
            (live, column) =>
                $" AND (t.{seal.Dialect.Quote(live)} = s.{seal.Dialect.Quote(column)} OR t.{seal.Dialect.Quote(live)} IS NULL)"
        );
        return seal.Join(dataset, "t", "s") + string.Concat(witnesses);
    }

    /// <summary>Sealed rows that are there, by fate. A row under an old key with other witnesses is somebody else's.</summary>
    private async Task<Dictionary<RowFate, long>> PresentAsync(
        ScopedDataset dataset,
        CancellationToken cancellationToken
    )
    {
        await using var command = seal.Connection.Prepare(
            $"SELECT s.fate, count(*) FROM {seal.Name(dataset)} s JOIN {seal.Table(dataset)} t ON {Same(dataset)} GROUP BY s.fate"
        );
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var present = new Dictionary<RowFate, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            present[(RowFate)reader.GetInt64(0)] = reader.GetInt64(1);
        }
        return present;
    }

    /// <summary>Rows anywhere that refer to a key which was sealed for deletion and is gone.</summary>
    private async Task<long> OrphansAsync(ScopedDataset parent, CancellationToken cancellationToken)
    {
        var orphans = 0L;
        foreach (var child in seal.Plan.Catalogue.Tables.Where(table => !table.IsView))
        {
            foreach (
                var link in child.ForeignKeys.Where(link =>
                    string.Equals(link.ReferencedTable, parent.Table.Name, StringComparison.OrdinalIgnoreCase)
                )
            )
            {
                var isByKey = link.ReferencedColumns.ToHashSet(StringComparer.OrdinalIgnoreCase).SetEquals(parent.Key);
                if (!isByKey)
                {
                    continue;
                }
                var columns = parent.Key.Select(key => link.Columns[IndexOf(link.ReferencedColumns, key)]).ToList();
                orphans += await seal.Connection.CountAsync(
                    $"""
                    SELECT count(*) FROM {seal.Dialect.Table(child.Name)} c
                    JOIN {seal.Name(parent)} s ON s.fate = {(int)RowFate.Delete} AND {seal.Dialect.Pairwise(
                        "c",
                        columns,
                        "s",
                        seal.KeyColumns(parent)
                    )}
                    LEFT JOIN {seal.Table(parent)} p ON {seal.Dialect.Pairwise(
                        "p",
                        link.ReferencedColumns,
                        "c",
                        link.Columns
                    )}
                    WHERE p.{seal.Dialect.Quote(parent.Key[0])} IS NULL
                    """,
                    cancellationToken
                );
            }
        }
        return orphans;
    }

    private static int IndexOf(IReadOnlyList<string> columns, string column) =>
        Enumerable
            .Range(0, columns.Count)
            .First(index => string.Equals(columns[index], column, StringComparison.OrdinalIgnoreCase));

    /// <summary>Rows of a fate whose columns do not look as the run should have left them.</summary>
    private async Task<long> UnmaskedAsync(ScopedDataset dataset, RowFate fate, CancellationToken cancellationToken)
    {
        var shape = seal.Shape(dataset);
        var faults = shape.Nulled(fate).Select(column => $"t.{seal.Dialect.Quote(column)} IS NOT NULL").ToList();
        var fixedTexts = new List<(string, object?)>();
        foreach (var (column, mask) in shape.Masks(fate))
        {
            var quoted = $"t.{seal.Dialect.Quote(column)}";
            if (mask is Mask.Hash)
            {
                faults.Add($"({quoted} IS NOT NULL AND {quoted} NOT LIKE 'erased-%')");
            }
            else if (mask is Mask.Fixed text)
            {
                faults.Add($"({quoted} IS NULL OR {quoted} <> @m{fixedTexts.Count})");
                fixedTexts.Add(($"@m{fixedTexts.Count}", text.Value));
            }
        }
        return faults.Count == 0
            ? 0
            : await seal.Connection.CountAsync(
                $"SELECT count(*) FROM {seal.Table(dataset)} t JOIN {seal.Name(dataset)} s ON {Same(dataset)} AND s.fate = {(int)fate} WHERE {string.Join(" OR ", faults)}",
                cancellationToken,
                [.. fixedTexts]
            );
    }
}
