using System.Security.Cryptography;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Blobs;

namespace Portability.Erasure;

/// <summary>What an audit of the ledger found.</summary>
/// <param name="Entries">How many there are.</param>
/// <param name="LastHash">Stands for the whole ledger; keep it elsewhere to prove later that nothing was rewritten.</param>
/// <param name="Certificates">Certificates that name an entry, each compared with it.</param>
/// <param name="Hashes">All entries' hashes, in order.</param>
/// <param name="Problems">In the order of the entries; empty when everything verifies.</param>
public sealed record LedgerAudit(
    long Entries,
    string LastHash,
    int Certificates,
    IReadOnlyList<string> Hashes,
    IReadOnlyList<string> Problems
)
{
    public bool IsIntact => Problems.Count == 0;
}

/// <summary>Reads the ledger, and checks that it is as it was written.</summary>
public sealed class LedgerReader(TableServiceClient tables, BlobServiceClient blobs)
{
    private readonly LedgerTable table = new(tables, blobs);
    private readonly CertificateStore certificates = new(blobs);

    /// <summary>All entries, in order.</summary>
    /// <exception cref="LedgerBrokenException">One was changed, or is missing.</exception>
    public async Task<IReadOnlyList<LedgerRecord>> ReadAsync(CancellationToken cancellationToken)
    {
        var walk = await WalkAsync(cancellationToken);
        return walk.Problems.Count == 0 ? walk.Records : throw new LedgerBrokenException(walk.Problems);
    }

    /// <summary>
    /// Checks the chain from the first entry to what the head says, that each run finds its entry, and that each certificate that
    /// names an entry names this one: certificates are signed, so a ledger written anew as a whole, or cut off at its end, shows too.
    /// </summary>
    public async Task<LedgerAudit> VerifyAsync(CancellationToken cancellationToken)
    {
        var walk = await WalkAsync(cancellationToken);
        var hashes = walk.Hashes;
        foreach (var record in walk.Records)
        {
            var entry = record.Entry;
            if (await table.NumberAsync(entry.Ref, cancellationToken) != entry.Number)
            {
                walk.Problems.Add($"entry {entry.Number} is not found by its run, {entry.CaseId}/{entry.Run}");
            }
        }
        var keys = await certificates.KeysAsync(cancellationToken);
        var compared = 0;
        await foreach (var run in certificates.ListAsync(cancellationToken))
        {
            if (
                await certificates.FindAsync(run, cancellationToken) is not { } signed
                || Parse(signed.Json) is not { Ledger: { } place } certificate
            )
            {
                continue;
            }
            compared++;
            if (!IsSigned(signed, keys.GetValueOrDefault(certificate.Signature.KeyId)))
            {
                walk.Problems.Add($"certificate {certificate.Number} does not bear out its signature");
            }
            else if (place.Entry > hashes.Count)
            {
                walk.Problems.Add($"certificate {certificate.Number} names entry {place.Entry}, which is missing");
            }
            else if (hashes[(int)place.Entry - 1] != place.Hash)
            {
                walk.Problems.Add($"certificate {certificate.Number} names another entry {place.Entry} than is there");
            }
        }
        return new(hashes.Count, hashes.LastOrDefault() ?? LedgerChain.Origin, compared, hashes, walk.Problems);
    }

    private sealed record Walk(List<LedgerRecord> Records, List<string> Hashes, List<string> Problems);

    private async Task<Walk> WalkAsync(CancellationToken cancellationToken)
    {
        var walk = new Walk([], [], []);
        var previous = LedgerChain.Origin;
        // The head first: entries that are appended meanwhile are left to the next look.
        var head = await table.HeadAsync(cancellationToken);
        await foreach (var (row, body) in table.RowsAsync(cancellationToken))
        {
            if (walk.Hashes.Count == (head?.Count ?? 0))
            {
                if (head is null)
                {
                    walk.Problems.Add("there are entries and no head that counts them");
                }
                break;
            }
            var number = walk.Hashes.Count + 1L;
            if (row.Number != number || row.RowKey != LedgerEntryRow.KeyOf(number))
            {
                walk.Problems.Add($"entry {number} is missing, the next one is {row.Number}");
                return walk;
            }
            if (row.PreviousHash != previous)
            {
                walk.Problems.Add($"entry {number} does not follow from the one before it");
            }
            if (body is null)
            {
                walk.Problems.Add($"entry {number} has lost its body");
            }
            else if (LedgerChain.Hash(row.PreviousHash, number, body, row.Marks) != row.Hash)
            {
                walk.Problems.Add($"entry {number} was changed: its hash does not agree with its content");
            }
            else
            {
                var entry = LedgerTable.Parse(body);
                walk.Records.Add(new(entry, row.Hash, LedgerMarks.Read(entry.Datasets, row.Marks)));
            }
            walk.Hashes.Add(row.Hash);
            previous = row.Hash;
        }
        if (head is not null && walk.Hashes.Count < head.Count)
        {
            walk.Problems.Add($"entry {walk.Hashes.Count + 1} is missing, the head counts {head.Count}");
        }
        else if (head is not null && head.LastHash != previous)
        {
            walk.Problems.Add("the head names another last hash than the last entry has");
        }
        return walk;
    }

    private static ErasureCertificate? Parse(byte[] json)
    {
        try
        {
            return JsonSerializer.Deserialize<ErasureCertificate>(json, RunStore.Json);
        }
        catch (JsonException)
        {
            // A changed certificate is found by whoever checks its signature; it says nothing of the ledger.
            return null;
        }
    }

    private static bool IsSigned(SignedCertificate signed, string? pem)
    {
        if (pem is null)
        {
            return false;
        }
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.VerifyData(
            signed.Json,
            signed.Signature,
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
    }
}
