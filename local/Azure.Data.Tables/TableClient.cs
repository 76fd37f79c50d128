using System.Linq.Expressions;
using Azure.Core;
using Azure.Data.Tables.Http;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Query;

namespace Azure.Data.Tables;

/// <summary>One table of a storage account.</summary>
public partial class TableClient
{
    readonly TableRest rest;

    /// <summary>For tests that replace the client.</summary>
    protected TableClient() { }

    internal TableClient(TableRest rest, string tableName)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        this.rest = rest;
        Name = tableName;
    }

    /// <summary>A table of the account that a connection string names.</summary>
    public TableClient(string connectionString, string tableName)
        : this(connectionString, tableName, null) { }

    /// <summary>A table of the account that a connection string names.</summary>
    public TableClient(string connectionString, string tableName, TableClientOptions options = null)
        : this(TableRest.Open(connectionString, options), tableName) { }

    /// <summary>A table by its own address, with a signature that may change.</summary>
    public TableClient(Uri endpoint, AzureSasCredential credential, TableClientOptions options = null)
        : this(TableRest.Open(TableCalls.AccountOf(endpoint), credential, options), TableCalls.TableOf(endpoint)) { }

    /// <summary>A table by its own address, which carries a signature.</summary>
    public TableClient(Uri endpoint, TableClientOptions options = null)
        : this(TableRest.Open(TableCalls.AccountOf(endpoint), options), TableCalls.TableOf(endpoint)) { }

    /// <summary>A table of an account, with Entra ID tokens.</summary>
    public TableClient(
        Uri endpoint,
        string tableName,
        TokenCredential tokenCredential,
        TableClientOptions options = null
    )
        : this(TableRest.Open(endpoint, tokenCredential, options), tableName) { }

    /// <summary>A table of an account, with the account's key.</summary>
    public TableClient(Uri endpoint, string tableName, TableSharedKeyCredential credential)
        : this(endpoint, tableName, credential, null) { }

    /// <summary>A table of an account, with the account's key.</summary>
    public TableClient(
        Uri endpoint,
        string tableName,
        TableSharedKeyCredential credential,
        TableClientOptions options = null
    )
        : this(TableRest.Open(endpoint, credential, options), tableName) { }

    /// <summary>The account.</summary>
    public virtual string AccountName => rest.AccountName;

    /// <summary>The table.</summary>
    public virtual string Name { get; }

    /// <summary>The table's address, without any signature.</summary>
    public virtual Uri Uri => new(rest.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/" + Name);

    /// <summary>Creates the table; 409 when it is there.</summary>
    public virtual async Task<Response<TableItem>> CreateAsync(CancellationToken cancellationToken = default) =>
        await CreateCoreAsync(true, tolerated: 0, cancellationToken).ConfigureAwait(false);

    /// <summary>Creates the table; 409 when it is there.</summary>
    public virtual Response<TableItem> Create(CancellationToken cancellationToken = default) =>
        CreateCoreAsync(false, tolerated: 0, cancellationToken).Completed();

    /// <summary>Creates the table unless it is there; the raw response then says 409.</summary>
    public virtual async Task<Response<TableItem>> CreateIfNotExistsAsync(
        CancellationToken cancellationToken = default
    ) => await CreateCoreAsync(true, tolerated: 409, cancellationToken).ConfigureAwait(false);

    /// <summary>Creates the table unless it is there; the raw response then says 409.</summary>
    public virtual Response<TableItem> CreateIfNotExists(CancellationToken cancellationToken = default) =>
        CreateCoreAsync(false, tolerated: 409, cancellationToken).Completed();

    /// <summary>Deletes the table; a missing one is no error.</summary>
    public virtual async Task<Response> DeleteAsync(CancellationToken cancellationToken = default) =>
        await TableCalls.DeleteTableAsync(true, rest, Name, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes the table; a missing one is no error.</summary>
    public virtual Response Delete(CancellationToken cancellationToken = default) =>
        TableCalls.DeleteTableAsync(false, rest, Name, cancellationToken).Completed();

    /// <summary>Inserts a row; 409 <c>EntityAlreadyExists</c> when it is there.</summary>
    public virtual async Task<Response> AddEntityAsync<T>(T entity, CancellationToken cancellationToken = default)
        where T : ITableEntity => await AddCoreAsync(true, entity, cancellationToken).ConfigureAwait(false);

    /// <summary>Inserts a row; 409 <c>EntityAlreadyExists</c> when it is there.</summary>
    public virtual Response AddEntity<T>(T entity, CancellationToken cancellationToken = default)
        where T : ITableEntity => AddCoreAsync(false, entity, cancellationToken).Completed();

    /// <summary>Reads a row; 404 <c>ResourceNotFound</c> when there is none.</summary>
    public virtual async Task<Response<T>> GetEntityAsync<T>(
        string partitionKey,
        string rowKey,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        await GetCoreAsync<T>(true, partitionKey, rowKey, select, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a row; 404 <c>ResourceNotFound</c> when there is none.</summary>
    public virtual Response<T> GetEntity<T>(
        string partitionKey,
        string rowKey,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        GetCoreAsync<T>(false, partitionKey, rowKey, select, cancellationToken).Completed();

    /// <summary>Reads a row, or a response without a value when there is none, or no table.</summary>
    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey,
        string rowKey,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        await GetIfExistsCoreAsync<T>(true, partitionKey, rowKey, select, cancellationToken).ConfigureAwait(false);

    /// <summary>Reads a row, or a response without a value when there is none, or no table.</summary>
    public virtual NullableResponse<T> GetEntityIfExists<T>(
        string partitionKey,
        string rowKey,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        GetIfExistsCoreAsync<T>(false, partitionKey, rowKey, select, cancellationToken).Completed();

    /// <summary>Changes a row of a stated version (<see cref="ETag.All"/> for any); 412 when it has another.</summary>
    public virtual async Task<Response> UpdateEntityAsync<T>(
        T entity,
        ETag ifMatch,
        TableUpdateMode mode = TableUpdateMode.Merge,
        CancellationToken cancellationToken = default
    )
        where T : ITableEntity =>
        await UpdateCoreAsync(true, entity, ifMatch, mode, cancellationToken).ConfigureAwait(false);

    /// <summary>Changes a row of a stated version (<see cref="ETag.All"/> for any); 412 when it has another.</summary>
    public virtual Response UpdateEntity<T>(
        T entity,
        ETag ifMatch,
        TableUpdateMode mode = TableUpdateMode.Merge,
        CancellationToken cancellationToken = default
    )
        where T : ITableEntity => UpdateCoreAsync(false, entity, ifMatch, mode, cancellationToken).Completed();

    /// <summary>Inserts or changes a row, whatever is there.</summary>
    public virtual async Task<Response> UpsertEntityAsync<T>(
        T entity,
        TableUpdateMode mode = TableUpdateMode.Merge,
        CancellationToken cancellationToken = default
    )
        where T : ITableEntity =>
        await WriteCoreAsync(true, entity, mode, default, cancellationToken).ConfigureAwait(false);

    /// <summary>Inserts or changes a row, whatever is there.</summary>
    public virtual Response UpsertEntity<T>(
        T entity,
        TableUpdateMode mode = TableUpdateMode.Merge,
        CancellationToken cancellationToken = default
    )
        where T : ITableEntity => WriteCoreAsync(false, entity, mode, default, cancellationToken).Completed();

    /// <summary>Deletes a row, of any version unless one is stated; a missing row is no error.</summary>
    public virtual async Task<Response> DeleteEntityAsync(
        string partitionKey,
        string rowKey,
        ETag ifMatch = default,
        CancellationToken cancellationToken = default
    ) => await DeleteCoreAsync(true, partitionKey, rowKey, ifMatch, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a row, of any version unless one is stated; a missing row is no error.</summary>
    public virtual Response DeleteEntity(
        string partitionKey,
        string rowKey,
        ETag ifMatch = default,
        CancellationToken cancellationToken = default
    ) => DeleteCoreAsync(false, partitionKey, rowKey, ifMatch, cancellationToken).Completed();

    /// <summary>Deletes a row, of any version unless one is stated; a missing row is no error.</summary>
    public virtual async Task<Response> DeleteEntityAsync(
        ITableEntity entity,
        ETag ifMatch = default,
        CancellationToken cancellationToken = default
    ) =>
        await DeleteCoreAsync(true, entity.PartitionKey, entity.RowKey, ifMatch, cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Deletes a row, of any version unless one is stated; a missing row is no error.</summary>
    public virtual Response DeleteEntity(
        ITableEntity entity,
        ETag ifMatch = default,
        CancellationToken cancellationToken = default
    ) => DeleteCoreAsync(false, entity.PartitionKey, entity.RowKey, ifMatch, cancellationToken).Completed();

    /// <summary>Applies all actions or none: at most 100, on rows of one partition, each row once.</summary>
    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions,
        CancellationToken cancellationToken = default
    ) => await SubmitCoreAsync(true, transactionActions, cancellationToken).ConfigureAwait(false);

    /// <summary>Applies all actions or none: at most 100, on rows of one partition, each row once.</summary>
    public virtual Response<IReadOnlyList<Response>> SubmitTransaction(
        IEnumerable<TableTransactionAction> transactionActions,
        CancellationToken cancellationToken = default
    ) => SubmitCoreAsync(false, transactionActions, cancellationToken).Completed();

    /// <summary>Rows that a filter selects, in the order of their keys; errors surface on enumeration.</summary>
    public virtual AsyncPageable<T> QueryAsync<T>(
        string filter = null,
        int? maxPerPage = null,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        new AsyncPages<T>(Rows<T>(filter, select, cancellationToken), maxPerPage, cancellationToken);

    /// <summary>Rows that a predicate selects, in the order of their keys; errors surface on enumeration.</summary>
    public virtual AsyncPageable<T> QueryAsync<T>(
        Expression<Func<T, bool>> filter,
        int? maxPerPage = null,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        QueryAsync<T>(CreateQueryFilter(filter), maxPerPage, select, cancellationToken);

    /// <summary>Rows that a filter selects, in the order of their keys; errors surface on enumeration.</summary>
    public virtual Pageable<T> Query<T>(
        string filter = null,
        int? maxPerPage = null,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity =>
        new Pages<T>(Rows<T>(filter, select, cancellationToken), maxPerPage, cancellationToken);

    /// <summary>Rows that a predicate selects, in the order of their keys; errors surface on enumeration.</summary>
    public virtual Pageable<T> Query<T>(
        Expression<Func<T, bool>> filter,
        int? maxPerPage = null,
        IEnumerable<string> select = null,
        CancellationToken cancellationToken = default
    )
        where T : class, ITableEntity => Query<T>(CreateQueryFilter(filter), maxPerPage, select, cancellationToken);

    /// <summary>A filter whose interpolated values are escaped by their types.</summary>
    public static string CreateQueryFilter(FormattableString filter) => ODataLiteral.Format(filter);

    /// <summary>A filter from a predicate over a row.</summary>
    public static string CreateQueryFilter<T>(Expression<Func<T, bool>> filter) => ODataExpression.Translate(filter);
}
