using System.Globalization;
using System.Text;
using Azure.Data.Tables.Serialization;

namespace Azure.Data.Tables.Http;

/// <summary>An entity group transaction as multipart/mixed: one change set in one batch, and the answers in the same form.</summary>
static class TransactionBody
{
    const string NewLine = "\r\n";

    public static (string ContentType, byte[] Body) Write(
        TableRest rest,
        string table,
        IReadOnlyList<TableTransactionAction> actions
    )
    {
        // A repeated boundary does no harm, but one that occurs in a row's text would.
        var (batch, changes) = ($"batch_{Guid.NewGuid():D}", $"changeset_{Guid.NewGuid():D}");
        var text = new StringBuilder();
        Line(text, $"--{batch}");
        Line(text, $"Content-Type: multipart/mixed; boundary={changes}");
        Line(text, "");
        foreach (var action in actions)
        {
            Line(text, $"--{changes}");
            Line(text, "Content-Type: application/http");
            Line(text, "Content-Transfer-Encoding: binary");
            Line(text, "");
            WriteAction(text, rest, table, action);
        }
        Line(text, $"--{changes}--");
        Line(text, $"--{batch}--");
        return ($"multipart/mixed; boundary={batch}", Encoding.UTF8.GetBytes(text.ToString()));
    }

    static void WriteAction(StringBuilder text, TableRest rest, string table, TableTransactionAction action)
    {
        var row = action.Entity;
        var root = rest.Endpoint.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";
        var path =
            action.ActionType is TableTransactionActionType.Add
                ? table
                : TableRest.RowPath(table, row.PartitionKey, row.RowKey);
        Line(text, $"{Verb(action.ActionType)} {root}{path} HTTP/1.1");
        Line(text, "Accept: application/json;odata=minimalmetadata");
        Line(text, "DataServiceVersion: 3.0");
        if (Condition(action) is { } condition)
        {
            Line(text, $"If-Match: {condition}");
        }
        if (action.ActionType is TableTransactionActionType.Delete)
        {
            Line(text, "");
            return;
        }
        var json = EntityJson.Write(row);
        if (action.ActionType is TableTransactionActionType.Add)
        {
            Line(text, "Prefer: return-no-content");
        }
        Line(text, "Content-Type: application/json;odata=nometadata");
        Line(text, string.Create(CultureInfo.InvariantCulture, $"Content-Length: {json.Length}"));
        Line(text, "");
        Line(text, Encoding.UTF8.GetString(json));
    }

    static string Verb(TableTransactionActionType type) =>
        type switch
        {
            TableTransactionActionType.Add => "POST",
            TableTransactionActionType.UpdateMerge or TableTransactionActionType.UpsertMerge => "PATCH",
            TableTransactionActionType.UpdateReplace or TableTransactionActionType.UpsertReplace => "PUT",
            TableTransactionActionType.Delete => "DELETE",
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Unknown kind of action."),
        };

    // Without a condition an update is an insert-or-update to the service; a delete always needs one.
    static string Condition(TableTransactionAction action) =>
        action.ActionType switch
        {
            TableTransactionActionType.UpdateMerge
            or TableTransactionActionType.UpdateReplace when action.ETag != default => action.ETag.ToString("H"),
            TableTransactionActionType.Delete => (action.ETag == default ? ETag.All : action.ETag).ToString("H"),
            _ => null,
        };

    /// <summary>The answers, one an action; a single one when the transaction was refused.</summary>
    public static async ValueTask<List<Response>> ReadAsync(bool async, Response response, CancellationToken ct)
    {
        using var reader = new StreamReader(response.ContentStream, Encoding.UTF8);
#pragma warning disable CA1849, MA0042, VSTHRD103 // Synchronous twins read synchronously.
        var text = async ? await reader.ReadToEndAsync(ct).ConfigureAwait(false) : reader.ReadToEnd();
#pragma warning restore CA1849, MA0042, VSTHRD103
        var lines = text.Split('\n').Select(line => line.TrimEnd('\r')).ToArray();
        var parts = new List<Response>();
        for (var at = 0; at < lines.Length; at++)
        {
            if (lines[at].StartsWith("HTTP/1.", StringComparison.Ordinal))
            {
                parts.Add(ReadPart(lines, ref at, response.ClientRequestId));
            }
        }
        return parts;
    }

    static PartResponse ReadPart(string[] lines, ref int at, string clientRequestId)
    {
        var status = lines[at].Split(' ', 3);
        var headers = new List<(string, string)>();
        for (at++; at < lines.Length && lines[at].Length > 0 && !IsBoundary(lines[at]); at++)
        {
            var colon = lines[at].IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.Add((lines[at][..colon], lines[at][(colon + 1)..].Trim()));
            }
        }
        var body = new StringBuilder();
        for (; at < lines.Length && !IsBoundary(lines[at]); at++)
        {
            body.AppendLine(lines[at]);
        }
        return new PartResponse(
            int.Parse(status[1], CultureInfo.InvariantCulture),
            status.Length > 2 ? status[2] : "",
            clientRequestId,
            headers,
            body.ToString().Trim()
        );
    }

    static bool IsBoundary(string line) =>
        line.StartsWith("--changeset", StringComparison.Ordinal)
        || line.StartsWith("--batch", StringComparison.Ordinal);

    static void Line(StringBuilder text, string line) => text.Append(line).Append(NewLine);
}
