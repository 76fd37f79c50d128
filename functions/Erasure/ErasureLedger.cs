using Azure.Data.Tables;
using Azure.Storage.Blobs;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>
/// Writes down each erasure run for good, before its keys are destroyed and before a certificate is issued. A run has one entry,
/// however often it is recorded.
/// </summary>
public sealed class ErasureLedger
{
    private readonly MappedSystems systems;
    private readonly RunStore runs;
    private readonly RunKeys keys;
    private readonly LedgerTable table;

    /// <param name="systems">The data map's systems.</param>
    /// <param name="tables">Where the ledger is.</param>
    /// <param name="blobs">Where the runs are, and entries too long for a row.</param>
    /// <param name="keys">Open the runs, and key the hashes of rows.</param>
    public ErasureLedger(MappedSystems systems, TableServiceClient tables, BlobServiceClient blobs, RunKeys keys)
    {
        this.systems = systems;
        this.keys = keys;
        runs = new(blobs, keys);
        table = new(tables, blobs);
    }

    /// <summary>Records a verified run; a repeated call gives the place of the entry that is there.</summary>
    public async Task<LedgerPlace> RecordAsync(ErasureRef run, string contractId, CancellationToken cancellationToken)
    {
        // Asked first: a run that has its entry may have been forgotten since.
        if (await table.FindAsync(run, cancellationToken) is { } there)
        {
            return there;
        }
        var plan = await runs.PlanAsync(run, cancellationToken);
        var report =
            await runs.FindReportAsync(run, cancellationToken)
            ?? throw new InvalidOperationException($"Run {run.Run} of case {run.CaseId} has not been verified.");
        var (keyId, key) = keys.LedgerKey();
        var samples = await SampleAsync(plan, key, cancellationToken);
        return await table.AppendAsync(
            new()
            {
                Number = 0,
                CaseId = run.CaseId,
                Run = run.Run,
                Kind = plan.Order.Kind,
                CustomerId = plan.Order.CustomerId,
                ContractId = contractId,
                EffectiveEnd = plan.Order.EffectiveEnd,
                TimeZone = plan.Order.TimeZone,
                AsOf = plan.Order.AsOf,
                SealedAt = plan.SealedAt,
                VerifiedAt = report.CheckedAt,
                Proven = report.IsProven,
                MapSha256 = systems.Map.Sha256,
                Certificate = Certificates.NumberOf(run),
                Datasets = plan
                    .Datasets.Select(planned =>
                        Line(
                            planned,
                            report.Datasets.Single(found => found.Dataset == planned.Name),
                            samples.GetValueOrDefault(planned.Name)
                        )
                    )
                    .ToList(),
                BackupsExpireOn =
                    systems.Map.Backups.Count == 0
                        ? null
                        : DateOnly
                            .FromDateTime(report.CheckedAt.UtcDateTime)
                            .AddDays(systems.Map.Backups.Max(backup => backup.KeepsDays)),
                MarksKeyId = keyId,
            },
            LedgerMarks.Of(
                samples.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal)
            ),
            cancellationToken
        );
    }

    /// <summary>Reads the sealed keys once more, the last time that anybody can.</summary>
    private async Task<Dictionary<string, LedgerMarks.Sample>> SampleAsync(
        ErasurePlan plan,
        byte[] ledgerKey,
        CancellationToken cancellationToken
    )
    {
        var samples = new Dictionary<string, LedgerMarks.Sample>(StringComparer.Ordinal);
        var runKey = await runs.KeyAsync(plan, cancellationToken);
        var own = systems.For(plan.Order.CustomerId);
        var most = LedgerMarks.Share(plan.Datasets.Count);
        foreach (
            var system in plan
                .Datasets.Where(planned => planned is { Kind: "sql", Before: > 0 })
                .GroupBy(planned => planned.System)
        )
        {
            var scope = await own.PlanAsync(system.Key, cancellationToken);
            foreach (var planned in system)
            {
                var marks = new RowMarks(plan.Order.CustomerId, planned.Name, scope.Dataset(planned.Name).Key.Count);
                var sample = samples[planned.Name] = new(most);
                var chunks = runs.ReadAsync(plan, runKey, planned.Name, 0, 0, cancellationToken);
                await foreach (var chunk in chunks.WithCancellation(cancellationToken))
                {
                    // Rows shared with others stay, and say nothing of who the customer is.
                    var rows = chunk.Rows.Feed(fate => fate is not (RowFate.Unlink or RowFate.Shared));
                    for (marks.Begin(); rows.Next(marks); marks.Begin())
                    {
                        sample.Add(marks.Of(ledgerKey));
                    }
                }
            }
        }
        return samples;
    }

    private LedgerDataset Line(PlannedErasure planned, DatasetVerification found, LedgerMarks.Sample? sample) =>
        new()
        {
            Dataset = planned.Name,
            System = planned.System,
            Kind = planned.Kind,
            Place =
                planned.Kind == "sql"
                    ? systems.Map.Tables.Single(table => table.Name == planned.Name).Table
                    : systems.Map.Blobs.Single(blobs => blobs.Name == planned.Name).Prefix,
            Rule = planned.Rule,
            Outcome = found.Outcome,
            Before = found.Before,
            Deleted = found.Deleted,
            Anonymised = found.Anonymised,
            Unlinked = found.Unlinked,
            Retained = found.Retained,
            Held = found.Held,
            KeptParents = found.KeptParents,
            Tombstones = found.Tombstones,
            Marks = sample?.ToArray().Length ?? 0,
            MarksAreAll = planned.Kind == "sql" && (sample?.IsAll ?? true),
        };
}
