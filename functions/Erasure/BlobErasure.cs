using System.Runtime.CompilerServices;
using Portability.DataMap;
using Portability.Sources;
using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>Seals, erases and recounts the blobs of one dataset. Blobs have no transactions: the gate is asked before each batch.</summary>
internal sealed class BlobErasure(BlobDataset dataset, IBlobSource source, TenantDataMap map, ErasureOrder order)
{
    /// <summary>Longer than <see cref="Share"/> and one blob more.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <summary>Blobs have no transactions: a batch asks for leave again after this time.</summary>
    private static readonly TimeSpan Share = TimeSpan.FromSeconds(3);

    private readonly RetentionCalendar calendar = new(order);
    private readonly string prefix = dataset.PrefixOf(order.CustomerId);
    private readonly SortedDictionary<long, long> retained = [];
    private readonly Dictionary<RowFate, long> counts = [];
    private long bytes;

    /// <summary>The customer's blobs with their fates, each name once however many snapshots or versions it has.</summary>
    public async IAsyncEnumerable<SealedRow> CollectAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? last = null;
        await foreach (var blob in source.ListAsync(prefix, BlobStates.All, cancellationToken))
        {
            bytes += blob.IsCurrent ? blob.Size : 0;
            if (blob.Name == last)
            {
                continue;
            }
            last = blob.Name;
            var (fate, release) = FateOf(blob);
            counts[fate] = counts.GetValueOrDefault(fate) + 1;
            if (fate == RowFate.Retain)
            {
                retained[release] = retained.GetValueOrDefault(release) + 1;
            }
            yield return new(fate, release, [blob.Name]);
        }
    }

    /// <summary>What <see cref="CollectAsync"/> has seen.</summary>
    public PlannedErasure Sum(long batches) =>
        new()
        {
            Name = dataset.Name,
            System = dataset.System,
            Kind = "blob",
            Rule = SqlSealer.RuleName(dataset.Erase),
            Before = counts.Values.Sum(),
            ToDelete = counts.GetValueOrDefault(RowFate.Delete),
            Held = counts.GetValueOrDefault(RowFate.Hold),
            Retained = retained.Select(entry => Retained(entry.Key, entry.Value)).ToList(),
            Bytes = bytes,
            Batches = batches,
        };

    /// <summary>Deletes the doomed blobs of a batch with their snapshots and versions; null when the gate stopped it, repeat it then.</summary>
    public async Task<long?> DeleteAsync(
        SealedBatch batch,
        IErasureAttempt attempt,
        CancellationToken cancellationToken
    )
    {
        var pass = new BatchPass(dataset.System, dataset.Name, (int)batch.Number, Limit, IsExclusive: false);
        var names = new Queue<string>(
            batch.Rows.Where(row => row.Fate == RowFate.Delete).Select(row => (string)row.Values[0]!)
        );
        var deleted = names.Count;
        while (names.Count > 0)
        {
            if (!await attempt.MayPassAsync(pass, cancellationToken))
            {
                return null;
            }
            // What the gate lets pass must end before its fence would fall of itself; when it fails, the fence is left to that.
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(Limit - Share);
            var begun = TimeProvider.System.GetTimestamp();
            while (names.TryPeek(out var name) && TimeProvider.System.GetElapsedTime(begun) < Share)
            {
                await source.DeleteAsync(name, limit.Token);
                names.Dequeue();
            }
            await attempt.PassedAsync(cancellationToken);
        }
        return deleted;
    }

    /// <summary>Lists the prefix again and compares with what was sealed.</summary>
    public async Task<DatasetVerification> VerifyAsync(
        PlannedErasure planned,
        IAsyncEnumerable<SealedBatch> sealedBatches,
        CancellationToken cancellationToken
    )
    {
        // Only the names that stay are held in memory: by law or by a hold, and few beside what goes.
        var staying = new Dictionary<string, RowFate>(StringComparer.Ordinal);
        await foreach (var batch in sealedBatches.WithCancellation(cancellationToken))
        {
            foreach (var row in batch.Rows.Where(row => row.Fate != RowFate.Delete))
            {
                staying[(string)row.Values[0]!] = row.Fate;
            }
        }
        long after = 0,
            kept = 0,
            held = 0,
            left = 0;
        string? last = null;
        await foreach (var blob in source.ListAsync(prefix, BlobStates.All, cancellationToken))
        {
            if (blob.Name == last)
            {
                continue;
            }
            last = blob.Name;
            after++;
            var isStaying = staying.TryGetValue(blob.Name, out var fate);
            kept += isStaying && fate == RowFate.Retain ? 1 : 0;
            held += isStaying && fate == RowFate.Hold ? 1 : 0;
            left += isStaying ? 0 : 1;
        }
        var findings = new List<string>();
        if (left > 0)
        {
            findings.Add(
                FormattableString.Invariant(
                    $"{left} blob(s) under the customer's prefix, snapshots and versions included, that should be gone"
                )
            );
        }
        if (kept + held < staying.Count)
        {
            findings.Add(FormattableString.Invariant($"{staying.Count - kept - held} blob(s) that must stay are gone"));
        }
        return new()
        {
            Dataset = dataset.Name,
            Outcome =
                findings.Count > 0 ? ErasureOutcome.Unproven
                : held > 0 ? ErasureOutcome.Held
                : kept > 0 ? ErasureOutcome.Retained
                : ErasureOutcome.Verified,
            Before = planned.Before,
            Deleted = Math.Max(0, planned.ToDelete - left),
            After = after,
            Retained = kept,
            Held = held,
            Findings = findings,
        };
    }

    private RetainedRows Retained(long release, long rows)
    {
        var rule = map.Retention[((EraseRule.Retain)dataset.Erase).Class];
        return new(rule.Name, rule.LegalBasis, DateTimeOffset.FromUnixTimeSeconds(release), rows);
    }

    private (RowFate Fate, long Release) FateOf(BlobEntry blob)
    {
        if (order.HeldDatasets.Contains(dataset.Name))
        {
            return (RowFate.Hold, 0);
        }
        if (dataset.Erase is not EraseRule.Retain retain)
        {
            return (RowFate.Delete, 0);
        }
        var release = calendar.ReleaseOf(map.Retention[retain.Class], blob.LastModified);
        var mayGo =
            order.Kind == ErasureKind.Full || order.Datasets.Count == 0 || order.Datasets.Contains(dataset.Name);
        return release <= order.AsOf && mayGo ? (RowFate.Delete, 0) : (RowFate.Retain, release.ToUnixTimeSeconds());
    }
}
