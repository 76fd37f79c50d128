using System.Text;
using Azure.Core;

namespace Azure.Data.Tables.Http;

/// <summary>The answer to one action of a transaction.</summary>
sealed class PartResponse : Response
{
    readonly List<(string Name, string Value)> headers;

    public PartResponse(
        int status,
        string reasonPhrase,
        string clientRequestId,
        List<(string Name, string Value)> headers,
        string body
    )
    {
        Status = status;
        ReasonPhrase = reasonPhrase;
        ClientRequestId = clientRequestId;
        this.headers = headers;
        ContentStream = new MemoryStream(
            Encoding.UTF8.GetBytes(body),
            0,
            Encoding.UTF8.GetByteCount(body),
            false,
            true
        );
    }

    public override int Status { get; }

    public override string ReasonPhrase { get; }

    public override Stream ContentStream { get; set; }

    public override string ClientRequestId { get; set; }

    public override bool IsError => Status >= 400;

    public override void Dispose() => ContentStream?.Dispose();

    protected override bool ContainsHeader(string name) => Values(name).Any();

    protected override IEnumerable<HttpHeader> EnumerateHeaders() =>
        headers.Select(h => new HttpHeader(h.Name, h.Value));

    protected override bool TryGetHeader(string name, out string value)
    {
        var values = Values(name).ToList();
        value = values.Count == 0 ? null : string.Join(",", values);
        return values.Count > 0;
    }

    protected override bool TryGetHeaderValues(string name, out IEnumerable<string> values)
    {
        values = Values(name).ToList();
        return values.Any();
    }

    IEnumerable<string> Values(string name) =>
        headers.Where(h => string.Equals(h.Name, name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value);
}
