using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Portability.Demo.Tour;

/// <summary>What the application answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">The JSON body, or <see langword="null"/> when there was none.</param>
/// <param name="Text">The body as it came.</param>
internal sealed record PortalAnswer(HttpStatusCode Status, JsonNode? Body, string Text)
{
    /// <summary>Last part of a problem's <c>type</c>, such as <c>late-notice</c>.</summary>
    public string ProblemType => Body?["type"]?.GetValue<string>().Split('/', ':')[^1] ?? "";

    public bool IsSuccess => (int)Status is >= 200 and < 300;
}

/// <summary>Talks to the HTTP contract as a support portal does: a bearer token, JSON, an idempotency key on each POST.</summary>
internal sealed class PortalClient(Uri address) : IDisposable
{
    // Moving the clock answers when everything due has settled, which takes as long as the work takes.
    private readonly HttpClient http = new() { BaseAddress = address, Timeout = TimeSpan.FromMinutes(30) };

    /// <summary>Reads a resource.</summary>
    /// <exception cref="TourException">Any answer but success.</exception>
    public async Task<JsonNode> GetAsync(string path, string token, CancellationToken ct) =>
        Succeeded(HttpMethod.Get, path, await SendAsync(HttpMethod.Get, path, token, content: null, key: null, ct));

    /// <summary>Posts a command.</summary>
    /// <exception cref="TourException">Any answer but success.</exception>
    public async Task<JsonNode> PostAsync(string path, string token, JsonNode body, CancellationToken ct) =>
        Succeeded(HttpMethod.Post, path, await TryPostAsync(path, token, body, Guid.NewGuid().ToString(), ct));

    /// <summary>Posts a command whose refusal is of interest.</summary>
    public Task<PortalAnswer> TryPostAsync(
        string path,
        string? token,
        JsonNode body,
        string key,
        CancellationToken ct
    ) => SendAsync(HttpMethod.Post, path, token, JsonContent.Create(body), key, ct);

    /// <summary>Posts a body that may be no JSON at all.</summary>
    public Task<PortalAnswer> TryPostTextAsync(string path, string token, string body, CancellationToken ct) =>
        SendAsync(
            HttpMethod.Post,
            path,
            token,
            new StringContent(body, Encoding.UTF8, "application/json"),
            Guid.NewGuid().ToString(),
            ct
        );

    /// <summary>Reads a resource whose refusal is of interest.</summary>
    public Task<PortalAnswer> TryGetAsync(string path, string? token, CancellationToken ct) =>
        SendAsync(HttpMethod.Get, path, token, content: null, key: null, ct);

    /// <summary>Reads a file as it is.</summary>
    public async Task<byte[]> GetBytesAsync(string path, string token, CancellationToken ct)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage response = await http.SendAsync(request, ct);
        return response.IsSuccessStatusCode
            ? await response.Content.ReadAsByteArrayAsync(ct)
            : throw new TourException($"GET {path} answered {(int)response.StatusCode}.");
    }

    /// <summary>The embedded runtime's virtual clock.</summary>
    public async Task<DateTimeOffset> ClockAsync(CancellationToken ct) =>
        Instant(Succeeded(HttpMethod.Get, "local/clock", await TryGetAsync("local/clock", token: null, ct)));

    /// <summary>Moves the virtual clock; returns when everything that fell due is done.</summary>
    public async Task<DateTimeOffset> MoveClockAsync(DateTimeOffset to, CancellationToken ct)
    {
        JsonObject body = new() { ["to"] = to.UtcDateTime };
        PortalAnswer answer = await TryPostAsync("local/clock", token: null, body, Guid.NewGuid().ToString(), ct);
        return Instant(Succeeded(HttpMethod.Post, "local/clock", answer));
    }

    public void Dispose() => http.Dispose();

    private static DateTimeOffset Instant(JsonNode clock) =>
        clock["now"]?.GetValue<DateTimeOffset>() ?? throw new TourException("The clock answered without \"now\".");

    private async Task<PortalAnswer> SendAsync(
        HttpMethod method,
        string path,
        string? token,
        HttpContent? content,
        string? key,
        CancellationToken ct
    )
    {
        using HttpRequestMessage request = new(method, path) { Content = content };
        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using HttpResponseMessage response = await http.SendAsync(request, ct);
        string text = await response.Content.ReadAsStringAsync(ct);
        return new PortalAnswer(response.StatusCode, Parse(text), text);
    }

    private static JsonNode? Parse(string text)
    {
        try
        {
            return text.Length == 0 ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            // An answer that is no JSON is shown as text by whoever expected some.
            return null;
        }
    }

    private static JsonNode Succeeded(HttpMethod method, string path, PortalAnswer answer)
    {
        if (answer is { IsSuccess: true, Body: { } body })
        {
            return body;
        }

        string reason = answer.Body?["title"] is { } title ? $"{title}: {answer.Body["detail"]}" : answer.Text;
        throw new TourException($"{method} {path} answered {(int)answer.Status} {reason}");
    }
}
