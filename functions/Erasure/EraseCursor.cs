using System.Globalization;

namespace Portability.Erasure;

/// <summary>
/// Where an erasure call continues: which reference is being set aside (or, past the last, the rows themselves), the batch, its offset in
/// the sealed file, and the counts so far. A call repeated with the same cursor gives the same counts.
/// </summary>
internal sealed record EraseCursor(int Phase, long Batch, long Offset, BatchCounts Counts)
{
    public static EraseCursor Parse(string? text)
    {
        if (text is null)
        {
            return new(0, 0, 0, BatchCounts.None);
        }
        var parts = text.Split(':');
        if (parts.Length != 8)
        {
            throw new FormatException($"'{text}' is no cursor of an erasure.");
        }
        var numbers = parts.Select(part => long.Parse(part, CultureInfo.InvariantCulture)).ToList();
        return new(
            (int)numbers[0],
            numbers[1],
            numbers[2],
            new(numbers[3], numbers[4], numbers[5], numbers[6], numbers[7])
        );
    }

    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Phase}:{Batch}:{Offset}:{Counts.Deleted}:{Counts.Anonymised}:{Counts.Unlinked}:{Counts.Reduced}:{Counts.Remaining}"
        );

    /// <summary>The next phase, from its first batch on.</summary>
    public EraseCursor NextPhase() => new(Phase + 1, 0, 0, Counts);
}
