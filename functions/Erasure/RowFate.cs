namespace Portability.Erasure;

/// <summary>What happens to one row of the customer in one run. The numbers are stored: never change them.</summary>
internal enum RowFate : byte
{
    /// <summary>Goes.</summary>
    Delete = 0,

    /// <summary>Kept by law until its release.</summary>
    Retain = 1,

    /// <summary>Left alone because of a legal hold.</summary>
    Hold = 2,

    /// <summary>Would go, but a row that stays refers to it: reduced to keys and required columns.</summary>
    KeepParent = 3,

    /// <summary>Stays with columns overwritten.</summary>
    Anonymise = 4,

    /// <summary>Shared with other tenants; its reference to this one is emptied.</summary>
    Unlink = 5,

    /// <summary>The closed account's row: reduced to keys, required and named columns.</summary>
    Tombstone = 6,

    /// <summary>Shared with other tenants through a link table, whose rows go; this one is not touched.</summary>
    Shared = 7,
}

/// <summary>One sealed row or blob.</summary>
/// <param name="Fate">What happens to it.</param>
/// <param name="Release">Unix seconds from which a retained row may go; 0 for all others.</param>
/// <param name="Values">Key values, then the values of the scope columns that bear witness that it is still the same row.</param>
internal readonly record struct SealedRow(RowFate Fate, long Release, object?[] Values)
{
    /// <summary>True when a run changes rows of this fate.</summary>
    public static bool Changes(RowFate fate) => fate is not (RowFate.Retain or RowFate.Hold or RowFate.Shared);
}
