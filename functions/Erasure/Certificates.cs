using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Portability.DataMap;

namespace Portability.Erasure;

/// <summary>Issues certificates of erasure, signed, and gives them out as they were issued.</summary>
public sealed class Certificates
{
    private readonly TenantDataMap map;
    private readonly RunStore runs;
    private readonly CertificateStore store;
    private readonly CertificateKeys keys;

    /// <param name="systems">The data map's systems.</param>
    /// <param name="storage">Where runs and certificates are.</param>
    /// <param name="runKeys">Opens the runs.</param>
    /// <param name="keys">Signs.</param>
    public Certificates(MappedSystems systems, BlobServiceClient storage, RunKeys runKeys, CertificateKeys keys)
    {
        map = systems.Map;
        runs = new(storage, runKeys);
        store = new(storage);
        this.keys = keys;
    }

    /// <summary>Languages that the PDF is issued in.</summary>
    public static IReadOnlyList<string> Languages { get; } = [.. CertificateWords.All.Select(words => words.Language)];

    /// <summary>The number of a run's certificate, unique over all cases.</summary>
    public static string NumberOf(ErasureRef run) => FormattableString.Invariant($"{run.CaseId}-{run.Run}");

    /// <summary>Issues the certificate of a verified run; a repeated call gives the one that is stored.</summary>
    /// <exception cref="CertificateNotReconciledException">Its numbers do not add up.</exception>
    public async Task<CertificateSummary> IssueAsync(
        ErasureRef run,
        CertificateFacts facts,
        CancellationToken cancellationToken
    )
    {
        var issued = await store.FindAsync(run, cancellationToken);
        if (issued is null)
        {
            var plan = await runs.PlanAsync(run, cancellationToken);
            var report =
                await runs.FindReportAsync(run, cancellationToken)
                ?? throw new InvalidOperationException($"Run {run.Run} of case {run.CaseId} has not been verified.");
            var certificate = new CertificateWriter(map, keys.KeyId).Compose(plan, report, facts);
            if (CertificateReconciliation.Check(certificate) is { Count: > 0 } findings)
            {
                throw new CertificateNotReconciledException(certificate.Number, findings);
            }
            // The public key first: a signature that nobody can check would prove nothing.
            await store.PublishAsync(keys, cancellationToken);
            var json = JsonSerializer.SerializeToUtf8Bytes(certificate, RunStore.Json);
            issued = await store.KeepAsync(run, new(json, keys.Sign(json)), cancellationToken);
        }
        // From what is stored, whoever stored it: the PDF says the same as the JSON.
        var stored = JsonSerializer.Deserialize<ErasureCertificate>(issued.Json, RunStore.Json)!;
        var hash = Convert.ToHexStringLower(SHA256.HashData(issued.Json));
        foreach (var words in CertificateWords.All)
        {
            if (await store.FindPdfAsync(run, words.Language, cancellationToken) is null)
            {
                var pdf = CertificatePdf.Write(stored, hash, words);
                await store.KeepPdfAsync(run, words.Language, pdf, cancellationToken);
            }
        }
        return new(stored.Number, hash, CertificateStore.PathOf(run));
    }

    /// <summary>The bytes that were signed, or null.</summary>
    public async Task<byte[]?> ReadAsync(ErasureRef run, CancellationToken cancellationToken) =>
        (await store.FindAsync(run, cancellationToken))?.Json;

    /// <summary>The signature in DER form, or null.</summary>
    public async Task<byte[]?> ReadSignatureAsync(ErasureRef run, CancellationToken cancellationToken) =>
        (await store.FindAsync(run, cancellationToken))?.Signature;

    /// <summary>The PDF in one of the <see cref="Languages"/>, or null.</summary>
    public Task<byte[]?> ReadPdfAsync(ErasureRef run, string language, CancellationToken cancellationToken) =>
        store.FindPdfAsync(run, CertificateWords.For(language).Language, cancellationToken);

    /// <summary>Public keys by id, in PEM form: all that have ever signed, and the one that signs now.</summary>
    public async Task<IReadOnlyDictionary<string, string>> PublicKeysAsync(CancellationToken cancellationToken) =>
        new Dictionary<string, string>(await store.KeysAsync(cancellationToken), StringComparer.Ordinal)
        {
            [keys.KeyId] = keys.PublicPem,
        };

    /// <summary>Removes a case's certificates at the end of their time; public keys stay.</summary>
    public Task RemoveAsync(string caseId, CancellationToken cancellationToken) =>
        store.RemoveAsync(caseId, cancellationToken);

    /// <summary>Id of the key that signs now.</summary>
    public string CurrentKeyId => keys.KeyId;
}
