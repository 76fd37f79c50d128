using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portability.Terminations;

namespace Portability.Http.Calls;

/// <summary>A success: status, JSON body, and where the thing is.</summary>
public sealed record ApiAnswer(int Status, object Body) : IResult
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>Address of what was made.</summary>
    public string? Location { get; init; }

    /// <summary>The case's version that the body shows, for <c>If-Match</c>.</summary>
    public long? Version { get; init; }

    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(Body, Body.GetType(), EventCodec.Json);
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.ContentLength = json.Length;
        response.Headers.CacheControl = "no-store";
        if (Location is not null)
        {
            response.Headers.Location = Location;
        }
        if (Version is { } version)
        {
            response.Headers.ETag = TagOf(version);
        }
        await response.Body.WriteAsync(json, httpContext.RequestAborted);
    }

    /// <summary>A version as an entity tag.</summary>
    public static string TagOf(long version) => $"\"{version.ToString(CultureInfo.InvariantCulture)}\"";
}
