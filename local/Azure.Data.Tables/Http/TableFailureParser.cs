using System.Globalization;
using System.Text.Json;
using Azure.Core;

namespace Azure.Data.Tables.Http;

/// <summary>Reads code and message out of the service's <c>odata.error</c>.</summary>
sealed class TableFailureParser : RequestFailedDetailsParser
{
    /// <summary>Where the index of a transaction's failed action is kept in the exception's data.</summary>
    public const string FailedIndexKey = "FailedEntity";

    public static readonly TableFailureParser Instance = new();

    public override bool TryParse(Response response, out ResponseError error, out IDictionary<string, string> data)
    {
        (error, data) = (null, null);
        try
        {
            using var document = JsonDocument.Parse(response.Content);
            if (
                document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("odata.error", out var body)
            )
            {
                return false;
            }
            var code = body.TryGetProperty("code", out var name) ? name.GetString() : null;
            var message =
                body.TryGetProperty("message", out var text) && text.TryGetProperty("value", out var value)
                    ? value.GetString()
                    : null;
            error = new ResponseError(code, message);
            data = FailedIndex(message);
            return true;
        }
        catch (JsonException)
        {
            // Not the service's own words (a proxy's page, an empty body): the status alone speaks.
            return false;
        }
    }

    // A transaction's refusal begins with the index of the action: "2:The specified entity already exists."
    static Dictionary<string, string> FailedIndex(string message)
    {
        var colon = message?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return
            colon > 0 && int.TryParse(message.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out _)
            ? new(StringComparer.Ordinal) { [FailedIndexKey] = message[..colon] }
            : null;
    }
}
