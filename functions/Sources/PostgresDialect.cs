using System.Data;
using System.Data.Common;
using System.Globalization;

namespace Portability.Sources;

/// <summary>PostgreSQL's ways. Tables are always named with their schema, so no search path can lead a statement astray.</summary>
public sealed class PostgresDialect : SqlDialect
{
    /// <inheritdoc />
    public override string Name => "postgres";

    /// <inheritdoc />
    public override string Table(string name)
    {
        var (schema, table) = PostgresNames.Split(name);
        return PostgresNames.Qualify(schema, table);
    }

    /// <inheritdoc />
    public override string Temporary(string name) => $"pg_temp.{Quote(name)}";

    /// <inheritdoc />
    public override string CreateTemporary(
        string name,
        IReadOnlyList<(string Name, ColumnInfo? Like, string? Type)> columns,
        int keyColumns
    )
    {
        var list = columns.Select(column =>
            $"{Quote(column.Name)} {(column.Like is { } like ? like.StorageType : TypeOf(column.Type))}"
        );
        var key = Columns(columns.Take(keyColumns).Select(column => column.Name));
        return $"CREATE TEMPORARY TABLE {Quote(name)} ({string.Join(", ", list)}, PRIMARY KEY ({key}))";
    }

    /// <inheritdoc />
    public override string IndexTemporary(string name, string column) =>
        $"CREATE INDEX ON {Temporary(name)} ({Quote(column)})";

    /// <inheritdoc />
    public override string Typed(string parameter, ColumnInfo column) => $"CAST({parameter} AS {column.StorageType})";

    /// <inheritdoc />
    public override object TenantValue(string tenant, ColumnInfo column) =>
        column.Kind switch
        {
            ColumnKind.Guid when Guid.TryParse(tenant, out var id) => id,
            ColumnKind.Decimal
                when decimal.TryParse(
                    tenant,
                    NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture,
                    out var number
                ) => number,
            _ => base.TenantValue(tenant, column),
        };

    /// <inheritdoc />
    public override async Task<DbTransaction> BeginBatchAsync(
        DbConnection connection,
        CancellationToken cancellationToken
    ) => await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, cancellationToken);

    /// <summary>SQLite's words for columns of work tables: its integers have 64 bits, and an untyped column takes any text.</summary>
    private static string TypeOf(string? declared)
    {
        var type = declared ?? "";
        return type.Length == 0
            ? "text"
            : type.Replace("INTEGER", "bigint", StringComparison.OrdinalIgnoreCase)
                .Replace("BLOB", "bytea", StringComparison.OrdinalIgnoreCase);
    }
}
