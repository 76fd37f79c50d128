using Portability.DataMap;
using Portability.Sources;

namespace Portability.Erasure;

/// <summary>How a row that stays must not look once a run is over with it.</summary>
/// <param name="Condition">True of a live row (alias t) with a column that should be empty or overwritten.</param>
/// <param name="Texts">Parameters of the condition.</param>
internal sealed record RowFaults(string Condition, IReadOnlyList<(string Name, object? Value)> Texts)
{
    /// <summary>The faults of rows of a fate, or null where nothing of them changes.</summary>
    public static RowFaults? Of(RowShape shape, RowFate fate, SqlDialect dialect)
    {
        var faults = shape.Nulled(fate).Select(column => $"t.{dialect.Quote(column)} IS NOT NULL").ToList();
        var texts = new List<(string, object?)>();
        foreach (var (column, mask) in shape.Masks(fate))
        {
            var quoted = $"t.{dialect.Quote(column)}";
            if (mask is Mask.Hash)
            {
                faults.Add($"({quoted} IS NOT NULL AND {quoted} NOT LIKE 'erased-%')");
            }
            else if (mask is Mask.Fixed text)
            {
                faults.Add($"({quoted} IS NULL OR {quoted} <> @m{texts.Count})");
                texts.Add(($"@m{texts.Count}", text.Value));
            }
        }
        return faults.Count == 0 ? null : new(string.Join(" OR ", faults), texts);
    }
}
