using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Portability.DataMap;
using Portability.Exports.Drill;
using Portability.Exports.Formats;
using Portability.Exports.Formats.Roster;
using Portability.Storage;

namespace Portability.Exports;

/// <summary>
/// Closes an export: looks that every planned file stands, then writes README, manifest and checksums. Each of these is
/// stored once; a repeated call builds on what is stored, so the manifest's hash never changes.
/// </summary>
internal sealed class ExportCompletion(ExportStore store, TenantDataMap map, RestoreDrill drill, TimeProvider clock)
{
    private const int LooksAtOnce = 8;

    private static readonly string Software =
        "Portability "
        + typeof(ExportCompletion)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0];

    public async Task<ExportSummary> CompleteAsync(ExportPlan plan, CancellationToken cancellationToken)
    {
        var papers = await PrepareAsync(plan, cancellationToken);
        await StoreAsync(plan.Order.Reference, ExportPaths.Checksums, "text", papers.Checksums, cancellationToken);
        return Summarise(ExportManifest.Parse(papers.Manifest), Hash(papers.Manifest));
    }

    /// <summary>Writes README and manifest, and makes the checksums, which are stored last. Throws <see cref="ExportFileMissingException"/>.</summary>
    public async Task<ExportPapers> PrepareAsync(ExportPlan plan, CancellationToken cancellationToken)
    {
        var export = plan.Order.Reference;
        var drills = await drill.FindAsync(export, cancellationToken) ?? [];
        var files = await FindFilesAsync(plan, cancellationToken);
        var datasets = plan.Datasets.Select(dataset => Describe(dataset, files)).ToList();
        var readme = await StoreAsync(
            export,
            ExportPaths.Readme,
            "text",
            Encoding.UTF8.GetBytes(ExportReadme.Write(plan.Order, datasets, map.Categories)),
            cancellationToken
        );
        var manifest = await StoreAsync(
            export,
            ExportPaths.Manifest,
            ExportFormats.Json,
            Manifest(plan, datasets, readme, drills).ToBytes(),
            cancellationToken
        );
        return new(readme, manifest, Checksums(ExportManifest.Parse(manifest), Hash(manifest)));
    }

    private async Task<Dictionary<int, ExportFileFacts>> FindFilesAsync(
        ExportPlan plan,
        CancellationToken cancellationToken
    )
    {
        var found = new Dictionary<int, ExportFileFacts>();
        await Parallel.ForEachAsync(
            plan.Files,
            new ParallelOptions { MaxDegreeOfParallelism = LooksAtOnce, CancellationToken = cancellationToken },
            async (file, token) =>
            {
                var facts = await FindAsync(plan.Order.Reference, file, token);
                lock (found)
                {
                    found[file.Index] = facts;
                }
            }
        );
        return found;
    }

    private async Task<ExportFileFacts> FindAsync(
        ExportRef export,
        PlannedFile file,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await store.FindAsync(ExportPaths.Blob(export, file.Path), cancellationToken)
                ?? throw new ExportFileMissingException(export, file.Path, "it was never finished");
        }
        catch (InvalidDataException changed)
        {
            throw new ExportFileMissingException(export, file.Path, changed.Message);
        }
    }

    private static ManifestDataset Describe(PlannedDataset dataset, Dictionary<int, ExportFileFacts> facts)
    {
        var files = dataset
            .Files.Select(file =>
            {
                var fact = facts[file.Index];
                return new ManifestFile(file.Path, file.Format, fact.Size, fact.Sha256, fact.Rows, fact.Snapshot)
                {
                    SharedSnapshot = fact.SnapshotName,
                    Part = file.Range?.Part,
                    Parts = file.Range?.Parts,
                    System = file.System,
                    Source = file.Source,
                    OriginalName = file.OriginalName,
                };
            })
            .ToList();
        var oneFormat = files.GroupBy(file => file.Format).FirstOrDefault()?.Sum(file => file.Rows) ?? 0;
        return new ManifestDataset(dataset.Name, dataset.Category, oneFormat, dataset.Columns, files);
    }

    private ExportManifest Manifest(
        ExportPlan plan,
        List<ManifestDataset> datasets,
        byte[] readme,
        IReadOnlyList<RestoreDrillResult> drills
    )
    {
        var now = clock.GetUtcNow();
        return new ExportManifest
        {
            Format = ExportManifest.CurrentFormat,
            Case = plan.Order.CaseId,
            Export = plan.Order.Number,
            Customer = plan.Order.CustomerId,
            RequestedAt = plan.Order.RequestedAt,
            CompletedAt = now,
            Categories = plan.Order.Categories,
            Software = Software,
            DataMapSha256 = plan.MapHash,
            Notes =
            [
                .. Notes(plan),
                "Snapshots: each file is read in one transaction, at the time given with it, so it is consistent in itself. "
                    + "Files with the same sharedSnapshot show the same moment of their database, and agree with each other.",
            ],
            Consistency = Consistency(datasets),
            Datasets = datasets,
            RestoreDrills = drills,
            Companions = [new ManifestFile(ExportPaths.Readme, "text", readme.Length, Hash(readme), 0, now)],
        };
    }

    /// <summary>What held for the files of each database, told from the snapshots that they were really read from.</summary>
    private List<ManifestConsistency> Consistency(List<ManifestDataset> datasets) =>
        [
            .. datasets
                .SelectMany(dataset => dataset.Files)
                .Where(file => file.System is { } system && map.System(system) is SqlSystem)
                .GroupBy(file => file.System!, StringComparer.Ordinal)
                .Select(files => new ManifestConsistency(
                    files.Key,
                    files.All(file => file.SharedSnapshot is not null)
                    && files.Select(file => file.SharedSnapshot).Distinct(StringComparer.Ordinal).Count() == 1
                        ? ManifestConsistency.OneSnapshot
                        : ManifestConsistency.EachFile
                )),
        ];

    private IEnumerable<string> Notes(ExportPlan plan)
    {
        var formats = plan.Files.Select(file => file.Format).ToHashSet(StringComparer.Ordinal);
        var notes = RowFormats.All.Where(format => formats.Contains(format.Name)).Select(format => format.Note);
        var dumps = plan
            .Files.Where(file => file.Format == ExportFormats.Sql)
            .Select(file => DumpDialect.Of(((SqlSystem)map.System(file.System)).Provider).LoadNote);
        if (formats.Contains(ExportFormats.OneRoster))
        {
            notes = notes.Append(RosterContent.Note);
        }

        return notes.OfType<string>().Concat(dumps.Distinct(StringComparer.Ordinal));
    }

    /// <summary>Two spaces, as <c>sha256sum</c> writes for files read as bytes; no name here needs its escapes.</summary>
    private static byte[] Checksums(ExportManifest manifest, string manifestHash)
    {
        var text = new StringBuilder();
        foreach (var file in manifest.Files)
        {
            text.Append(CultureInfo.InvariantCulture, $"{file.Sha256}  {file.Path}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"{manifestHash}  {ExportPaths.Manifest}\n");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static ExportSummary Summarise(ExportManifest manifest, string manifestHash)
    {
        var datasets = manifest
            .Datasets.Select(dataset => new DatasetSummary(
                dataset.Name,
                dataset.Category,
                dataset.Files.Count,
                dataset.Files.Sum(file => file.Size),
                dataset.Rows
            ))
            .ToList();
        return new ExportSummary(
            manifestHash,
            datasets.Sum(dataset => dataset.Files),
            datasets.Sum(dataset => dataset.Bytes),
            // Documents and the dump repeat the rows of tables: only these have columns of their own.
            manifest.Datasets.Where(dataset => dataset.Columns.Count > 0).Sum(dataset => dataset.Rows),
            datasets
        );
    }

    private Task<byte[]> StoreAsync(
        ExportRef export,
        string path,
        string format,
        byte[] content,
        CancellationToken cancellationToken
    ) =>
        store.StoreOnceAsync(
            ExportPaths.Blob(export, path),
            ExportPaths.ContentType(format),
            content,
            clock.GetUtcNow(),
            cancellationToken
        );

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}

/// <summary>What an export has beside its data, as bytes.</summary>
internal sealed record ExportPapers(byte[] Readme, byte[] Manifest, byte[] Checksums);
