namespace Portability.Documents;

/// <summary>
/// A paged document written from front to back: what was written is never looked at again, so memory does not grow with its
/// length. The same calls give the same bytes.
/// </summary>
internal interface IDocumentWriter : IDisposable
{
    /// <param name="text">The heading.</param>
    /// <param name="level">1 for the document's title, 2 and 3 below it.</param>
    void Heading(string text, int level);

    /// <summary>Text that wraps; line breaks in it are kept.</summary>
    void Paragraph(string text);

    /// <summary>What follows begins on a new page.</summary>
    void NewPage();

    /// <summary>Begins a table whose header row is repeated on every page.</summary>
    void BeginTable(IReadOnlyList<DocumentColumn> columns);

    /// <summary>One row, a text for each column; a row may be longer than a page.</summary>
    void Row(IReadOnlyList<string> cells);

    void EndTable();

    /// <summary>Writes what comes last. Nothing may follow.</summary>
    void End();
}

/// <summary>A table's column.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Share">Width, as a share of the sum of all shares.</param>
/// <param name="IsNumber">Numbers stand to the right.</param>
internal sealed record DocumentColumn(string Title, double Share, bool IsNumber);

/// <summary>What holds for a document as a whole.</summary>
internal sealed record DocumentFacts
{
    /// <summary>Shown on top of each page, and as the document's title by readers.</summary>
    public required string Title { get; init; }

    /// <summary>What stands on the right of each page's header: whose document, of which case.</summary>
    public string Reference { get; init; } = "";

    /// <summary>Language of the text (BCP 47), which programs that read aloud need.</summary>
    public required string Language { get; init; }

    /// <summary>The footer's words around the page's number and the number of pages, for example "Page {0} of {1}".</summary>
    public required string PageLabel { get; init; }

    /// <summary>The program that made it.</summary>
    public string Producer { get; init; } = "Portability";

    public PaperSize Paper { get; init; } = PaperSize.Portrait;

    /// <summary>Size of the body text in points.</summary>
    public double FontSize { get; init; } = 9;
}

/// <summary>A page's size in points (1/72 inch).</summary>
internal sealed record PaperSize(double Width, double Height)
{
    /// <summary>A4 upright.</summary>
    public static readonly PaperSize Portrait = new(595.28, 841.89);

    /// <summary>A4 lying.</summary>
    public static readonly PaperSize Landscape = new(841.89, 595.28);

    /// <summary>A3 lying, for tables of many columns.</summary>
    public static readonly PaperSize Wide = new(1190.55, 841.89);
}
