namespace Portability.Sources;

/// <summary>What a SQL database says of itself, read live: tables, columns, keys. Identifiers used in SQL come from here only.</summary>
/// <param name="System">The data map's name of the system.</param>
/// <param name="Tables">Ordered by name; the engine's own tables are left out.</param>
public sealed record Catalogue(string System, IReadOnlyList<TableInfo> Tables)
{
    /// <summary>The table of that name (case-insensitive, as SQL is), or null.</summary>
    public TableInfo? Find(string table) =>
        Tables.FirstOrDefault(candidate => string.Equals(candidate.Name, table, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One table or view of a live catalogue.</summary>
/// <param name="Name">As the database spells it.</param>
/// <param name="Columns">In the order of their declaration, hidden ones left out.</param>
/// <param name="PrimaryKey">Column names in key order; empty when the table has none.</param>
/// <param name="ForeignKeys">Outgoing references, as the database declares them.</param>
/// <param name="IsView">True for views, which hold no rows of their own.</param>
/// <param name="Definition">The DDL that made it, in the source's dialect.</param>
public sealed record TableInfo(
    string Name,
    IReadOnlyList<ColumnInfo> Columns,
    IReadOnlyList<string> PrimaryKey,
    IReadOnlyList<ForeignKey> ForeignKeys,
    bool IsView,
    string Definition
)
{
    /// <summary>Column sets that a unique index or constraint keeps unique, the primary key among them.</summary>
    public IReadOnlyList<IReadOnlyList<string>> UniqueKeys { get; init; } = [];

    /// <summary>DDL of the table's further indexes and triggers, which a dump may repeat.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];

    /// <summary>Names of triggers on the table: what they do on delete or update is outside any plan.</summary>
    public IReadOnlyList<string> Triggers { get; init; } = [];

    /// <summary>What a dump needs to define the table anew, for engines that do not keep the text of its definition; else null.</summary>
    public TableScript? Script { get; init; }

    /// <summary>The column of that name (case-insensitive), or null.</summary>
    public ColumnInfo? Find(string column) =>
        Columns.FirstOrDefault(candidate => string.Equals(candidate.Name, column, StringComparison.OrdinalIgnoreCase));
}

/// <summary>One column.</summary>
/// <param name="Name">As the database spells it.</param>
/// <param name="DeclaredType">The type as declared, empty when none was.</param>
/// <param name="Kind">What the values mean, which is what the export formats need.</param>
/// <param name="Nullable">False when the database requires a value.</param>
/// <param name="Generated">Computed by the database: exported, never written.</param>
public sealed record ColumnInfo(string Name, string DeclaredType, ColumnKind Kind, bool Nullable, bool Generated)
{
    /// <summary>The declared type without the conditions of a domain: what a copy of the values is stored as.</summary>
    public string StorageType { get; init; } = DeclaredType;

    /// <summary>True for a column that is the engine's own number of the row (SQLite's INTEGER PRIMARY KEY): it holds whole numbers only.</summary>
    public bool IsRowNumber { get; init; }
}

/// <summary>What the values of a column mean, whatever the engine stores them as.</summary>
public enum ColumnKind
{
    Text,
    Integer,
    Decimal,
    Real,
    Boolean,
    Date,
    DateTime,
    Blob,
    Json,
    Guid,
}

/// <summary>A reference from the columns of one table to the columns of another (or the same) table.</summary>
/// <param name="Columns">The referencing columns, pairwise with <paramref name="ReferencedColumns"/>.</param>
/// <param name="ReferencedTable">As the catalogue spells the referenced table.</param>
/// <param name="ReferencedColumns">The columns referred to, resolved to the primary key when the database leaves them out.</param>
/// <param name="OnDelete">NO ACTION, RESTRICT, CASCADE, SET NULL or SET DEFAULT.</param>
public sealed record ForeignKey(
    IReadOnlyList<string> Columns,
    string ReferencedTable,
    IReadOnlyList<string> ReferencedColumns,
    string OnDelete
)
{
    /// <summary>False for a link that only the data map declares: the database does not enforce it.</summary>
    public bool Enforced { get; init; } = true;

    /// <summary>The whole constraint in the source's dialect, name included, where the engine tells it; else null.</summary>
    public string? Definition { get; init; }

    /// <summary>Readable form for plans and messages: <c>course_id -> courses(id)</c>.</summary>
    public override string ToString() =>
        $"{string.Join(", ", Columns)} -> {ReferencedTable}({string.Join(", ", ReferencedColumns)})";
}

/// <summary>The statements that define a table, in pieces, so that a dump may leave some out.</summary>
/// <param name="Before">What must be there first (schemas, types, sequences); repeated by every table that needs it.</param>
/// <param name="Columns">One definition a column, generated ones too.</param>
/// <param name="Constraints">Primary key, unique and check constraints; foreign keys have their own definition.</param>
/// <param name="After">Once the rows are there: positions of sequences.</param>
/// <param name="Remarks">What the pieces leave out of the source's definition, in words.</param>
public sealed record TableScript(
    IReadOnlyList<string> Before,
    IReadOnlyList<ColumnScript> Columns,
    IReadOnlyList<ConstraintScript> Constraints,
    IReadOnlyList<ColumnScript> After,
    IReadOnlyList<string> Remarks
);

/// <summary>SQL that concerns one column.</summary>
public sealed record ColumnScript(string Column, string Sql);

/// <summary>A constraint of a table, and the columns it needs.</summary>
public sealed record ConstraintScript(IReadOnlyList<string> Columns, string Sql);
