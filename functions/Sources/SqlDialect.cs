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

    /// <summary>
    /// A join that reads the table on its left and looks the other up, where the engine would otherwise choose blindly: of a temporary
    /// table it knows no size.
    /// </summary>
    public virtual string JoinLookingUp => "JOIN";

    /// <summary>Statement that empties a temporary table.</summary>
    public virtual string ClearTemporary(string table) => $"DELETE FROM {table}";

    /// <summary>Statement that deletes the rows of a table (alias t) that a list (alias b) names.</summary>
    /// <param name="table">The table as it stands in statements.</param>
    /// <param name="key">Its key.</param>
    /// <param name="list">The list as it stands in statements.</param>
    /// <param name="same">Condition under which a row is the one listed.</param>
    /// <param name="where">Further conditions.</param>
    public virtual string DeleteListed(
        string table,
        IReadOnlyList<string> key,
        string list,
        string same,
        string where
    ) =>
        $"DELETE FROM {table} WHERE {Tuple(key)} IN (SELECT {Columns(key, "t")} FROM {list} b {JoinLookingUp} {table} t ON {same} WHERE {where})";

    /// <summary>Condition on a row (alias t) that is not among those of a condition on it.</summary>
    /// <param name="table">The table as it stands in statements.</param>
    /// <param name="key">Its key.</param>
    /// <param name="where">The condition (alias t), which may be unknown.</param>
    public virtual string Outside(string table, IReadOnlyList<string> key, string where) => $"{where} IS NOT TRUE";

    /// <summary>Condition that a value is among those of a query.</summary>
    /// <param name="value">The value, or several in parentheses.</param>
    /// <param name="query">The query, without parentheses.</param>
    /// <param name="isOne">True when a unique index keeps the query from giving more than one row.</param>
    public virtual string Among(string value, string query, bool isOne) => $"{value} IN ({query})";

    /// <summary>An expression as text, where its type would come as something else.</summary>
    public virtual string AsText(string expression) => expression;

    /// <summary>A temporary table's qualified name, private to the connection.</summary>
    public abstract string Temporary(string name);

    /// <summary>Statement that makes a temporary table of typed columns with a primary key over the first <paramref name="keyColumns"/> of them; 0 for none, where <see cref="IsNear"/> does not hold.</summary>
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
    /// <param name="table">Its name as <see cref="Temporary"/> gives it.</param>
    /// <param name="columns">How many columns, all of them.</param>
    /// <param name="feed">The rows.</param>
    /// <param name="cancellationToken">Ends the load; the transaction is to be rolled back then.</param>
    public abstract Task LoadAsync(
        DbConnection connection,
        string table,
        int columns,
        IRowFeed feed,
        CancellationToken cancellationToken
    );

    /// <summary>
    /// True where a statement costs no way to a server and back: a prepared one, run for each row, is then cheaper than a set that has
    /// to be loaded first.
    /// </summary>
    public virtual bool IsNear => false;

    /// <summary>
    /// A list of rows that is given along with a statement, to stand in it as a table does, with columns c0 and on and fate; null where there
    /// is no such thing for values of these columns.
    /// </summary>
    public virtual string? GivenList(IReadOnlyList<ColumnInfo> columns) => null;

    /// <summary>Runs a statement with a <see cref="GivenList"/>; gives how many rows it changed.</summary>
    public virtual Task<int> RunGivenAsync(
        DbConnection connection,
        DbTransaction? transaction,
        string sql,
        int columns,
        IRowFeed feed,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException($"{Name} takes no lists.");

    /// <summary>Has the rest of a transaction fail where it would wait for another's lock for more than a moment.</summary>
    public virtual Task HurryAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>Does what would else be put off until the commit and could take its time then, such as deferred checks.</summary>
    public virtual Task SettleAsync(DbTransaction transaction, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <summary>True where a transaction keeps no writer waiting but those who want the same rows.</summary>
    public virtual bool LocksRowsOnly => !IsNear;

    /// <summary>
    /// Runs a statement for each row of a feed, whose cells are its parameters ?1, ?2 and so on, all of them used; gives how many
    /// rows it changed. Only where the engine <see cref="IsNear"/>.
    /// </summary>
    public virtual Task<long> RunEachAsync(
        DbConnection connection,
        string sql,
        IRowFeed feed,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException($"{Name} is not near enough to be asked row by row.");

    /// <summary>
    /// True where a statement can ask a set in our own memory, which <see cref="Provide"/> gave it, whether a value of the column is one of
    /// the key, and gets the answer that the engine's own comparison of the two would give.
    /// </summary>
    public virtual bool CanAsk(ColumnInfo column, ColumnInfo key) => false;

    /// <summary>
    /// Lets statements on the connection call a function of that name: 1 where the set says so of whole numbers and nulls, else 0, as
    /// for all values that are neither.
    /// </summary>
    /// <param name="connection">Has the function until it is closed, or one of the same name is given.</param>
    /// <param name="function">Its name.</param>
    /// <param name="columns">How many values it takes.</param>
    /// <param name="isIn">The set.</param>
    public virtual void Provide(DbConnection connection, string function, int columns, NumberTest isIn) =>
        throw new NotSupportedException($"{Name} cannot ask a set of ours.");

    /// <summary>Opens a query whose rows are read once, forward.</summary>
    public virtual async Task<RowCursor> OpenRowsAsync(
        DbConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        CancellationToken cancellationToken
    )
    {
        var command = connection.CreateCommand();
        try
        {
            command.CommandText = sql;
            // A whole table may take long, and the first row with it; callers cancel.
            command.CommandTimeout = 230;
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.SetValue(value);
                command.Parameters.Add(parameter);
            }
            return new ReaderCursor(command, await command.ExecuteReaderAsync(cancellationToken));
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Reads the first column of a query in pages, between which other statements may run on the connection. Needs an open transaction.
    /// </summary>
    public abstract IAsyncEnumerable<IReadOnlyList<object?>> ReadPagesAsync(
        DbConnection connection,
        string sql,
        IReadOnlyList<(string Name, object? Value)> parameters,
        CancellationToken cancellationToken
    );

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

/// <summary>Whether numbers of one row are in a set.</summary>
public delegate bool NumberTest(ReadOnlySpan<long?> values);
