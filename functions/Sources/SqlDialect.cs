using System.Data.Common;
using System.Globalization;

namespace Portability.Sources;

/// <summary>
/// What differs between SQL engines in the statements written here. Values are always parameters; identifiers come from the live
/// catalogue and are quoted by the dialect.
/// </summary>
public abstract class SqlDialect
{
    /// <summary>The name the data map uses for the engine.</summary>
    public abstract string Name { get; }

    /// <summary>True when the engine holds every value to its column's declared type; false where any value may stand anywhere.</summary>
    public virtual bool IsStrict => true;

    /// <summary>Quotes an identifier so that any name is safe.</summary>
    public virtual string Quote(string identifier) =>
        $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    /// <summary>A table of the catalogue, by the name that the catalogue gives it.</summary>
    public virtual string Table(string name) => Quote(name);

    /// <summary>A parameter that is compared to a column, given the column's type where the engine would not find it by itself.</summary>
    public virtual string Typed(string parameter, ColumnInfo column) => parameter;

    /// <summary>A temporary table's qualified name, private to the connection.</summary>
    public abstract string Temporary(string name);

    /// <summary>Statement that makes a temporary table of typed columns with a primary key over the first <paramref name="keyColumns"/> of them.</summary>
    public abstract string CreateTemporary(
        string name,
        IReadOnlyList<(string Name, ColumnInfo? Like, string? Type)> columns,
        int keyColumns
    );

    /// <summary>Statement that indexes a column of a temporary table.</summary>
    public abstract string IndexTemporary(string name, string column);

    /// <summary>Turns text that names a tenant into the value that the tenant column compares to.</summary>
    public virtual object TenantValue(string tenant, ColumnInfo column) =>
        column.Kind switch
        {
            ColumnKind.Integer
                when long.TryParse(
                    tenant,
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out var number
                ) => number,
            _ => tenant,
        };

    /// <summary>Begins the transaction of a write batch, taking the write lock at once where the engine has one.</summary>
    public virtual Task<DbTransaction> BeginBatchAsync(DbConnection connection, CancellationToken cancellationToken) =>
        connection.BeginTransactionAsync(cancellationToken).AsTask();

    /// <summary>Quotes and joins column names, each with an optional alias before it.</summary>
    public string Columns(IEnumerable<string> columns, string? alias = null) =>
        string.Join(", ", columns.Select(column => alias is null ? Quote(column) : $"{alias}.{Quote(column)}"));

    /// <summary>Compares two column lists pairwise for equality, joined by AND.</summary>
    public string Pairwise(
        string leftAlias,
        IReadOnlyList<string> left,
        string rightAlias,
        IReadOnlyList<string> right
    ) => string.Join(" AND ", left.Zip(right, (l, r) => $"{leftAlias}.{Quote(l)} = {rightAlias}.{Quote(r)}"));
}
