using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Portability.Sources;

/// <summary>PostgreSQL's ways. Tables are always named with their schema, so no search path can lead a statement astray.</summary>
/// <param name="home">The schema whose tables go by their bare name.</param>
public sealed class PostgresDialect(string home = PostgresNames.DefaultSchema) : SqlDialect
{
    /// <inheritdoc />
    public override string Name => "postgres";

    /// <inheritdoc />
    public override string Table(string name)
    {
        var (schema, table) = PostgresNames.Split(name, home);
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

    /// <inheritdoc />
    public override async Task LockAsync(DbTransaction transaction, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = "SELECT pg_advisory_xact_lock(hashtextextended(@name, 0))";
        var parameter = command.CreateParameter();
        parameter.ParameterName = "@name";
        parameter.Value = "portability/" + name;
        command.Parameters.Add(parameter);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>By COPY, the fastest way in.</summary>
    public override async Task LoadAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        int columns,
        int rows,
        Func<int, int, object?> value,
        CancellationToken cancellationToken
    )
    {
        await using var copy = await ((NpgsqlConnection)connection).BeginTextImportAsync(
            $"COPY {table} FROM STDIN",
            cancellationToken
        );
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                await copy.WriteAsync(CopyText(value(row, column)));
                await copy.WriteAsync(column + 1 < columns ? '\t' : '\n');
            }
        }
    }

    /// <summary>A value in COPY's text form, in which every type of the engine can be written without naming it.</summary>
    private static string CopyText(object? value) =>
        value switch
        {
            null or DBNull => "\\N",
            string text => text.Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\t", "\\t", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal)
                .Replace("\r", "\\r", StringComparison.Ordinal),
            byte[] bytes => "\\\\x" + Convert.ToHexStringLower(bytes),
            DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            DateTime { Kind: DateTimeKind.Utc } instant => instant.ToString("O", CultureInfo.InvariantCulture),
            DateTime local => local.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
            double number => number.ToString("R", CultureInfo.InvariantCulture),
            bool flag => flag ? "t" : "f",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString()!,
        };

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
