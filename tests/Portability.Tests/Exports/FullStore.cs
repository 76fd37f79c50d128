using System.Net;

namespace Portability.Tests.Exports;

/// <summary>
/// A forwarder in front of the real Azurite, whose disk is full after so many bytes of blocks: then blocks are answered with 500, as a
/// server does that cannot write. Everything else passes.
/// </summary>
internal sealed class FullStore : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    private readonly string _behind;
    private readonly Task _answering;
    private long _room = long.MaxValue;

    public FullStore(Uri behind)
    {
        _behind = behind.GetLeftPart(UriPartial.Authority);
        Address = $"http://127.0.0.1:{FreePort()}";
        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _answering = AnswerAsync();
    }

    public string Address { get; }

    /// <summary>Bytes of blocks that still fit.</summary>
    public long Room
    {
        get => Interlocked.Read(ref _room);
        set => Interlocked.Exchange(ref _room, value);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _answering;
        _http.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task AnswerAsync()
    {
        var open = new List<Task>();
        while (_listener.IsListening)
        {
            try
            {
                open.Add(AnswerAsync(await _listener.GetContextAsync()));
            }
            catch (Exception closed) when (closed is HttpListenerException or ObjectDisposedException)
            {
                break;
            }
        }

        await Task.WhenAll(open).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        using var body = new MemoryStream();
        await context.Request.InputStream.CopyToAsync(body);
        var isBlock =
            context.Request.HttpMethod == "PUT"
            && context.Request.RawUrl!.Contains("comp=block&", StringComparison.Ordinal);
        if (isBlock && Interlocked.Add(ref _room, -body.Length) < 0)
        {
            context.Response.StatusCode = 500;
            context.Response.Headers["x-ms-error-code"] = "InternalError";
            context.Response.Close();
            return;
        }

        using var request = new HttpRequestMessage(new(context.Request.HttpMethod), _behind + context.Request.RawUrl);
        request.Content = new ByteArrayContent(body.ToArray());
        foreach (var name in context.Request.Headers.AllKeys.OfType<string>())
        {
            if (
                name is not ("Host" or "Transfer-Encoding" or "Connection")
                && !request.Headers.TryAddWithoutValidation(name, context.Request.Headers[name])
            )
            {
                request.Content.Headers.TryAddWithoutValidation(name, context.Request.Headers[name]);
            }
        }

        using var answer = await _http.SendAsync(request);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
        {
            if (name is not ("Transfer-Encoding" or "Content-Length" or "Connection" or "Keep-Alive"))
            {
                context.Response.Headers[name] = string.Join(", ", values);
            }
        }

        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (context.Request.HttpMethod != "HEAD")
        {
            context.Response.ContentLength64 = bytes.Length;
            await context.Response.OutputStream.WriteAsync(bytes);
        }
        else if (answer.Content.Headers.ContentLength is { } length)
        {
            context.Response.ContentLength64 = length;
        }

        context.Response.Close();
    }
}
