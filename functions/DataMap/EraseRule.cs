namespace Portability.DataMap;

/// <summary>What erasure does with a dataset's rows or blobs; a closed union.</summary>
public abstract record EraseRule
{
    private EraseRule() { }

    /// <summary>Gone.</summary>
    public sealed record Delete : EraseRule;

    /// <summary>Kept until the class's period has run out, counted from the anchor column where the class needs one; then gone.</summary>
    /// <param name="Class">Name of a retention class.</param>
    /// <param name="Anchor">The date column, or null when the class counts from the effective end.</param>
    public sealed record Retain(string Class, string? Anchor) : EraseRule;

    /// <summary>The row stays, with foreign keys intact, and the named columns are overwritten.</summary>
    public sealed record Anonymise(IReadOnlyDictionary<string, Mask> Columns) : EraseRule;

    /// <summary>Rows shared with other tenants: these nullable reference columns are emptied, the row stays.</summary>
    public sealed record Unlink(IReadOnlyList<string> Columns) : EraseRule;

    /// <summary>Rows shared with other tenants through a link table: the link's rows go by the link table's own rule, these stay untouched.</summary>
    /// <param name="LinkTable">The many-to-many table.</param>
    public sealed record UnlinkThrough(string LinkTable) : EraseRule;

    /// <summary>The closed account's tombstone: reduced to keys, required columns and the named ones, and kept.</summary>
    public sealed record Tombstone(IReadOnlyList<string> Keep) : EraseRule;

    /// <summary>Reference data that belongs to no customer: exported where asked for, never touched.</summary>
    public sealed record None(string Reason) : EraseRule;
}

/// <summary>What a column's value becomes; a closed union.</summary>
public abstract record Mask
{
    private Mask() { }

    /// <summary>NULL; the column must be nullable.</summary>
    public sealed record Null : Mask;

    /// <summary><c>erased-</c> and a keyed hash of 32 hex digits: equal values stay equal within a run, nobody can turn it back.</summary>
    public sealed record Hash : Mask;

    /// <summary>A fixed text.</summary>
    public sealed record Fixed(string Value) : Mask;
}
