using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;

namespace Portability.Sources;

/// <summary>PostgreSQL's ways. Tables are always named with their schema, so no search path can lead a statement astray.</summary>
/// <param name="home">The schema whose tables go by their bare name.</param>
public sealed class PostgresDialect(string home = PostgresNames.DefaultSchema) : SqlDialect
{
    private const int CopyPieceBytes = 1 << 16;
    private const int PageRows = 4096;

    /// <summary>The schema whose tables go by their bare name.</summary>
    public string Home => home;

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
        return keyColumns == 0
            ? $"CREATE TEMPORARY TABLE {Quote(name)} ({string.Join(", ", list)})"
            : $"CREATE TEMPORARY TABLE {Quote(name)} ({string.Join(", ", list)}, PRIMARY KEY ({key}))";
    }

    /// <inheritdoc />
    public override string IndexTemporary(string name, string column) =>
        $"CREATE INDEX ON {Temporary(name)} ({Quote(column)})";

    /// <summary>Deleted rows of a temporary table would be read past ever after: no server's own vacuum sees it.</summary>
    public override string ClearTemporary(string table) => $"TRUNCATE {table}";

    /// <summary>The server sees what stood when the statement began, so the list can be joined with the table itself.</summary>
    public override string DeleteListed(
        string table,
        IReadOnlyList<string> key,
        string list,
        string same,
        string where
    ) => $"DELETE FROM {table} t USING {list} b WHERE {same} AND {where}";

    /// <summary>Whole numbers, which most keys are, go as arrays: nothing is written for them, not even to a temporary table.</summary>
    public override string? GivenList(IReadOnlyList<ColumnInfo> columns)
    {
        if (columns.Any(column => column.Kind != ColumnKind.Integer))
        {
            return null;
        }
        var arrays = Enumerable.Range(0, columns.Count + 1).Select(index => $"@given{index}");
        var names = Enumerable.Range(0, columns.Count).Select(index => $"c{index}").Append("fate");
        return $"(SELECT * FROM unnest({string.Join(", ", arrays)}) u ({string.Join(", ", names)}))";
    }

    /// <inheritdoc />
    public override async Task<int> RunGivenAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string sql,
        int columns,
        IRowFeed feed,
        CancellationToken cancellationToken
    )
    {
        var given = new NumberColumns(columns);
        while (feed.Next(given)) { }
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Transaction = transaction;
        for (var column = 0; column < columns; column++)
        {
            command.Parameters.Add(
                new NpgsqlParameter
                {
                    ParameterName = $"given{column}",
                    NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint,
                    Value = given.Of(column),
                }
            );
        }
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// As an anti-join, which the server can do in sets of any size. The denial of a set that outgrows its memory it would work out anew
    /// for every row.
    /// </summary>
    public override string Outside(string table, IReadOnlyList<string> key, string where) =>
        $"NOT EXISTS (SELECT 1 FROM (SELECT {Columns(key, "t")} FROM {table} t WHERE {where}) m WHERE {Pairwise("m", key, "t", key)})";

    /// <summary>
    /// One row is found once and then compared to, where the server would otherwise join and compare all rows of the two. Should there be two
    /// after all, it refuses.
    /// </summary>
    public override string Among(string value, string query, bool isOne) =>
        isOne ? $"{value} = ({query})" : base.Among(value, query, isOne);

    /// <inheritdoc />
    public override string AsText(string expression) => $"CAST({expression} AS text)";

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
    public override Task HurryAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        RunAsync(transaction, "SET LOCAL lock_timeout = '1s'", cancellationToken);

    /// <inheritdoc />
    public override Task SettleAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        RunAsync(transaction, "SET CONSTRAINTS ALL IMMEDIATE", cancellationToken);

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

    /// <summary>By COPY, the fastest way in; in its text form, in which every type of the engine can be written without naming it.</summary>
    public override async Task LoadAsync(
        DbConnection connection,
        string table,
        int columns,
        IRowFeed feed,
        CancellationToken cancellationToken
    )
    {
        await using var copy = await ((NpgsqlConnection)connection).BeginTextImportAsync(
            $"COPY {table} FROM STDIN",
            cancellationToken
        );
        var text = new PostgresCopyText();
        while (true)
        {
            var isMore = feed.Next(text);
            if (isMore)
            {
                text.EndRow();
            }
            if (text.Length > CopyPieceBytes || (!isMore && text.Length > 0))
            {
                // Under the writer, which would take the bytes for letters to be encoded.
                await copy.BaseStream.WriteAsync(text.Written, cancellationToken);
                text.Clear();
            }
            if (!isMore)
            {
                return;
            }
        }
    }

    /// <inheritdoc />
    public override async IAsyncEnumerable<IReadOnlyList<object?>> ReadPagesAsync(
        DbConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await using (
            await OpenRowsAsync(connection, $"DECLARE pages NO SCROLL CURSOR FOR {sql}", parameters, cancellationToken)
        ) { }
        var page = new List<object?>(PageRows);
        do
        {
            page.Clear();
            await using (
                var rows = await OpenRowsAsync(connection, $"FETCH {PageRows} FROM pages", [], cancellationToken)
            )
            {
                while (await rows.ReadAsync(cancellationToken))
                {
                    page.Add(rows.Value(0));
                }
            }
            yield return page;
        } while (page.Count == PageRows);
        await using (await OpenRowsAsync(connection, "CLOSE pages", [], cancellationToken)) { }
    }

    private static async Task RunAsync(DbTransaction transaction, string sql, CancellationToken cancellationToken)
    {
        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

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
