using System.Text.Json;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Azure.Data.Tables.Http;

/// <summary>Requests to one account's Table service: addresses, headers, the pipeline that sends them, refusals as exceptions.</summary>
sealed class TableRest
{
    const string JsonMinimalMetadata = "application/json;odata=minimalmetadata";

    readonly HttpPipeline pipeline;
    readonly string version;

    TableRest(Uri endpoint, string accountName, TableClientOptions options, params HttpPipelinePolicy[] authentication)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        options ??= new TableClientOptions();
        Endpoint = endpoint;
        AccountName = accountName ?? AccountOf(endpoint);
        version = options.VersionString;
        var pipelineOptions = new HttpPipelineOptions(options)
        {
            RequestFailedDetailsParser = TableFailureParser.Instance,
        };
        foreach (var policy in authentication)
        {
            pipelineOptions.PerRetryPolicies.Add(policy);
        }
        pipeline = HttpPipelineBuilder.Build(pipelineOptions);
    }

    public Uri Endpoint { get; }

    public string AccountName { get; }

    public static TableRest Open(string connectionString, TableClientOptions options)
    {
        var parsed = TableConnectionString.Parse(connectionString);
        return parsed.Key is { } key ? Open(parsed.Endpoint, key, options) : Open(parsed.Endpoint, parsed.Sas, options);
    }

    public static TableRest Open(Uri endpoint, TableSharedKeyCredential credential, TableClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        return new(endpoint, credential.AccountName, options, new SharedKeyPolicy(credential));
    }

    public static TableRest Open(Uri endpoint, AzureSasCredential credential, TableClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        if (endpoint is { Query.Length: > 1 })
        {
            throw new ArgumentException("The address must not carry a signature of its own beside the credential's.");
        }
        return new(endpoint, null, options, new SasPolicy(credential));
    }

    public static TableRest Open(Uri endpoint, TokenCredential credential, TableClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(credential);
        var scope = (options?.Audience ?? TableAudience.AzurePublicCloud).DefaultScope;
        return new(endpoint, null, options, new BearerTokenAuthenticationPolicy(credential, scope));
    }

    /// <summary>An address that carries its signature, or needs none.</summary>
    public static TableRest Open(Uri endpoint, TableClientOptions options) => new(endpoint, null, options);

    /// <summary>A request to a path under the endpoint, with the headers that every call has.</summary>
    public HttpMessage Message(RequestMethod method, string path)
    {
        var message = pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(Endpoint);
        if (!request.Uri.Path.EndsWith('/'))
        {
            request.Uri.AppendPath("/", escape: false);
        }
        request.Uri.AppendPath(path, escape: false);
        request.Headers.SetValue("x-ms-version", version);
        request.Headers.SetValue("DataServiceVersion", "3.0");
        request.Headers.SetValue(HttpHeader.Names.Accept, JsonMinimalMetadata);
        return message;
    }

    /// <summary>The address of one row, below the endpoint.</summary>
    public static string RowPath(string table, string partitionKey, string rowKey)
    {
        ArgumentNullException.ThrowIfNull(partitionKey);
        ArgumentNullException.ThrowIfNull(rowKey);
        return $"{table}(PartitionKey='{Escape(partitionKey)}',RowKey='{Escape(rowKey)}')";
    }

    public static void SetBody(Request request, byte[] json)
    {
        request.Headers.SetValue(HttpHeader.Names.ContentType, "application/json");
        request.Content = RequestContent.Create(json);
    }

    /// <summary>Sends, and throws for any refusal but the tolerated one.</summary>
    public async ValueTask<Response> SendAsync(bool async, HttpMessage message, CancellationToken ct, int tolerated = 0)
    {
        if (async)
        {
            await pipeline.SendAsync(message, ct).ConfigureAwait(false);
        }
        else
        {
            pipeline.Send(message, ct);
        }
        var response = message.Response;
        return response.IsError && response.Status != tolerated ? throw new RequestFailedException(response) : response;
    }

    /// <summary>One page of a query, with the headers that say where the next one begins.</summary>
    public async ValueTask<(Response Response, JsonDocument Rows)> QueryAsync(
        bool async,
        string path,
        IEnumerable<(string Name, string Value)> query,
        CancellationToken ct
    )
    {
        using var message = Message(RequestMethod.Get, path);
        foreach (var (name, value) in query)
        {
            if (value is not null)
            {
                message.Request.Uri.AppendQuery(name, value, escapeValue: true);
            }
        }
        var response = await SendAsync(async, message, ct).ConfigureAwait(false);
        return (response, JsonDocument.Parse(response.Content));
    }

    static string Escape(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));

    // http://127.0.0.1:10002/account, else https://account.table.core.windows.net
    static string AccountOf(Uri endpoint)
    {
        var segments = endpoint.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var byPath = endpoint.HostNameType != UriHostNameType.Dns || endpoint.IsLoopback;
        return byPath ? segments.FirstOrDefault() ?? "" : endpoint.Host.Split('.')[0];
    }
}
