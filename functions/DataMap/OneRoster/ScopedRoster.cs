namespace Portability.DataMap.OneRoster;

/// <summary>A OneRoster mapping with its columns found in the live catalogue.</summary>
public sealed record ScopedRoster(RosterMap Map, IReadOnlyList<ScopedRosterSource> Sources);

/// <summary>A source with its columns found.</summary>
/// <param name="Map">The map's entry.</param>
/// <param name="Rows">What its values are made of; null for a row of fixed values.</param>
/// <param name="When">Rows without this value are left out; null: all are written.</param>
/// <param name="Id">What a row is known by.</param>
/// <param name="Columns">The other columns of the file in their order; null where nothing stands.</param>
public sealed record ScopedRosterSource(
    RosterSource Map,
    JoinedColumns? Rows,
    RosterTerm? When,
    RosterTerm Id,
    IReadOnlyList<RosterTerm?> Columns
);

/// <summary>A value as it is worked out for a row; a closed union.</summary>
public abstract record RosterTerm
{
    private RosterTerm() { }

    /// <summary>Fixed texts and columns, one after the other; nothing when a column is null.</summary>
    /// <param name="Parts">A text, or the position of a column; neither for the day of the request.</param>
    /// <param name="Escape">How values are written into an id; null when it is none.</param>
    public sealed record Text(IReadOnlyList<(string? Fixed, int? Column)> Parts, RosterEscape? Escape) : RosterTerm;

    /// <summary>The first that has a value.</summary>
    public sealed record First(IReadOnlyList<RosterTerm> Terms) : RosterTerm;

    /// <summary>Other words for values.</summary>
    public sealed record Translated(RosterTerm From, RosterValue.Translated Words) : RosterTerm;

    /// <summary>A value only where another one is: references lead to rows that are written.</summary>
    public sealed record Guarded(RosterTerm When, RosterTerm Value) : RosterTerm;
}

/// <summary>How values are written into an id, so that different rows have different ids of allowed characters.</summary>
public enum RosterEscape
{
    /// <summary>The only value of the id: letters, digits and <c>. - / @</c> stay.</summary>
    Alone,

    /// <summary>One of several: only letters and digits stay, so that what separates them cannot be in them.</summary>
    Several,
}
