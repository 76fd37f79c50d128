namespace Portability.DataMap;

/// <summary>
/// The data map: every system, table and blob prefix that may hold a customer's data, and what happens to it in an export and in an
/// erasure. Parsed and checked from <c>datamap.json</c>; what it means for a live catalogue is <see cref="ScopePlanner"/>'s to say.
/// </summary>
public sealed record TenantDataMap
{
    /// <summary>The file it was read from.</summary>
    public required string File { get; init; }

    /// <summary>SHA-256 (lower-case hex) of the file's text as it was read, which exports and certificates name.</summary>
    public required string Sha256 { get; init; }

    /// <summary>Everything that holds data: databases, containers, sub-processors.</summary>
    public required IReadOnlyList<MappedSystem> Systems { get; init; }

    /// <summary>Kinds of data a customer may ask for by name, with the title that the customer reads.</summary>
    public required IReadOnlyDictionary<string, string> Categories { get; init; }

    /// <summary>What the law requires to be kept, by class name.</summary>
    public required IReadOnlyDictionary<string, RetentionClass> Retention { get; init; }

    /// <summary>Tables with customers' data, in the order of the file.</summary>
    public required IReadOnlyList<TableDataset> Tables { get; init; }

    /// <summary>Blob prefixes with customers' data, in the order of the file.</summary>
    public required IReadOnlyList<BlobDataset> Blobs { get; init; }

    /// <summary>Nested documents made of several tables.</summary>
    public required IReadOnlyList<DocumentDataset> Documents { get; init; }

    /// <summary>Reports and certificates laid out on pages.</summary>
    public IReadOnlyList<TemplateDataset> Templates { get; init; } = [];

    /// <summary>How rows become a OneRoster exchange; null when they do not.</summary>
    public OneRoster.RosterMap? OneRoster { get; init; }

    /// <summary>Tables and blob prefixes without customers' data: neither exported nor erased.</summary>
    public required IReadOnlyList<ExcludedItem> Excluded { get; init; }

    /// <summary>Backup classes and how long their last copy lives.</summary>
    public required IReadOnlyList<BackupClass> Backups { get; init; }

    /// <summary>How access of a customer is frozen, given back and closed, one entry a system.</summary>
    public required IReadOnlyList<AccessStatements> Access { get; init; }

    /// <summary>The system of that name. Throws <see cref="KeyNotFoundException"/> for an unknown one.</summary>
    public MappedSystem System(string name) =>
        Systems.FirstOrDefault(system => system.Name == name)
        ?? throw new KeyNotFoundException($"{File} has no system named '{name}'.");

    /// <summary>Reads and checks a map. Throws <see cref="DataMapException"/> with every problem found, each with line and mend.</summary>
    public static TenantDataMap Load(string path) => DataMapReader.Read(path);
}

/// <summary>Where in the file something was said, so that a later finding can point at it.</summary>
/// <param name="File">Path of the map.</param>
/// <param name="Line">Counted from 1.</param>
/// <param name="JsonPath">For example <c>datasets[3].erase</c>.</param>
public sealed record MapPlace(string File, int Line, string JsonPath);

/// <summary>One system that holds data.</summary>
public abstract record MappedSystem(string Name, MapPlace Place);

/// <summary>A SQL database; <paramref name="Connection"/> is the name of a setting, never a connection string.</summary>
public sealed record SqlSystem(string Name, string Provider, string Connection, TenantScope Tenant, MapPlace Place)
    : MappedSystem(Name, Place)
{
    /// <summary>Where a customer's id is put into the connection of a system that each customer has alone.</summary>
    public const string Placeholder = "{tenant}";

    /// <summary>The one schema of the database that is read, {tenant} in it standing for the customer's id; null for all schemas.</summary>
    public string? Schema { get; init; }
}

/// <summary>Which rows of a database are one customer's; a closed union.</summary>
public abstract record TenantScope
{
    private TenantScope() { }

