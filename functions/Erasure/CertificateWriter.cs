using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>Puts a certificate together from the plan, the recount and what the case knows.</summary>
/// <param name="map">Names systems and backups.</param>
/// <param name="keyId">The key that will sign it.</param>
internal sealed class CertificateWriter(TenantDataMap map, string keyId)
{
    public ErasureCertificate Compose(ErasurePlan plan, VerificationReport report, CertificateFacts facts) =>
        new()
        {
            Number = Certificates.NumberOf(plan.Order.Ref),
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
                    Line(plan.Order, planned, report.Datasets.Single(found => found.Dataset == planned.Name), facts)
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
            Ledger = facts.Ledger,
            Supersedes = facts.Supersedes,
            Signature = new("ES256", keyId),
        };

    /// <summary>"complete" is said only when nothing is left but what the map wants to stay for good.</summary>
    private static CertificateStatus StatusOf(ErasurePlan plan, VerificationReport report, CertificateFacts facts) =>
        !report.IsProven || plan.Processors.Any(name => !facts.Processors.Any(answer => answer.Processor == name))
            ? CertificateStatus.Unproven
        : report.Datasets.Any(found => found.Held > 0) ? CertificateStatus.Held
        // Parents that are kept beside nothing that the law keeps are needed by rows that stay for good, a tombstone for instance.
        : report.Datasets.Any(found => found.Retained > 0) ? CertificateStatus.Retaining
        : CertificateStatus.Complete;

    private static CertifiedDataset Line(
        ErasureOrder order,
        PlannedErasure planned,
        DatasetVerification found,
        CertificateFacts facts
    )
    {
        long? exported = facts.Exported.TryGetValue(planned.Name, out var rows) ? rows : null;
        return new()
        {
            Dataset = planned.Name,
            System = planned.System,
            Rule = planned.Rule,
            Outcome = found.Outcome,
            Before = found.Before,
            Exported = exported,
            // A later run counts only what an earlier one left, which says nothing of the export.
            SinceExport = order.Run == 1 ? found.Before - exported : null,
            Deleted = found.Deleted,
            Anonymised = found.Anonymised,
            Unlinked = found.Unlinked,
            Retained = found.Retained,
            Held = found.Held,
            After = found.After,
            Exceptions = planned.Retained,
            KeptParents = found.KeptParents > 0 ? new(found.KeptParents, planned.NeededBy) : null,
            Tombstones = found.Tombstones,
            GoneOtherwise =
                (planned.ToAnonymise - found.Anonymised)
                + (planned.ToUnlink - found.Unlinked)
                + (planned.KeptParents - found.KeptParents)
                + (planned.Tombstones - found.Tombstones),
            Findings = found.Findings,
        };
    }
}
