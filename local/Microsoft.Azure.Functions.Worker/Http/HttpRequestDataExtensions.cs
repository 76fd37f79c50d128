using System.Net;
using System.Text;
using Azure.Core.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Microsoft.Azure.Functions.Worker.Http;

/// <summary>Reads the body of a request, and begins the answer.</summary>
public static class HttpRequestDataExtensions
{
    /// <returns>The body; null when there is none.</returns>
    public static async Task<string?> ReadAsStringAsync(this HttpRequestData request, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Body is null)
        {
            return null;
        }
        using StreamReader reader = Reader(request, encoding);
        return await reader.ReadToEndAsync();
    }

    /// <inheritdoc cref="ReadAsStringAsync" />
    public static string? ReadAsString(this HttpRequestData request, Encoding? encoding = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Body is null)
        {
            return null;
        }
        using StreamReader reader = Reader(request, encoding);
        return reader.ReadToEnd();
    }

    /// <summary>Reads the body with the worker's serializer.</summary>
    public static ValueTask<T?> ReadFromJsonAsync<T>(
        this HttpRequestData request,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ObjectSerializer serializer =
            request.FunctionContext.InstanceServices.GetService<IOptions<WorkerOptions>>()?.Value.Serializer
            ?? throw new InvalidOperationException("A serializer is not configured for the worker.");
        return request.ReadFromJsonAsync<T>(serializer, cancellationToken);
    }

    /// <summary>Reads the body with a serializer of the caller's.</summary>
    public static async ValueTask<T?> ReadFromJsonAsync<T>(
        this HttpRequestData request,
        ObjectSerializer serializer,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(serializer);
        return (T?)await serializer.DeserializeAsync(request.Body, typeof(T), cancellationToken);
    }

    public static HttpResponseData CreateResponse(this HttpRequestData request, HttpStatusCode statusCode)
    {
        ArgumentNullException.ThrowIfNull(request);
        HttpResponseData response = request.CreateResponse();
        response.StatusCode = statusCode;
        return response;
    }

    private static StreamReader Reader(HttpRequestData request, Encoding? encoding) =>
        new(request.Body, encoding ?? Encoding.UTF8, encoding is null, bufferSize: 1024, leaveOpen: true);
}
