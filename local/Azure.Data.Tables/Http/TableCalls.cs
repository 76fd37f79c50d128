using System.Globalization;
using System.Text.Json;
using Azure.Core;
using Azure.Data.Tables.Models;

namespace Azure.Data.Tables.Http;

/// <summary>Calls about whole tables, and the forms that continuation tokens and addresses take.</summary>
static class TableCalls
{
    public static async ValueTask<Response<TableItem>> CreateTableAsync(
        bool async,
        TableRest rest,
        string table,
        int tolerated,
        CancellationToken ct
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        using var message = rest.Message(RequestMethod.Post, "Tables");
        message.Request.Headers.SetValue("Prefer", "return-no-content");
        TableRest.SetBody(
            message.Request,
            JsonSerializer.SerializeToUtf8Bytes(
                new Dictionary<string, string>(StringComparer.Ordinal) { ["TableName"] = table }
            )
        );
        var response = await rest.SendAsync(async, message, ct, tolerated).ConfigureAwait(false);
        if (response.IsError)
        {
            // 409 is also what a table says that is still being deleted: that one is not there.
            var refusal = new RequestFailedException(response);
            if (refusal.ErrorCode != TableErrorCode.TableAlreadyExists)
            {
                throw refusal;
            }
        }
        return Response.FromValue(new TableItem(table), response);
    }

    public static async ValueTask<Response> DeleteTableAsync(
        bool async,
        TableRest rest,
        string table,
        CancellationToken ct
    )
    {
        ArgumentException.ThrowIfNullOrEmpty(table);
        using var message = rest.Message(RequestMethod.Delete, $"Tables('{Uri.EscapeDataString(table)}')");
        return await rest.SendAsync(async, message, ct, tolerated: 404).ConfigureAwait(false);
    }

    public static NextPage<TableItem> Tables(TableRest rest, string filter, CancellationToken ct) =>
        async (async, continuationToken, pageSize) =>
        {
            var (response, document) = await rest.QueryAsync(
                    async,
                    "Tables",
                    [
                        ("$top", Top(pageSize)),
                        ("$filter", string.IsNullOrEmpty(filter) ? null : filter),
                        ("NextTableName", continuationToken),
                    ],
                    ct
                )
                .ConfigureAwait(false);
            using (document)
            {
                var tables = document
                    .RootElement.GetProperty("value")
                    .EnumerateArray()
                    .Select(row => new TableItem(row.GetProperty("TableName").GetString()))
                    .ToList();
                response.Headers.TryGetValue("x-ms-continuation-NextTableName", out var next);
                return Page<TableItem>.FromValues(tables, next, response);
            }
        };

    public static string Top(int? pageSize) => pageSize?.ToString(CultureInfo.InvariantCulture);

    /// <summary>Both keys of the next row, which may hold any character, as one token; null at the end.</summary>
    public static string TokenOf(Response response) =>
        response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition)
            ? Uri.EscapeDataString(partition)
                + " "
                + (
                    response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row)
                        ? Uri.EscapeDataString(row)
                        : ""
                )
            : null;

    public static (string Partition, string Row) ParseToken(string token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return (null, null);
        }
        var space = token.IndexOf(' ', StringComparison.Ordinal);
        return space < 0
            ? throw new ArgumentException("This is no continuation token of a table query.", nameof(token))
            : (
                Uri.UnescapeDataString(token[..space]),
                space + 1 == token.Length ? null : Uri.UnescapeDataString(token[(space + 1)..])
            );
    }

    /// <summary>The table that an address ends in.</summary>
    public static string TableOf(Uri tableAddress)
    {
        ArgumentNullException.ThrowIfNull(tableAddress);
        return tableAddress.AbsolutePath.Trim('/').Split('/')[^1] is { Length: > 0 } name
            ? name
            : throw new ArgumentException("The address names no table.", nameof(tableAddress));
    }

    /// <summary>The account's address, of a table's one; its query (a signature) stays.</summary>
    public static Uri AccountOf(Uri tableAddress)
    {
        var builder = new UriBuilder(tableAddress);
        builder.Path = builder.Path.TrimEnd('/')[..^TableOf(tableAddress).Length];
        return builder.Uri;
    }
}
