using System.Globalization;
using Portability.Documents;
using Portability.Documents.Pdf;

namespace Portability.Erasure;

/// <summary>A certificate as a person reads it: the same numbers as the signed JSON, whose SHA-256 it names.</summary>
internal sealed class CertificatePdf : IDisposable
{
    private readonly MemoryStream file = new();
    private readonly ErasureCertificate certificate;
    private readonly CertificateWords words;
    private readonly PdfWriter pdf;

    private CertificatePdf(ErasureCertificate certificate, CertificateWords words)
    {
        (this.certificate, this.words) = (certificate, words);
        pdf = new(
            file,
            new()
            {
                Title = words.Title,
                Reference = certificate.Number,
                Language = words.Language,
                PageLabel = words.Page,
                Paper = PaperSize.Landscape,
                FontSize = 7.5,
            }
        );
    }

    /// <summary>The same certificate in the same language gives the same bytes.</summary>
    public static byte[] Write(ErasureCertificate certificate, string sha256, CertificateWords words)
    {
        using var writer = new CertificatePdf(certificate, words);
        writer.Facts();
        writer.Counts();
        writer.Rest();
        writer.Signature(sha256);
        writer.pdf.End();
        return writer.file.ToArray();
    }

    public void Dispose()
    {
        pdf.Dispose();
        file.Dispose();
    }

    private void Facts()
    {
        pdf.Heading($"{words.Title} {certificate.Number}", 1);
        pdf.Paragraph(words.Statements[certificate.Status]);
        var export = certificate.Export is { } made
            ? $"{Text(made.Number)}: {made.ManifestSha256 ?? ""}"
            : words.NoExport;
        var chain = string.Format(
            CultureInfo.InvariantCulture,
            words.ChainText,
            certificate.EventChain.Version,
            certificate.EventChain.Hash
        );
        List<string[]> facts =
        [
            [words.Customer, certificate.CustomerId],
            [words.Contract, certificate.ContractId],
            [words.Case, certificate.CaseId],
            [words.Kind, words.Kinds[certificate.Kind]],
            [words.EffectiveEnd, Text(certificate.EffectiveEnd)],
            [words.Started, Text(certificate.StartedAt)],
            [words.Sealed, Text(certificate.SealedAt)],
            [words.Verified, Text(certificate.VerifiedAt)],
            [words.Completed, Text(certificate.CompletedAt)],
            [words.TimeZone, certificate.TimeZone],
            [words.Actors, string.Join(", ", certificate.Actors)],
            [words.Export, export],
            [words.Chain, chain],
        ];
        if (certificate.Ledger is { } place)
        {
            facts.Add([
                words.Ledger,
                string.Format(CultureInfo.InvariantCulture, words.LedgerText, place.Entry, place.Hash),
            ]);
        }
        if (certificate.Supersedes is { } earlier)
        {
            facts.Insert(0, [words.Supersedes, earlier]);
        }
        Table([(words.Number, 3, false), (certificate.Number, 7, false)], facts);
    }

    private void Counts()
    {
        pdf.Heading(words.Counts, 2);
        pdf.Paragraph(words.CountsText);
        var columns = words.CountColumns.Select(
            (title, i) =>
                i switch
                {
                    0 => (title, 3.2, false),
                    1 or 2 or 15 => (title, 1.8, false),
                    _ => (title, 1.7, true),
                }
        );
        var lines = certificate.Datasets;
        IEnumerable<string[]> rows = lines.Select(line =>
            new[]
            {
                line.Dataset,
                line.System,
                line.Rule,
                Text(line.Before),
                Text(line.Exported),
                Text(line.SinceExport),
                Text(line.Deleted),
                Text(line.Anonymised),
                Text(line.Unlinked),
                Text(line.Retained),
                Text(line.Held),
                Text(line.KeptParents?.Rows ?? 0),
                Text(line.Tombstones),
                Text(line.GoneOtherwise),
                Text(line.After),
                words.Outcomes[line.Outcome],
            }
        );
        string[] total =
        [
            words.Total,
            "",
            "",
            Text(lines.Sum(line => line.Before)),
            Text(lines.Sum(line => line.Exported ?? 0)),
            "",
            Text(lines.Sum(line => line.Deleted)),
            Text(lines.Sum(line => line.Anonymised)),
            Text(lines.Sum(line => line.Unlinked)),
            Text(lines.Sum(line => line.Retained)),
            Text(lines.Sum(line => line.Held)),
            Text(lines.Sum(line => line.KeptParents?.Rows ?? 0)),
            Text(lines.Sum(line => line.Tombstones)),
            Text(lines.Sum(line => line.GoneOtherwise)),
            Text(lines.Sum(line => line.After)),
            "",
        ];
        Table(columns, rows.Append(total));
    }

    private void Rest()
    {
        Section(
            words.Exceptions,
            words.ExceptionColumns.Zip(
                [3.0, 1, 2, 7, 2.5],
                (title, share) => (title, share, title == words.ExceptionColumns[1])
            ),
            certificate.Datasets.SelectMany(line =>
                line.Exceptions.Select(kept =>
                    new[] { line.Dataset, Text(kept.Rows), kept.Class, kept.LegalBasis, Text(kept.ReleasesAt) }
                )
            )
        );
        Section(
            words.KeptParents,
            words.ParentColumns.Zip([3.0, 1, 7], (title, share) => (title, share, title == words.ParentColumns[1])),
            certificate
                .Datasets.Where(line => line.KeptParents is not null)
                .Select(line =>
                    new[] { line.Dataset, Text(line.KeptParents!.Rows), string.Join(", ", line.KeptParents.NeededBy) }
                )
        );
        Section(
            words.Findings,
            [(words.CountColumns[0], 3, false), (words.Findings, 8, false)],
            certificate.Datasets.SelectMany(line => line.Findings.Select(finding => new[] { line.Dataset, finding }))
        );
        Section(
            words.Processors,
            words.ProcessorColumns.Select(title => (title, 1.0, false)),
            certificate.Processors.Select(processor =>
                processor.Acknowledgement is { } answer
                    ? new[] { processor.Processor, answer.Reference, Text(answer.AcknowledgedAt) }
                    : [processor.Processor, "", words.Unanswered]
            )
        );
        Section(
            words.Backups,
            words.BackupColumns.Select(title => (title, 1.0, false)),
            certificate.Backups.Select(backup =>
                new[]
                {
                    backup.Class,
                    string.Join(", ", backup.Systems),
                    backup.ExpiresOn.ToString("O", CultureInfo.InvariantCulture),
                }
            )
        );
    }

    private void Signature(string sha256)
    {
        pdf.Heading(words.Signature, 2);
        pdf.Paragraph(words.SignatureText);
        Table(
            [(words.Fingerprint, 3, false), (sha256, 7, false)],
            [
                [words.Key, certificate.Signature.KeyId],
            ]
        );
    }

    /// <summary>A table under its heading; nothing at all without rows.</summary>
    private void Section(
        string heading,
        IEnumerable<(string Title, double Share, bool IsNumber)> columns,
        IEnumerable<string[]> rows
    )
    {
        var all = rows.ToList();
        if (all.Count > 0)
        {
            pdf.Heading(heading, 2);
            Table(columns, all);
        }
    }

    private void Table(IEnumerable<(string Title, double Share, bool IsNumber)> columns, IEnumerable<string[]> rows)
    {
        pdf.BeginTable([.. columns.Select(column => new DocumentColumn(column.Title, column.Share, column.IsNumber))]);
        foreach (var row in rows)
        {
            pdf.Row(row);
        }
        pdf.EndTable();
    }

    private static string Text(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "–";

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
