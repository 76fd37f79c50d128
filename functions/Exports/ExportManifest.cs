using System.Text.Json;
using System.Text.Json.Serialization;

namespace Portability.Exports;

/// <summary>What a finished export consists of: <c>manifest.json</c>, which the customer's confirmation names by its SHA-256.</summary>
public sealed record ExportManifest
{
    public const string CurrentFormat = "portability-export/1";

    public required string Format { get; init; }

    public required string Case { get; init; }

    public required int Export { get; init; }

    public required string Customer { get; init; }

    public required DateTimeOffset RequestedAt { get; init; }

    public required DateTimeOffset CompletedAt { get; init; }

    /// <summary>Categories asked for; empty for all.</summary>
    public required IReadOnlyList<string> Categories { get; init; }

    /// <summary>Name and version of the software that wrote the files.</summary>
    public required string Software { get; init; }

    /// <summary>SHA-256 of the data map that says what belongs to the customer.</summary>
    public required string DataMapSha256 { get; init; }

    /// <summary>How values are written, and what a snapshot guarantees.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public required IReadOnlyList<ManifestDataset> Datasets { get; init; }

    /// <summary>Whether the files of a database show one moment of it.</summary>
    public IReadOnlyList<ManifestConsistency> Consistency { get; init; } = [];

    /// <summary>SQL dumps that were loaded into an empty database, their references checked and their rows counted, before the export was ready.</summary>
    public IReadOnlyList<Drill.RestoreDrillResult> RestoreDrills { get; init; } = [];

    /// <summary>Files beside the data: the README.</summary>
    public required IReadOnlyList<ManifestFile> Companions { get; init; }

    /// <summary>All files that the manifest names.</summary>
    internal IEnumerable<ManifestFile> Files => Datasets.SelectMany(dataset => dataset.Files).Concat(Companions);

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        NewLine = "\n",
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    internal byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, Options);

    internal static ExportManifest Parse(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize<ExportManifest>(bytes, Options)
        ?? throw new InvalidDataException("The manifest is empty.");
}

/// <summary>One dataset of the data map, a document, or a whole database.</summary>
/// <param name="Rows">Rows of one format's files; each format repeats the same rows.</param>
public sealed record ManifestDataset(
    string Name,
    string Category,
    long Rows,
    IReadOnlyList<PlannedColumn> Columns,
    IReadOnlyList<ManifestFile> Files
);

/// <summary>One file with what a reader needs to check it.</summary>
public sealed record ManifestFile(
    string Path,
    string Format,
    long Size,
    string Sha256,
    long Rows,
    DateTimeOffset Snapshot
)
{
    /// <summary>The same for all files that show the same moment of their database; null when the snapshot was the file's alone.</summary>
    public string? SharedSnapshot { get; init; }

    /// <summary>Which part of how many, when a table is split.</summary>
    public int? Part { get; init; }

    public int? Parts { get; init; }

    /// <summary>The system the content was read from.</summary>
    public string? System { get; init; }

    /// <summary>The table, document or stored file it was read from.</summary>
    public string? Source { get; init; }

    /// <summary>The name under which a media file was uploaded.</summary>
    public string? OriginalName { get; init; }
}

/// <summary>Which guarantee held for the files of one database.</summary>
/// <param name="Guarantee"><see cref="OneSnapshot"/> or <see cref="EachFile"/>.</param>
public sealed record ManifestConsistency(string System, string Guarantee)
{
    /// <summary>All files show the same moment.</summary>
    public const string OneSnapshot = "one-snapshot";

    /// <summary>Each file shows a moment, and some show another than others.</summary>
    public const string EachFile = "each-file";
}
