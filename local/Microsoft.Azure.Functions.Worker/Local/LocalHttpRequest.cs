using System.Net;
using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;

namespace Portability.Local;

/// <summary>The worker's view of an ASP.NET Core request.</summary>
internal sealed class LocalHttpRequest(FunctionContext context, HttpContext http) : HttpRequestData(context)
{
    private HttpHeadersCollection? _headers;
    private Uri? _url;

    public override Stream Body => http.Request.Body;

    public override HttpHeadersCollection Headers =>
        _headers ??= new HttpHeadersCollection(
            http.Request.Headers.Select(header => KeyValuePair.Create(header.Key, header.Value.OfType<string>()))
        );

    public override IReadOnlyCollection<IHttpCookie> Cookies =>
        [.. http.Request.Cookies.Select(cookie => new HttpCookie(cookie.Key, cookie.Value))];

    public override Uri Url => _url ??= new Uri(http.Request.GetDisplayUrl());

    public override IEnumerable<ClaimsIdentity> Identities => http.User.Identities;

    public override string Method => http.Request.Method;

    public override HttpResponseData CreateResponse() => new LocalHttpResponse(FunctionContext, http.Response);
}

/// <summary>
/// The worker's view of an ASP.NET Core response: the body goes straight out, status and headers when it begins to.
/// </summary>
internal sealed class LocalHttpResponse : HttpResponseData
{
    private readonly HttpResponse _response;

    public LocalHttpResponse(FunctionContext context, HttpResponse response)
        : base(context)
    {
        _response = response;
        Cookies = new ResponseCookies(response);
        response.OnStarting(() =>
        {
            Apply();
            return Task.CompletedTask;
        });
    }

    public override HttpStatusCode StatusCode
    {
        get => (HttpStatusCode)_response.StatusCode;
        set => _response.StatusCode = (int)value;
    }

    public override HttpHeadersCollection Headers { get; set; } = [];

    public override Stream Body
    {
        get => _response.Body;
        set => _response.Body = value;
    }

    public override HttpCookies Cookies { get; }

    /// <summary>Sends the answer when the function did not write a body.</summary>
    public static Task FinishAsync(HttpContext http) => http.Response.StartAsync(http.RequestAborted);

    private void Apply()
    {
        foreach (KeyValuePair<string, IEnumerable<string>> header in Headers)
        {
            _response.Headers[header.Key] = header.Value.ToArray();
        }
    }

    private sealed class ResponseCookies(HttpResponse response) : HttpCookies
    {
        public override void Append(string name, string value) => response.Cookies.Append(name, value);

        public override void Append(IHttpCookie cookie) =>
            response.Cookies.Append(
                cookie.Name,
                cookie.Value,
                new CookieOptions
                {
                    Domain = cookie.Domain,
                    Expires = cookie.Expires,
                    HttpOnly = cookie.HttpOnly ?? false,
                    MaxAge = cookie.MaxAge is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                    Path = cookie.Path ?? "/",
                    Secure = cookie.Secure ?? false,
                    SameSite = cookie.SameSite switch
                    {
                        SameSite.Lax => SameSiteMode.Lax,
                        SameSite.Strict => SameSiteMode.Strict,
                        SameSite.ExplicitNone => SameSiteMode.None,
                        _ => SameSiteMode.Unspecified,
                    },
                }
            );

        public override IHttpCookie CreateNew() => new HttpCookie("", "");
    }
}
