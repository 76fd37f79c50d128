using Portability.Terminations;

namespace Portability.Erasure;

/// <summary>The words of a certificate in one language. Rules, datasets and legal bases stand as the data map names them.</summary>
internal sealed record CertificateWords
{
    public required string Language { get; init; }
    public required string Title { get; init; }
    public required string Page { get; init; }
    public required string Number { get; init; }
    public required string Supersedes { get; init; }
    public required string Customer { get; init; }
    public required string Contract { get; init; }
    public required string Case { get; init; }
    public required string Kind { get; init; }
    public required IReadOnlyDictionary<ErasureKind, string> Kinds { get; init; }
    public required string EffectiveEnd { get; init; }
    public required string Started { get; init; }
    public required string Sealed { get; init; }
    public required string Verified { get; init; }
    public required string Completed { get; init; }
    public required string TimeZone { get; init; }
    public required string Actors { get; init; }
    public required string Export { get; init; }
    public required string NoExport { get; init; }
    public required string Chain { get; init; }
    public required string ChainText { get; init; }
    public required string Ledger { get; init; }
    public required string LedgerText { get; init; }
    public required IReadOnlyDictionary<CertificateStatus, string> Statements { get; init; }
    public required string Counts { get; init; }
    public required string CountsText { get; init; }
    public required IReadOnlyList<string> CountColumns { get; init; }
    public required IReadOnlyDictionary<ErasureOutcome, string> Outcomes { get; init; }
    public required string Total { get; init; }
    public required string Exceptions { get; init; }
    public required IReadOnlyList<string> ExceptionColumns { get; init; }
    public required string KeptParents { get; init; }
    public required IReadOnlyList<string> ParentColumns { get; init; }
    public required string Findings { get; init; }
    public required string Processors { get; init; }
    public required IReadOnlyList<string> ProcessorColumns { get; init; }
    public required string Unanswered { get; init; }
    public required string Backups { get; init; }
    public required IReadOnlyList<string> BackupColumns { get; init; }
    public required string Signature { get; init; }
    public required string SignatureText { get; init; }
    public required string Fingerprint { get; init; }
    public required string Key { get; init; }

    public static IReadOnlyList<CertificateWords> All { get; } =
    [CertificateLanguages.English, CertificateLanguages.Swedish, CertificateLanguages.Norwegian];

    /// <summary>A region is ignored; other languages get English.</summary>
    public static CertificateWords For(string locale)
    {
        var language = locale.Split('-', '_')[0].ToLowerInvariant();
        return All.FirstOrDefault(words => words.Language == (language == "no" ? "nb" : language)) ?? All[0];
    }
}
