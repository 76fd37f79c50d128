namespace Portability.Exports;

/// <summary>
/// The files an export consists of, in order. Made once and stored as <c>plan.json</c>: the stored plan wins over one made
/// later, so that every attempt and every process agrees on what file number 17 is.
/// </summary>
public sealed record ExportPlan
{
    public required ExportOrder Order { get; init; }

    /// <summary>SHA-256 (hex) of the data map the plan was made from.</summary>
    public required string MapHash { get; init; }

    public required IReadOnlyList<PlannedDataset> Datasets { get; init; }

    /// <summary>All files; a file's position is its <see cref="PlannedFile.Index"/>.</summary>
    internal IEnumerable<PlannedFile> Files => Datasets.SelectMany(dataset => dataset.Files);

    /// <summary>The one ZIP of all files, which is written after them and is not one of them; null when it was not asked for.</summary>
    internal PlannedFile? Bundle =>
        Order.WantsBundle
            ? new PlannedFile(Files.Count(), ExportFormats.Zip, ExportPaths.Bundle, ExportFormats.Zip) { System = "" }
            : null;
}

/// <summary>One dataset of the data map (or the database as a whole) and the files it becomes.</summary>
public sealed record PlannedDataset(string Name, string Category, IReadOnlyList<PlannedFile> Files)
{
    /// <summary>Columns as they were when the plan was made; empty for media, documents and whole databases.</summary>
    public IReadOnlyList<PlannedColumn> Columns { get; init; } = [];
}

/// <summary>A column as the manifest describes it: name, type as declared, and what its values mean.</summary>
public sealed record PlannedColumn(string Name, string Type, string Kind);

/// <summary>One file of an export.</summary>
public sealed record PlannedFile(int Index, string Dataset, string Path, string Format)
{
    /// <summary>The system of the data map the bytes come from.</summary>
    public required string System { get; init; }

    /// <summary>Table, document or blob name in that system; null for a whole database.</summary>
    public string? Source { get; init; }

    /// <summary>The key range of a part; null when the file holds the whole table.</summary>
    public KeyRange? Range { get; init; }

    /// <summary>The name under which a media file was uploaded; null for other files.</summary>
    public string? OriginalName { get; init; }

    /// <summary>Rows or bytes expected when the plan was made, for progress and batching only; null when not known.</summary>
    public long? Expected { get; init; }
}

/// <summary>
/// Rows whose primary key is after <see cref="After"/> (null: from the first) and up to and including
/// <see cref="UpTo"/> (null: to the last). Keys are written as SQL sees them, one value a key column.
/// </summary>
public sealed record KeyRange(int Part, int Parts, IReadOnlyList<KeyValue>? After, IReadOnlyList<KeyValue>? UpTo);

/// <summary>A key column's value as kept in a plan: an integer or a text, never both.</summary>
public sealed record KeyValue(long? Number, string? Text);
