using Portability.Sources;

namespace Portability.DataMap;

/// <summary>A data map laid over one live catalogue: for each table, which rows are a tenant's and when they may go.</summary>
public sealed record ScopePlan
{
    /// <summary>The SQL system planned.</summary>
    public required SqlSystem System { get; init; }

    /// <summary>The catalogue it was planned over, links declared by the map included.</summary>
    public required Catalogue Catalogue { get; init; }

    /// <summary>Every mapped table in erasure order: children before the parents they refer to. Reversed, it is the order of a load.</summary>
    public required IReadOnlyList<ScopedDataset> Datasets { get; init; }

    /// <summary>Nested documents with their relations resolved to foreign keys.</summary>
    public required IReadOnlyList<ScopedDocument> Documents { get; init; }

    /// <summary>Reports and certificates with their columns found.</summary>
    public IReadOnlyList<ScopedTemplate> Templates { get; init; } = [];

    /// <summary>The OneRoster exchange with its columns found; null when there is none of this system.</summary>
    public OneRoster.ScopedRoster? OneRoster { get; init; }

    /// <summary>What a person should know although it stops nothing (a nullable link, a trigger).</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The dataset of that name. Throws <see cref="KeyNotFoundException"/> for an unknown one.</summary>
    public ScopedDataset Dataset(string name) =>
        Datasets.FirstOrDefault(dataset => dataset.Name == name)
        ?? throw new KeyNotFoundException($"System '{System.Name}' has no dataset named '{name}'.");

    /// <summary>The dataset of a table, or null when the table is excluded.</summary>
    public ScopedDataset? OfTable(string table) =>
        Datasets.FirstOrDefault(dataset =>
            string.Equals(dataset.Table.Name, table, StringComparison.OrdinalIgnoreCase)
        );
}

/// <summary>One table with the scope of a tenant's rows.</summary>
public sealed record ScopedDataset
{
    /// <summary>The map's entry.</summary>
    public required TableDataset Map { get; init; }

    /// <summary>The dataset's name.</summary>
    public string Name => Map.Name;

    /// <summary>The live table, with links that the map declares among its foreign keys.</summary>
    public required TableInfo Table { get; init; }

    /// <summary>
    /// Condition over the alias <c>t</c> with the parameter <c>@tenant</c>, selecting exactly the tenant's rows:
    /// <c>SELECT … FROM "table" t WHERE {Where}</c>. For reference data it selects all rows (they are nobody's).
    /// </summary>
    public required string Where { get; init; }

    /// <summary>The scope in words, for a person: <c>answers.attempt_id -> attempts(id)</c>, <c>attempts.user_id -> users(id)</c> …</summary>
    public required IReadOnlyList<string> Path { get; init; }

    /// <summary>The foreign keys of this table that its scope follows; empty for the tenant table, reference data and rows shared through a link.</summary>
    public required IReadOnlyList<ForeignKey> ScopeLinks { get; init; }

    /// <summary>The same keys with the condition that each stands for; any of them makes a row the tenant's, and together they are <see cref="Where"/>.</summary>
    public required IReadOnlyList<ScopeWay> Ways { get; init; }

    /// <summary>Columns that identify a row: the primary key, or the unique columns that the map names.</summary>
    public required IReadOnlyList<string> Key { get; init; }

    /// <summary>Columns an export writes, in the table's order, excluded ones left out.</summary>
    public required IReadOnlyList<ColumnInfo> ExportColumns { get; init; }

    /// <summary>True when the table holds rows of its own for each tenant; false for reference data and shared rows.</summary>
    public bool IsOwned => Map.Erase is not (EraseRule.None or EraseRule.Unlink or EraseRule.UnlinkThrough);

    /// <summary>
    /// Foreign keys of this table that were set aside to break a cycle: before rows of the referenced table go, these columns are
    /// emptied in the rows that will go too. In a load they are filled last.
    /// </summary>
    public required IReadOnlyList<ForeignKey> Broken { get; init; }
}

/// <summary>A foreign key by which rows are a tenant's.</summary>
/// <param name="Link">The key.</param>
/// <param name="Where">Condition over the alias <c>t</c> with the parameter <c>@tenant</c>.</param>
/// <param name="EndsAtTenant">True when the key holds the tenant itself, so that no other table is looked at.</param>
public sealed record ScopeWay(ForeignKey Link, string Where, bool EndsAtTenant);

/// <summary>A document with its relations resolved.</summary>
public sealed record ScopedDocument(DocumentDataset Map, ScopedDataset Root, IReadOnlyList<ScopedRelation> Include);

/// <summary>A relation of a document, resolved to a foreign key.</summary>
/// <param name="As">The property it appears under.</param>
/// <param name="Dataset">The related rows; only those in scope belong in the document.</param>
/// <param name="Many">True: the related rows refer to the outer row (a list). False: the outer row refers to it (one object or null).</param>
/// <param name="OuterColumns">Columns of the outer row, pairwise with <paramref name="InnerColumns"/>.</param>
/// <param name="InnerColumns">Columns of the related row.</param>
/// <param name="Include">Relations inside of it.</param>
public sealed record ScopedRelation(
    string As,
    ScopedDataset Dataset,
    bool Many,
    IReadOnlyList<string> OuterColumns,
    IReadOnlyList<string> InnerColumns,
    IReadOnlyList<ScopedRelation> Include
);
