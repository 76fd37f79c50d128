using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker.Http;
using Portability.Local;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>The request and answer of an HTTP invocation in the worker's terms.</summary>
public static class FunctionContextHttpRequestExtensions
{
    /// <returns>The request; null for a function that HTTP did not start.</returns>
    public static ValueTask<HttpRequestData?> GetHttpRequestDataAsync(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<IHttpRequestDataFeature>()?.GetHttpRequestDataAsync(context)
            ?? ValueTask.FromResult<HttpRequestData?>(null);
    }

    /// <returns>The function's answer when it returned one of this type; otherwise null.</returns>
    public static HttpResponseData? GetHttpResponseData(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<InvocationOutcome>()?.Value as HttpResponseData;
    }
}

/// <summary>ASP.NET Core's view of an HTTP invocation.</summary>
public static class FunctionContextExtensions
{
    // The official extension's key, which unit tests of functions set by hand.
    internal const string HttpContextKey = "HttpRequestContext";

    /// <returns>The HTTP context; null for a function that HTTP did not start.</returns>
    public static HttpContext? GetHttpContext(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items.TryGetValue(HttpContextKey, out object? value) ? value as HttpContext : null;
    }
}
