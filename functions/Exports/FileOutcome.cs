using System.Text.Json.Serialization;

namespace Portability.Exports;

/// <summary>What one call of <see cref="Exporter.WriteFileAsync"/> achieved.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "outcome")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(More), "more")]
public abstract record FileOutcome
{
    private FileOutcome() { }

    /// <summary>The file stands in the store, finished, now or from an earlier attempt.</summary>
    public sealed record Done(WrittenFile File) : FileOutcome;

    /// <summary>Time ran out: call again with this cursor.</summary>
    public sealed record More(string Cursor) : FileOutcome;
}

/// <summary>A finished file: what the store's metadata says of it.</summary>
/// <param name="Path">Path inside the export.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Rows">Rows (root rows for documents, all tables' rows for a dump, 1 for media).</param>
/// <param name="Snapshot">When the snapshot was opened that the rows were read from.</param>
public sealed record WrittenFile(string Path, long Size, string Sha256, long Rows, DateTimeOffset Snapshot);

/// <summary>State of one file, as the case's page shows it.</summary>
public sealed record FileProgress
{
    public required int Index { get; init; }

    public required string Dataset { get; init; }

    public required string Path { get; init; }

    /// <summary>The files of one format together hold a dataset's rows; those of another repeat them.</summary>
    public required string Format { get; init; }

    public required FileState State { get; init; }

    public long Rows { get; init; }

    public long Bytes { get; init; }

    /// <summary>Why the last attempt failed; null unless <see cref="State"/> is <see cref="FileState.Failed"/>.</summary>
    public string? Error { get; init; }

    public DateTimeOffset? UpdatedAt { get; init; }
}

/// <summary>Where a file is: not begun, being written, finished, or its last attempt failed.</summary>
public enum FileState
{
    Waiting,
    Writing,
    Done,
    Failed,
}

/// <summary>A completed export in numbers.</summary>
/// <param name="ManifestSha256">What the customer's confirmation names.</param>
/// <param name="Files">Data files, the manifest and its companions not counted.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="Rows">Rows of all tables, each counted once.</param>
/// <param name="Datasets">The same for each dataset.</param>
public sealed record ExportSummary(
    string ManifestSha256,
    int Files,
    long Bytes,
    long Rows,
    IReadOnlyList<DatasetSummary> Datasets
);

/// <summary>One dataset of a completed export. Rows are counted once, however many formats repeat them.</summary>
public sealed record DatasetSummary(string Name, string Category, int Files, long Bytes, long Rows);
