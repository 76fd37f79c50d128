using Azure.Core;
using Azure.Data.Tables.Http;
using Azure.Data.Tables.Models;
using Azure.Data.Tables.Serialization;

namespace Azure.Data.Tables;

/// <content>Each call once, run asynchronously or not as its caller asks.</content>
public partial class TableClient
{
    ValueTask<Response<TableItem>> CreateCoreAsync(bool async, int tolerated, CancellationToken ct) =>
        TableCalls.CreateTableAsync(async, rest, Name, tolerated, ct);

    async ValueTask<Response> AddCoreAsync<T>(bool async, T entity, CancellationToken ct)
        where T : ITableEntity
    {
        if (entity is null)
        {
            throw new ArgumentNullException(nameof(entity));
        }
        using var message = rest.Message(RequestMethod.Post, Name);
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        TableRest.SetBody(message.Request, EntityJson.Write(entity));
        return await rest.SendAsync(async, message, ct).ConfigureAwait(false);
    }

    async ValueTask<Response<T>> GetCoreAsync<T>(
        bool async,
        string partitionKey,
        string rowKey,
        IEnumerable<string> select,
        CancellationToken ct
    )
        where T : class, ITableEntity
    {
        var response = await FetchAsync(async, partitionKey, rowKey, select, tolerated: 0, ct).ConfigureAwait(false);
        return Response.FromValue(ReadRow<T>(response), response);
    }

    async ValueTask<NullableResponse<T>> GetIfExistsCoreAsync<T>(
        bool async,
        string partitionKey,
        string rowKey,
        IEnumerable<string> select,
        CancellationToken ct
    )
        where T : class, ITableEntity
    {
        var response = await FetchAsync(async, partitionKey, rowKey, select, tolerated: 404, ct).ConfigureAwait(false);
        return response.Status == 404 ? new NoRow<T>(response) : Response.FromValue(ReadRow<T>(response), response);
    }

    async ValueTask<Response> FetchAsync(
        bool async,
        string partitionKey,
        string rowKey,
        IEnumerable<string> select,
        int tolerated,
        CancellationToken ct
    )
    {
        using var message = rest.Message(RequestMethod.Get, TableRest.RowPath(Name, partitionKey, rowKey));
        if (select is not null)
        {
            message.Request.Uri.AppendQuery("$select", string.Join(",", select), escapeValue: true);
        }
        return await rest.SendAsync(async, message, ct, tolerated).ConfigureAwait(false);
    }

    static T ReadRow<T>(Response response)
        where T : class, ITableEntity
    {
        using var document = System.Text.Json.JsonDocument.Parse(response.Content);
        return EntityJson.Read<T>(document.RootElement);
    }

    async ValueTask<Response> UpdateCoreAsync<T>(
        bool async,
        T entity,
        ETag ifMatch,
        TableUpdateMode mode,
        CancellationToken ct
    )
        where T : ITableEntity =>
        ifMatch == default
            ? throw new ArgumentException(
                "State the version that is changed: the row's ETag, or ETag.All.",
                nameof(ifMatch)
            )
            : await WriteCoreAsync(async, entity, mode, ifMatch, ct).ConfigureAwait(false);

    async ValueTask<Response> WriteCoreAsync<T>(
        bool async,
        T entity,
        TableUpdateMode mode,
        ETag ifMatch,
        CancellationToken ct
    )
        where T : ITableEntity
    {
        if (entity is null)
        {
            throw new ArgumentNullException(nameof(entity));
        }
        var method = mode is TableUpdateMode.Replace ? RequestMethod.Put : RequestMethod.Patch;
        using var message = rest.Message(method, TableRest.RowPath(Name, entity.PartitionKey, entity.RowKey));
        if (ifMatch != default)
        {
            message.Request.Headers.SetValue(HttpHeader.Names.IfMatch, ifMatch.ToString("H"));
        }
        TableRest.SetBody(message.Request, EntityJson.Write(entity));
        return await rest.SendAsync(async, message, ct).ConfigureAwait(false);
    }

    async ValueTask<Response> DeleteCoreAsync(
        bool async,
        string partitionKey,
        string rowKey,
        ETag ifMatch,
        CancellationToken ct
    )
    {
        using var message = rest.Message(RequestMethod.Delete, TableRest.RowPath(Name, partitionKey, rowKey));
        var condition = ifMatch == default ? ETag.All : ifMatch;
        message.Request.Headers.SetValue(HttpHeader.Names.IfMatch, condition.ToString("H"));
        return await rest.SendAsync(async, message, ct, tolerated: 404).ConfigureAwait(false);
    }

    async ValueTask<Response<IReadOnlyList<Response>>> SubmitCoreAsync(
        bool async,
        IEnumerable<TableTransactionAction> transactionActions,
        CancellationToken ct
    )
    {
        ArgumentNullException.ThrowIfNull(transactionActions);
        var actions = transactionActions.ToList();
        if (actions.Count == 0)
        {
            throw new InvalidOperationException("A transaction needs at least one action.");
        }
        using var message = rest.Message(RequestMethod.Post, "$batch");
        var (contentType, body) = TransactionBody.Write(rest, Name, actions);
        message.Request.Headers.SetValue(HttpHeader.Names.ContentType, contentType);
        message.Request.Content = RequestContent.Create(body);
        var response = await rest.SendAsync(async, message, ct).ConfigureAwait(false);
        var parts = await TransactionBody.ReadAsync(async, response, ct).ConfigureAwait(false);
        if (parts.Find(part => part.IsError) is { } refusal)
        {
            throw new TableTransactionFailedException(
                new RequestFailedException(refusal, innerException: null, TableFailureParser.Instance)
            );
        }
        return parts.Count == actions.Count
            ? Response.FromValue<IReadOnlyList<Response>>(parts, response)
            : throw new RequestFailedException(
                response.Status,
                $"The service answered {parts.Count} of a transaction's {actions.Count} actions."
            );
    }

    NextPage<T> Rows<T>(string filter, IEnumerable<string> select, CancellationToken ct)
        where T : class, ITableEntity =>
        async (async, continuationToken, pageSize) =>
        {
            var (nextPartition, nextRow) = TableCalls.ParseToken(continuationToken);
            var (response, document) = await rest.QueryAsync(
                    async,
                    Name + "()",
                    [
                        ("$top", TableCalls.Top(pageSize)),
                        ("$select", select is null ? null : string.Join(",", select)),
                        ("$filter", string.IsNullOrEmpty(filter) ? null : filter),
                        ("NextPartitionKey", nextPartition),
                        ("NextRowKey", nextRow),
                    ],
                    ct
                )
                .ConfigureAwait(false);
            using (document)
            {
                var rows = document
                    .RootElement.GetProperty("value")
                    .EnumerateArray()
                    .Select(EntityJson.Read<T>)
                    .ToList();
                return Page<T>.FromValues(rows, TableCalls.TokenOf(response), response);
            }
        };

    sealed class NoRow<T>(Response response) : NullableResponse<T>
    {
        public override bool HasValue => false;

        public override T Value => throw new InvalidOperationException("There is no such row: see HasValue.");

        public override Response GetRawResponse() => response;
    }
}