    /// <summary>Customers share the database: a row is the customer's when foreign keys lead to its row of the tenant table.</summary>
    /// <param name="Table">Holds one row a customer.</param>
    /// <param name="Column">What a case's customer id is compared to.</param>
    public sealed record Rows(string Table, string Column) : TenantScope;

    /// <summary>Each customer has a database (or schema) of its own: every row in it is the customer's.</summary>
    public sealed record Whole : TenantScope;
}

/// <summary>A blob container; <paramref name="Connection"/> is the name of a setting.</summary>
public sealed record BlobSystem(string Name, string Connection, string Container, MapPlace Place)
    : MappedSystem(Name, Place);

/// <summary>A sub-processor that erases on command and acknowledges.</summary>
public sealed record ProcessorSystem(string Name, string Title, MapPlace Place) : MappedSystem(Name, Place);

/// <summary>A class of rows that the law requires to be kept.</summary>
/// <param name="Name">For example <c>bookkeeping</c>.</param>
/// <param name="Period">ISO 8601 calendar period, for example <c>P7Y</c>.</param>
/// <param name="From">What the period is counted from.</param>
/// <param name="FiscalYearEnd">Month and day of the fiscal year's last day; used by <see cref="RetentionStart.FiscalYearEnd"/>.</param>
/// <param name="LegalBasis">The law, as the certificate names it.</param>
public sealed record RetentionClass(
    string Name,
    NodaTime.Period Period,
    RetentionStart From,
    NodaTime.AnnualDate FiscalYearEnd,
    string LegalBasis
);

/// <summary>What a retention period is counted from.</summary>
public enum RetentionStart
{
    /// <summary>The date in the row's anchor column.</summary>
    RowDate,

    /// <summary>The end of the fiscal year that the row's anchor date falls in.</summary>
    FiscalYearEnd,

    /// <summary>The day the termination took effect; rows need no anchor column.</summary>
    EffectiveEnd,
}

/// <summary>What is common to all datasets.</summary>
public interface IMappedDataset
{
    /// <summary>Unique over the whole map; names files, events and certificate lines.</summary>
    string Name { get; }

    /// <summary>The system that holds it.</summary>
    string System { get; }

    /// <summary>One of the map's categories.</summary>
    string Category { get; }

    /// <summary>What erasure does with it.</summary>
    EraseRule Erase { get; }

    /// <summary>Why it is left out of exports, or null when it is exported.</summary>
    string? NotExported { get; }

    /// <summary>Where the map says so.</summary>
    MapPlace Place { get; }
}

/// <summary>One table of a SQL system.</summary>
public sealed record TableDataset : IMappedDataset
{
    public required string Name { get; init; }
    public required string System { get; init; }
    public required string Category { get; init; }
    public required EraseRule Erase { get; init; }
    public string? NotExported { get; init; }
    public required MapPlace Place { get; init; }

    /// <summary>The table's name in the database.</summary>
    public required string Table { get; init; }

    /// <summary>Export formats: csv, xlsx, json, ndjson, xml, pdf, docx, sql, parquet.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>
    /// The foreign keys that make a row the tenant's, each as its column names ("user_id", "org_id, user_id"). Empty: found from the
    /// catalogue. Several: a row is the tenant's when any of them leads there.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Via { get; init; } = [];

    /// <summary>References that the database does not declare.</summary>
    public IReadOnlyList<DeclaredReference> References { get; init; } = [];

    /// <summary>Columns that identify a row when the table has no primary key; a unique index must stand behind them.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];

