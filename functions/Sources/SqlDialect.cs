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

    /// <summary>
    /// Inserts many rows into a temporary table, as fast as the engine takes them. Runs in the connection's open transaction.
    /// </summary>
    /// <param name="connection">The connection that the table belongs to.</param>
    /// <param name="transaction">Its open transaction, or null where the connection itself began one.</param>
    /// <param name="table">Its name as <see cref="Temporary"/> gives it.</param>
    /// <param name="columns">How many columns, all of them.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="value">The value of a row and column.</param>
    /// <param name="cancellationToken">Ends the load; the transaction is to be rolled back then.</param>
    public virtual async Task LoadAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string table,
        int columns,
        int rows,
        Func<int, int, object?> value,
        CancellationToken cancellationToken
    )
    {
        const int MostParameters = 1000;
        var most = Math.Max(1, MostParameters / columns);
        for (var first = 0; first < rows; first += most)
        {
            var count = Math.Min(most, rows - first);
            await using var insert = connection.CreateCommand();
            insert.Transaction = transaction;
            var lists = new List<string>(count);
            for (var row = 0; row < count; row++)
            {
                var names = new List<string>(columns);
                for (var column = 0; column < columns; column++)
                {
                    var parameter = insert.CreateParameter();
                    parameter.ParameterName = string.Create(CultureInfo.InvariantCulture, $"@r{row}_{column}");
                    parameter.SetValue(value(first + row, column));
                    insert.Parameters.Add(parameter);
                    names.Add(parameter.ParameterName);
                }
                lists.Add($"({string.Join(", ", names)})");
            }
            insert.CommandText = $"INSERT INTO {table} VALUES {string.Join(", ", lists)}";
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>A column list as one value to compare: <c>a</c>, or <c>(a, b)</c>.</summary>
    public string Tuple(IReadOnlyList<string> columns, string? alias = null) =>
        columns.Count == 1 ? Columns(columns, alias) : $"({Columns(columns, alias)})";

    /// <summary>
    /// Holds every other transaction that takes the lock of the same name back until this one ends. Nothing to do where
    /// <see cref="BeginBatchAsync"/> shuts all other writers out anyhow.
    /// </summary>
    public abstract Task LockAsync(DbTransaction transaction, string name, CancellationToken cancellationToken);

    /// <summary>
    /// Readies a connection for batches that check themselves, under the write lock, that nothing refers to what they delete. Where the
    /// engine lets it, its own check of the same, and with it any cascade, is switched off.
    /// </summary>
    public virtual Task BeginErasureAsync(DbConnection connection, CancellationToken cancellationToken) =>
        Task.CompletedTask;

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
