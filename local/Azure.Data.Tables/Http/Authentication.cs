using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables.Http;

/// <summary>Signs each attempt with the account's key (Shared Key Lite).</summary>
sealed class SharedKeyPolicy(TableSharedKeyCredential credential) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
#pragma warning disable RS0030 // The service knows the real clock only and refuses a signature 15 minutes off.
        var date = DateTimeOffset.UtcNow.ToString("R", CultureInfo.InvariantCulture);
#pragma warning restore RS0030
        var uri = message.Request.Uri.ToUri();
        message.Request.Headers.SetValue("x-ms-date", date);
        var signature = credential.Sign($"{date}\n/{credential.AccountName}{uri.AbsolutePath}{Component(uri.Query)}");
        message.Request.Headers.SetValue(
            HttpHeader.Names.Authorization,
            $"SharedKeyLite {credential.AccountName}:{signature}"
        );
    }

    // Of the query only "comp" is signed.
    static string Component(string query) =>
        query.TrimStart('?').Split('&').FirstOrDefault(part => part.StartsWith("comp=", StringComparison.Ordinal))
            is { } comp
            ? "?" + comp
            : "";
}

/// <summary>Adds the current signature to the address of each attempt.</summary>
sealed class SasPolicy(AzureSasCredential credential) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        var signature = credential.Signature.TrimStart('?');
        var query = message.Request.Uri.Query;
        // A retry comes by here again with the signature already in place.
        if (!query.Contains(signature, StringComparison.Ordinal))
        {
            message.Request.Uri.Query = query.Length > 1 ? query + "&" + signature : "?" + signature;
        }
    }
}
