namespace Portability.DataMap;

/// <summary>
/// A report or certificate laid out on pages: one table over the rows of a dataset, or a page for each row with text, and
/// under it a table of related rows if the map names some.
/// </summary>
public sealed record TemplateDataset
{
    /// <summary>Unique over the whole map; names the file.</summary>
    public required string Name { get; init; }

    /// <summary>One of the map's categories.</summary>
    public required string Category { get; init; }

    /// <summary>pdf or docx, or both.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>Heading of the document, and header of each page.</summary>
    public required string Title { get; init; }

    /// <summary>The dataset whose rows it is about.</summary>
    public required string Root { get; init; }

    /// <summary>Rows that a root row refers to, by the names under which columns and placeholders find them.</summary>
    public required IReadOnlyList<IncludedRelation> Include { get; init; }

    /// <summary>Lines of the page of each root row; empty when the document is one table.</summary>
    public required IReadOnlyList<TemplateLine> Page { get; init; }

    /// <summary>Columns of the table.</summary>
    public required IReadOnlyList<TemplateColumn> Columns { get; init; }

    /// <summary>Whose rows the table under each page's text has; null for none.</summary>
    public IncludedRelation? Rows { get; init; }

    /// <summary>portrait or landscape; null: as the table's width asks for.</summary>
    public string? Paper { get; init; }

    /// <summary>Where the map says so.</summary>
    public required MapPlace Place { get; init; }
}

/// <summary>A column of a report's table.</summary>
/// <param name="Column">A column of the table's dataset, or of a row it refers to: <c>user.full_name</c>.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Place">Where the map says so.</param>
public sealed record TemplateColumn(string Column, string Title, MapPlace Place);

/// <summary>A line of a page.</summary>
/// <param name="Level">0 for text, 1 to 3 for headings.</param>
/// <param name="Parts">Fixed text and placeholders in turn.</param>
/// <param name="Place">Where the map says so.</param>
public sealed record TemplateLine(int Level, IReadOnlyList<TemplatePart> Parts, MapPlace Place);

/// <summary>A piece of a line.</summary>
/// <param name="Text">Fixed text, or the column that a placeholder names.</param>
/// <param name="IsColumn">True for a placeholder.</param>
public sealed record TemplatePart(string Text, bool IsColumn);
