using System.Security.Cryptography;
using System.Text.Json;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>Writes the certificate of a run: the same facts and the same verification give the same bytes.</summary>
internal sealed class CertificateWriter(TenantDataMap map, RunStore store)
{
    public async Task<CertificateSummary> WriteAsync(
        ErasureRef run,
        CertificateFacts facts,
        CancellationToken cancellationToken
    )
    {
        var stored = await store.FindCertificateAsync(run, cancellationToken);
        if (stored is null)
        {
            var plan = await store.PlanAsync(run, cancellationToken);
            var report =
                await store.FindReportAsync(run, cancellationToken)
                ?? throw new InvalidOperationException($"Run {run.Run} of case {run.CaseId} has not been verified.");
            stored = await store.KeepCertificateAsync(
                run,
                JsonSerializer.SerializeToUtf8Bytes(Compose(plan, report, facts), RunStore.Json),
                cancellationToken
            );
        }
        return new(NumberOf(run), Convert.ToHexStringLower(SHA256.HashData(stored)), RunStore.CertificatePath(run));
    }

    private static string NumberOf(ErasureRef run) => FormattableString.Invariant($"{run.CaseId}-{run.Run}");

    private ErasureCertificate Compose(ErasurePlan plan, VerificationReport report, CertificateFacts facts) =>
        new()
        {
            Number = NumberOf(plan.Order.Ref),
            CaseId = plan.Order.CaseId,
            Run = plan.Order.Run,
            Kind = plan.Order.Kind,
            CustomerId = plan.Order.CustomerId,
            ContractId = facts.ContractId,
            Status = StatusOf(plan, report, facts),
            EffectiveEnd = plan.Order.EffectiveEnd,
            StartedAt = facts.StartedAt,
            SealedAt = plan.SealedAt,
            VerifiedAt = report.CheckedAt,
            CompletedAt = facts.CompletedAt,
            TimeZone = plan.Order.TimeZone,
            Actors = facts.Actors,
            Datasets = plan
                .Datasets.Select(planned =>
                    Line(planned, report.Datasets.Single(found => found.Dataset == planned.Name), facts)
                )
                .ToList(),
            Processors = plan
                .Processors.Select(name => new CertifiedProcessor(
                    name,
                    facts.Processors.FirstOrDefault(answer => answer.Processor == name)
                ))
                .ToList(),
            Backups = map
                .Backups.Select(backup => new CertifiedBackup(
                    backup.Name,
                    backup.Systems.Count > 0
                        ? backup.Systems
                        : map
                            .Systems.Where(system => system is not ProcessorSystem)
                            .Select(system => system.Name)
                            .ToList(),
                    DateOnly.FromDateTime(facts.CompletedAt.UtcDateTime).AddDays(backup.KeepsDays)
                ))
                .ToList(),
            Export = facts.Export is { } number ? new(number, facts.ManifestSha256) : null,
            EventChain = new(facts.StreamVersion, facts.StreamHash),
        };

    /// <summary>"complete" is said only when nothing is left but what the map wants to stay for good.</summary>
    private static CertificateStatus StatusOf(ErasurePlan plan, VerificationReport report, CertificateFacts facts) =>
        !report.IsProven || plan.Processors.Any(name => !facts.Processors.Any(answer => answer.Processor == name))
            ? CertificateStatus.Unproven
        : report.Datasets.Any(found => found.Held > 0) ? CertificateStatus.Held
        : report.Datasets.Any(found => found.Retained > 0 || found.KeptParents > 0) ? CertificateStatus.Retaining
        : CertificateStatus.Complete;

    private static CertifiedDataset Line(PlannedErasure planned, DatasetVerification found, CertificateFacts facts) =>
        new()
        {
            Dataset = planned.Name,
            System = planned.System,
            Rule = planned.Rule,
            Outcome = found.Outcome,
            Before = found.Before,
            Exported = facts.Exported.TryGetValue(planned.Name, out var exported) ? exported : null,
            Deleted = found.Deleted,
            Anonymised = found.Anonymised,
            Unlinked = found.Unlinked,
            Retained = found.Retained,
            Held = found.Held,
            After = found.After,
            Exceptions = planned.Retained,
            KeptParents = found.KeptParents > 0 ? new(found.KeptParents, planned.NeededBy) : null,
            Tombstones = found.Tombstones,
            Findings = found.Findings,
        };
}
