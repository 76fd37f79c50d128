namespace Portability.Exports.Formats;

/// <summary>A way to write rows as a file. To add one: a content class and a line in <see cref="RowFormats"/>.</summary>
/// <param name="Name">As the data map, orders and manifests call it; also the file's extension and a table's folder.</param>
/// <param name="ContentType">What the store says of such a file.</param>
internal sealed record RowFormat(string Name, string ContentType)
{
    /// <summary>Makes the content of a table's file; null when the format has none for tables.</summary>
    public Func<ContentInput, IFileContent>? Table { get; init; }

    /// <summary>Makes the content of a nested document's file; null when the format cannot nest.</summary>
    public Func<ContentInput, IFileContent>? Document { get; init; }

    /// <summary>Makes the content of a report's or certificate's file; null when the format has no pages.</summary>
    public Func<ContentInput, IFileContent>? Template { get; init; }

    /// <summary>The format of a file that describes one of this format, <c>schemas/NAME.EXTENSION</c>; null for none.</summary>
    public RowFormat? Schema { get; init; }

    /// <summary>How values are written, for the manifest of an export that has such files.</summary>
    public string? Note { get; init; }
}
