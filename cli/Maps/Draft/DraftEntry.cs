namespace Portability.Cli.Maps.Draft;

/// <summary>What a draft says of one table.</summary>
/// <param name="Table">As the database spells it.</param>
/// <param name="Doubts">Why it is left to a person; empty when the draft is sure.</param>
/// <param name="Alternatives">The lines to choose from; one when the draft is sure.</param>
/// <param name="Secrets">Columns that look like secrets: <c>map check</c> refuses the table until each is decided.</param>
internal sealed record DraftEntry(
    string Table,
    IReadOnlyList<string> Doubts,
    IReadOnlyList<string> Alternatives,
    IReadOnlyList<string> Secrets
)
{
    public bool IsSure => Doubts.Count == 0;
}
