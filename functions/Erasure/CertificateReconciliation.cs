namespace Portability.Erasure;

/// <summary>
/// Holds a certificate's numbers against each other. Every row that was there before must have become something, and what is
/// there after must be what was kept.
/// </summary>
internal static class CertificateReconciliation
{
    /// <summary>What does not add up, by dataset; empty when everything does.</summary>
    public static IReadOnlyList<string> Check(ErasureCertificate certificate) =>
        [.. certificate.Datasets.SelectMany(Check)];

    private static IEnumerable<string> Check(CertifiedDataset line)
    {
        var kept = line.Anonymised + line.Retained + line.Held + (line.KeptParents?.Rows ?? 0) + line.Tombstones;
        var accounted = line.Deleted + line.Unlinked + kept + line.GoneOtherwise;
        if (line.Before != accounted)
        {
            yield return FormattableString.Invariant(
                $"{line.Dataset}: {line.Before} before, but {accounted} accounted for"
            );
        }
        if (line.GoneOtherwise < 0 || line.Deleted < 0)
        {
            yield return $"{line.Dataset}: more rows were found than were sealed";
        }
        // Unproven lines say themselves what is left.
        if (line.Findings.Count == 0 && line.After != kept)
        {
            yield return FormattableString.Invariant($"{line.Dataset}: {line.After} after, but {kept} kept");
        }
        if (line.Exceptions.Sum(rows => rows.Rows) != line.Retained)
        {
            yield return FormattableString.Invariant(
                $"{line.Dataset}: {line.Retained} retained, but {line.Exceptions.Sum(rows => rows.Rows)} with a legal basis"
            );
        }
    }
}

/// <summary>A certificate's numbers do not add up: it is not issued.</summary>
public sealed class CertificateNotReconciledException(string number, IReadOnlyList<string> findings)
    : Exception($"Certificate {number} does not add up: {string.Join("; ", findings)}.")
{
    public IReadOnlyList<string> Findings { get; } = findings;
}