    /// <summary>Columns left out of exports, with the reason.</summary>
    public IReadOnlyDictionary<string, string> ExcludedColumns { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns whose name looks like a secret and that are none: exported all the same.</summary>
    public IReadOnlyList<string> NotSecret { get; init; } = [];

    /// <summary>What required columns become when a row must stay only because kept rows need it.</summary>
    public IReadOnlyDictionary<string, Mask> WhenKept { get; init; } = new Dictionary<string, Mask>();
}

/// <summary>A reference that the data map declares because the database does not.</summary>
public sealed record DeclaredReference(IReadOnlyList<string> Columns, string Table, IReadOnlyList<string> To);

/// <summary>Blobs under a prefix of a blob system.</summary>
public sealed record BlobDataset : IMappedDataset
{
    public required string Name { get; init; }
    public required string System { get; init; }
    public required string Category { get; init; }
    public required EraseRule Erase { get; init; }
    public string? NotExported { get; init; }
    public required MapPlace Place { get; init; }

    /// <summary>Template with <c>{tenant}</c> as a whole segment and a final '/', for example <c>customers/{tenant}/</c>.</summary>
    public required string Prefix { get; init; }

    /// <summary>Where the original file names are found, or null: the part of the blob's name after the prefix.</summary>
    public OriginalNames? Names { get; init; }

    /// <summary>The prefix of one tenant. Throws <see cref="ArgumentException"/> for an id that could reach another tenant's prefix.</summary>
    public string PrefixOf(string tenant)
    {
        if (tenant.Length == 0 || tenant.Contains('/', StringComparison.Ordinal) || tenant is "." or "..")
        {
            throw new ArgumentException($"'{tenant}' cannot be part of a blob prefix.", nameof(tenant));
        }
        return Prefix.Replace("{tenant}", tenant, StringComparison.Ordinal);
    }
}

/// <summary>The table that remembers the original name of each blob.</summary>
/// <param name="Dataset">A table dataset's name.</param>
/// <param name="BlobColumn">Holds the blob's name.</param>
/// <param name="NameColumn">Holds the original file name.</param>
public sealed record OriginalNames(string Dataset, string BlobColumn, string NameColumn);

/// <summary>A nested document: one entry a row of the root table, with related rows inside.</summary>
public sealed record DocumentDataset
{
    /// <summary>Unique over the whole map.</summary>
    public required string Name { get; init; }

    /// <summary>One of the map's categories.</summary>
    public required string Category { get; init; }

    /// <summary>json, ndjson or xml.</summary>
    public required IReadOnlyList<string> Formats { get; init; }

    /// <summary>The root dataset's name.</summary>
    public required string Root { get; init; }

    /// <summary>Related rows placed inside.</summary>
    public required IReadOnlyList<IncludedRelation> Include { get; init; }

    /// <summary>Where the map says so.</summary>
    public required MapPlace Place { get; init; }
}

/// <summary>Rows of another dataset placed inside a document.</summary>
/// <param name="Dataset">The related dataset's name.</param>
/// <param name="As">The property it appears under.</param>
/// <param name="By">The foreign key's columns when more than one connects the two; else empty.</param>
/// <param name="Include">Related rows inside of it.</param>
/// <param name="Place">Where the map says so.</param>
public sealed record IncludedRelation(
    string Dataset,
    string As,
    IReadOnlyList<string> By,
    IReadOnlyList<IncludedRelation> Include,
    MapPlace Place
);

/// <summary>A table, view or blob prefix without customers' data.</summary>
/// <param name="System">The system that holds it.</param>
/// <param name="Name">Table name, or prefix of a blob system.</param>
/// <param name="Reason">Why it is left alone.</param>
/// <param name="Place">Where the map says so.</param>
public sealed record ExcludedItem(string System, string Name, string Reason, MapPlace Place);

/// <summary>A class of backups: certificates name the day its last copy expires.</summary>
public sealed record BackupClass(string Name, int KeepsDays, IReadOnlyList<string> Systems);

/// <summary>Statements with the parameters @tenant and, where wanted, @now (UTC, ISO 8601 text); each must be safe to run twice.</summary>
public sealed record AccessStatements(
    string System,
    IReadOnlyList<string> Freeze,
    IReadOnlyList<string> Restore,
    IReadOnlyList<string> Close
);
