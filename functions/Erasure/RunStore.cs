using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;

namespace Portability.Erasure;

/// <summary>
/// Blobs of erasure runs. Container <c>erasure-runs</c>: <c>{case}/{run}/plan.json</c>, <c>verification.json</c>, and a folder for each
/// attempt to seal with the key and one file a dataset.
/// </summary>
internal sealed class RunStore(BlobServiceClient storage, RunKeys keys)
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    private readonly BlobContainerClient runs = storage.GetBlobContainerClient("erasure-runs");

    public async Task<ErasurePlan?> FindPlanAsync(ErasureRef run, CancellationToken cancellationToken) =>
        await ReadAsync(runs, $"{Folder(run)}/plan.json", cancellationToken) is { } stored
            ? JsonSerializer.Deserialize<ErasurePlan>(stored, Json)
            : null;

    public async Task<ErasurePlan> PlanAsync(ErasureRef run, CancellationToken cancellationToken) =>
        await FindPlanAsync(run, cancellationToken)
        ?? throw new InvalidOperationException($"Run {run.Run} of case {run.CaseId} has no plan: seal it first.");

    /// <summary>The plan of the nearest earlier run of the case, or null.</summary>
    public async Task<ErasurePlan?> FindPreviousAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        for (var number = run.Run - 1; number > 0; number--)
        {
            if (await FindPlanAsync(run with { Run = number }, cancellationToken) is { } plan)
            {
                return plan;
            }
        }
        return null;
    }

    /// <summary>Stores the plan unless one is there; whichever is stored is given back, and an attempt that lost is removed.</summary>
    public async Task<ErasurePlan> KeepPlanAsync(ErasurePlan plan, CancellationToken cancellationToken)
    {
        var run = plan.Order.Ref;
        await KeepFirstAsync(
            runs,
            $"{Folder(run)}/plan.json",
            JsonSerializer.SerializeToUtf8Bytes(plan, Json),
            cancellationToken
        );
        var kept = await PlanAsync(run, cancellationToken);
        if (kept.Seal != plan.Seal)
        {
            await DeleteAllAsync($"{Folder(run)}/{plan.Seal}/", cancellationToken);
        }
        return kept;
    }

    /// <summary>What somebody was last shown of a case's erasure, or null; goes with the case's runs.</summary>
    public Task<PreviewedKind?> FindPreviewedAsync(string caseId, CancellationToken cancellationToken) =>
        FindAsync<PreviewedKind>($"{caseId}/previewed.json", cancellationToken);

    public async Task KeepPreviewedAsync(string caseId, PreviewedKind shown, CancellationToken cancellationToken)
    {
        await runs.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        await runs.GetBlobClient($"{caseId}/previewed.json")
            .UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(shown, Json)),
                overwrite: true,
                cancellationToken
            );
    }

    public Task<VerificationReport?> FindReportAsync(ErasureRef run, CancellationToken cancellationToken) =>
        FindAsync<VerificationReport>($"{Folder(run)}/verification.json", cancellationToken);

    public async Task KeepReportAsync(VerificationReport report, CancellationToken cancellationToken) =>
        await runs.GetBlobClient($"{Folder(report.Run)}/verification.json")
            .UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(report, Json)),
                overwrite: true,
                cancellationToken
            );

    /// <summary>What earlier calls have recounted and searched of a run that has no report yet.</summary>
    public async Task<Verifying> FindVerifyingAsync(ErasureRef run, CancellationToken cancellationToken) =>
        await FindAsync<Verifying>($"{Folder(run)}/verifying.json", cancellationToken) ?? new();

    public async Task KeepVerifyingAsync(ErasureRef run, Verifying state, CancellationToken cancellationToken) =>
        await runs.GetBlobClient($"{Folder(run)}/verifying.json")
            .UploadAsync(
                BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(state, Json)),
                overwrite: true,
                cancellationToken
            );

    /// <summary>Name of the key under which probes are sealed; goes as soon as nothing has to be looked for any more.</summary>
    public const string ProbeKey = "probe-key";

    /// <summary>A fresh key for one attempt to seal.</summary>
    public async Task<byte[]> CreateKeyAsync(
        ErasureRef run,
        string seal,
        CancellationToken cancellationToken,
        string name = "key"
    )
    {
        await runs.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        var key = RandomNumberGenerator.GetBytes(32);
        var path = $"{Folder(run)}/{seal}/{name}";
        await runs.GetBlobClient(path)
            .UploadAsync(BinaryData.FromBytes(keys.Wrap(key, path)), overwrite: true, cancellationToken);
        return key;
    }

    public Task<byte[]> KeyAsync(ErasurePlan plan, CancellationToken cancellationToken) =>
        KeyAsync(plan.Order.Ref, plan.Seal, cancellationToken);

    public async Task<byte[]> KeyAsync(ErasureRef run, string seal, CancellationToken cancellationToken) =>
        await FindKeyAsync(run, seal, "key", cancellationToken)
        ?? throw new InvalidOperationException(
            $"The key of run {run.Run} of case {run.CaseId} is gone: its sealed keys cannot be read."
        );

    /// <summary>A key of the run, or null when it is gone.</summary>
    public async Task<byte[]?> FindKeyAsync(
        ErasureRef run,
        string seal,
        string name,
        CancellationToken cancellationToken
    )
    {
        var path = $"{Folder(run)}/{seal}/{name}";
        return await ReadAsync(runs, path, cancellationToken) is { } wrapped ? keys.Unwrap(wrapped, path) : null;
    }

    /// <summary>Destroys the probes of a run: first their key, without which the rest says nothing.</summary>
    public async Task ForgetProbesAsync(ErasureRef run, string seal, CancellationToken cancellationToken)
    {
        await runs.GetBlobClient($"{Folder(run)}/{seal}/{ProbeKey}")
            .DeleteIfExistsAsync(cancellationToken: cancellationToken);
        await DeleteAllAsync(SealedFiles.PathOf(run, seal, "~"), cancellationToken);
    }

    /// <summary>What earlier calls have sealed of a run that has no plan yet, or null.</summary>
    public async Task<Sealing?> FindSealingAsync(ErasureRef run, CancellationToken cancellationToken)
    {
        try
        {
            var found = await runs.GetBlobClient($"{Folder(run)}/sealing.json").DownloadContentAsync(cancellationToken);
            var sealing = JsonSerializer.Deserialize<Sealing>(found.Value.Content, Json)!;
            return sealing with { Tag = found.Value.Details.ETag.ToString() };
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Keeps what a call has sealed, unless another call was faster: then that one's stands.</summary>
    public async Task KeepSealingAsync(ErasureRef run, Sealing sealing, CancellationToken cancellationToken)
    {
        var conditions = sealing.Tag is { } tag
            ? new BlobRequestConditions { IfMatch = new ETag(tag) }
            : new BlobRequestConditions { IfNoneMatch = ETag.All };
        try
        {
            await runs.GetBlobClient($"{Folder(run)}/sealing.json")
                .UploadAsync(
                    BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(sealing with { Tag = null }, Json)),
                    new BlobUploadOptions { Conditions = conditions },
                    cancellationToken
                );
        }
        catch (RequestFailedException taken) when (taken.Status is 409 or 412)
        {
            if (sealing.Tag is null)
            {
                await DeleteAllAsync($"{Folder(run)}/{sealing.Seal}/", cancellationToken);
            }
        }
    }

    /// <summary>The sealed files.</summary>
    public SealedFiles Files => new(runs);

    /// <summary>Reads chunks of a planned run from a place on.</summary>
    public IAsyncEnumerable<SealedBatch> ReadAsync(
        ErasurePlan plan,
        byte[] key,
        string dataset,
        long chunk,
        long offset,
        CancellationToken cancellationToken
    ) =>
        Files.ReadAsync(
            new(plan.Order.Ref, plan.Seal, key, dataset, plan.Files.GetValueOrDefault(dataset, [])),
            chunk,
            offset,
            cancellationToken
        );

    /// <summary>Removes plans, keys and sealed files of all runs of a case; certificates stay.</summary>
    public Task ForgetAsync(string caseId, CancellationToken cancellationToken) =>
        DeleteAllAsync($"{caseId}/", cancellationToken);

    private static string Folder(ErasureRef run) => SealedFiles.Folder(run);

    private async Task<T?> FindAsync<T>(string path, CancellationToken cancellationToken)
        where T : class =>
        await ReadAsync(runs, path, cancellationToken) is { } stored
            ? JsonSerializer.Deserialize<T>(stored, Json)
            : null;

    private static async Task<byte[]?> ReadAsync(
        BlobContainerClient container,
        string path,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var download = await container.GetBlobClient(path).DownloadContentAsync(cancellationToken);
            return download.Value.Content.ToArray();
        }
        catch (RequestFailedException missing) when (missing.Status == 404)
        {
            return null;
        }
    }

    private static async Task<byte[]> KeepFirstAsync(
        BlobContainerClient container,
        string path,
        byte[] content,
        CancellationToken cancellationToken
    )
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken);
        try
        {
            await container
                .GetBlobClient(path)
                .UploadAsync(
                    BinaryData.FromBytes(content),
                    new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } },
                    cancellationToken
                );
            return content;
        }
        catch (RequestFailedException taken) when (taken.Status is 409 or 412)
        {
            return (await ReadAsync(container, path, cancellationToken))!;
        }
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancellationToken)
    {
        if (!await runs.ExistsAsync(cancellationToken))
        {
            // Nothing was ever erased here.
            return;
        }
        await foreach (var blob in runs.GetBlobsAsync(prefix: prefix, cancellationToken: cancellationToken))
        {
            await runs.GetBlobClient(blob.Name)
                .DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, null, cancellationToken);
        }
    }
}
