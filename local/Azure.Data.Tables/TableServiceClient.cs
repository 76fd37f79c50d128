using System.Linq.Expressions;
using Azure.Core;
using Azure.Data.Tables.Http;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Query;

namespace Azure.Data.Tables;

/// <summary>The tables of a storage account.</summary>
public partial class TableServiceClient
{
    readonly TableRest rest;

    /// <summary>For tests that replace the client.</summary>
    protected TableServiceClient() { }

    /// <summary>The account that a connection string names.</summary>
    public TableServiceClient(string connectionString)
        : this(connectionString, null) { }

    /// <summary>The account that a connection string names.</summary>
    public TableServiceClient(string connectionString, TableClientOptions options = null) =>
        rest = TableRest.Open(connectionString, options);

    /// <summary>An account, with a signature that may change.</summary>
    public TableServiceClient(Uri endpoint, AzureSasCredential credential)
        : this(endpoint, credential, null) { }

    /// <summary>An account, with a signature that may change.</summary>
    public TableServiceClient(Uri endpoint, AzureSasCredential credential, TableClientOptions options = null) =>
        rest = TableRest.Open(endpoint, credential, options);

    /// <summary>An account, with Entra ID tokens.</summary>
    public TableServiceClient(Uri endpoint, TokenCredential tokenCredential, TableClientOptions options = null) =>
        rest = TableRest.Open(endpoint, tokenCredential, options);

    /// <summary>An account by an address that carries a signature.</summary>
    public TableServiceClient(Uri endpoint, TableClientOptions options = null) =>
        rest = TableRest.Open(endpoint, options);

    /// <summary>An account, with its key.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential)
        : this(endpoint, credential, null) { }

    /// <summary>An account, with its key.</summary>
    public TableServiceClient(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions options) =>
        rest = TableRest.Open(endpoint, credential, options);

    /// <summary>The account.</summary>
    public virtual string AccountName => rest.AccountName;

    /// <summary>The service's address, without any signature.</summary>
    public virtual Uri Uri => new(rest.Endpoint.GetLeftPart(UriPartial.Path));

    /// <summary>One of the account's tables, there or not.</summary>
    public virtual TableClient GetTableClient(string tableName) => new(rest, tableName);

    /// <summary>Creates a table; 409 when it is there.</summary>
    public virtual async Task<Response<TableItem>> CreateTableAsync(
        string tableName,
        CancellationToken cancellationToken = default
    ) => await TableCalls.CreateTableAsync(true, rest, tableName, 0, cancellationToken).ConfigureAwait(false);

    /// <summary>Creates a table; 409 when it is there.</summary>
    public virtual Response<TableItem> CreateTable(string tableName, CancellationToken cancellationToken = default) =>
        TableCalls.CreateTableAsync(false, rest, tableName, 0, cancellationToken).Completed();

    /// <summary>Creates a table unless it is there; the raw response then says 409.</summary>
    public virtual async Task<Response<TableItem>> CreateTableIfNotExistsAsync(
        string tableName,
        CancellationToken cancellationToken = default
    ) => await TableCalls.CreateTableAsync(true, rest, tableName, 409, cancellationToken).ConfigureAwait(false);

    /// <summary>Creates a table unless it is there; the raw response then says 409.</summary>
    public virtual Response<TableItem> CreateTableIfNotExists(
        string tableName,
        CancellationToken cancellationToken = default
    ) => TableCalls.CreateTableAsync(false, rest, tableName, 409, cancellationToken).Completed();

    /// <summary>Deletes a table; a missing one is no error.</summary>
    public virtual async Task<Response> DeleteTableAsync(
        string tableName,
        CancellationToken cancellationToken = default
    ) => await TableCalls.DeleteTableAsync(true, rest, tableName, cancellationToken).ConfigureAwait(false);

    /// <summary>Deletes a table; a missing one is no error.</summary>
    public virtual Response DeleteTable(string tableName, CancellationToken cancellationToken = default) =>
        TableCalls.DeleteTableAsync(false, rest, tableName, cancellationToken).Completed();

    /// <summary>Tables that a filter over <c>TableName</c> selects.</summary>
    public virtual AsyncPageable<TableItem> QueryAsync(
        string filter = null,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => new AsyncPages<TableItem>(TableCalls.Tables(rest, filter, cancellationToken), maxPerPage, cancellationToken);

    /// <summary>Tables that a filter over <c>TableName</c> selects; interpolated values are escaped.</summary>
    public virtual AsyncPageable<TableItem> QueryAsync(
        FormattableString filter,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => QueryAsync(CreateQueryFilter(filter), maxPerPage, cancellationToken);

    /// <summary>Tables that a predicate selects.</summary>
    public virtual AsyncPageable<TableItem> QueryAsync(
        Expression<Func<TableItem, bool>> filter,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => QueryAsync(CreateQueryFilter(filter), maxPerPage, cancellationToken);

    /// <summary>Tables that a filter over <c>TableName</c> selects.</summary>
    public virtual Pageable<TableItem> Query(
        string filter = null,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => new Pages<TableItem>(TableCalls.Tables(rest, filter, cancellationToken), maxPerPage, cancellationToken);

    /// <summary>Tables that a filter over <c>TableName</c> selects; interpolated values are escaped.</summary>
    public virtual Pageable<TableItem> Query(
        FormattableString filter,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => Query(CreateQueryFilter(filter), maxPerPage, cancellationToken);

    /// <summary>Tables that a predicate selects.</summary>
    public virtual Pageable<TableItem> Query(
        Expression<Func<TableItem, bool>> filter,
        int? maxPerPage = null,
        CancellationToken cancellationToken = default
    ) => Query(CreateQueryFilter(filter), maxPerPage, cancellationToken);

    /// <summary>A filter whose interpolated values are escaped by their types.</summary>
    public static string CreateQueryFilter(FormattableString filter) => ODataLiteral.Format(filter);

    /// <summary>A filter from a predicate over a table.</summary>
    public static string CreateQueryFilter(Expression<Func<TableItem, bool>> filter) =>
        ODataExpression.Translate(filter);
}
