using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Portability.Local;

/// <summary>Serves HTTP functions under the route prefix. Routing answers 404 and 405 by itself.</summary>
internal sealed class HttpTriggers(
    IReadOnlyList<FunctionMethod> functions,
    FunctionRunner runner,
    HostFile hostFile,
    AppSettings settings,
    IHostApplicationLifetime lifetime
)
{
    /// <summary>The route of an HTTP function with its prefix and settings in place, beginning with a slash.</summary>
    public string RouteOf(FunctionMethod function)
    {
        var trigger = (HttpTriggerAttribute)function.Trigger;
        string route = settings.Expand(trigger.Route ?? function.Name).Trim('/');
        return hostFile.RoutePrefix.Length == 0 ? "/" + route : $"/{hostFile.RoutePrefix}/{route}";
    }

    public static IReadOnlyList<string> MethodsOf(FunctionMethod function) =>
        [.. (((HttpTriggerAttribute)function.Trigger).Methods ?? []).Select(method => method.ToUpperInvariant())];

    /// <summary>Adds an endpoint a function.</summary>
    /// <exception cref="HostStartException">Two functions answer to the same method and route.</exception>
    public void Map(IEndpointRouteBuilder endpoints)
    {
        FunctionMethod[] https = [.. functions.Where(function => function.Trigger is HttpTriggerAttribute)];
        CheckRoutes(https);
        foreach (FunctionMethod function in https)
        {
            Task Serve(HttpContext http) => ServeAsync(function, http);
            IReadOnlyList<string> methods = MethodsOf(function);
            IEndpointConventionBuilder endpoint =
                methods.Count == 0
                    ? endpoints.Map(RouteOf(function), Serve)
                    : endpoints.MapMethods(RouteOf(function), methods, Serve);
            endpoint.WithDisplayName(function.Name);
        }
    }

    private async Task ServeAsync(FunctionMethod function, HttpContext http)
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(
            http.RequestAborted,
            lifetime.ApplicationStopped
        );
        try
        {
            await runner.RunAsync(
                function,
                trigger: null,
                BindingData(http),
                cancelled.Token,
                context => Prepare(context, http),
                context => HttpAnswer.WriteAsync(http, context.Outcome.Value)
            );
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller hung up; nobody is left to answer.
        }
        catch (Exception exception) when (!http.Response.HasStarted)
        {
            http.Response.Clear();
            http.Response.StatusCode =
                (FindBadRequest(exception))?.StatusCode ?? StatusCodes.Status500InternalServerError;
        }
    }

    private static void Prepare(LocalFunctionContext context, HttpContext http)
    {
        context.Items[FunctionContextExtensions.HttpContextKey] = http;
        http.RequestServices = context.InstanceServices;
        var request = new LocalHttpRequest(context, http);
        context.Features.Set<IHttpRequestDataFeature>(new RequestFeature(request));
        context.TriggerValue =
            context.Function.BoundParameters.First(parameter => parameter.Source == ParameterSource.Trigger).Type
            == typeof(HttpRequestData)
                ? request
                : http.Request;
    }

    // What the real host tells beside the request: route values by name, and query and headers as a whole.
    private static Dictionary<string, object?> BindingData(HttpContext http)
    {
        var data = new Dictionary<string, object?>(http.Request.RouteValues, StringComparer.OrdinalIgnoreCase);
        data.TryAdd("Query", ToJson(http.Request.Query));
        data.TryAdd("Headers", ToJson(http.Request.Headers));
        return data;
    }

    private static string ToJson(IEnumerable<KeyValuePair<string, StringValues>> values) =>
        System.Text.Json.JsonSerializer.Serialize(values.ToDictionary(pair => pair.Key, pair => pair.Value.ToString()));

    private static BadHttpRequestException? FindBadRequest(Exception? exception)
    {
        while (exception is not null and not BadHttpRequestException)
        {
            exception = exception.InnerException;
        }
        return (BadHttpRequestException?)exception;
    }

    private void CheckRoutes(IEnumerable<FunctionMethod> https)
    {
        string[] faults =
        [
            .. https
                .SelectMany(function =>
                    MethodsOf(function)
                        .DefaultIfEmpty("*")
                        .Select(method => (Key: $"{method} {RouteOf(function)}", function))
                )
                .GroupBy(pair => pair.Key, StringComparer.OrdinalIgnoreCase)
                .Where(same => same.Skip(1).Any())
                .Select(same =>
                    $"{same.Key} is the route of {string.Join(", ", same.Select(pair => pair.function.Name))}: keep one."
                ),
        ];
        if (faults.Length > 0)
        {
            throw new HostStartException(faults);
        }
    }

    private sealed class RequestFeature(HttpRequestData request) : IHttpRequestDataFeature
    {
        public ValueTask<HttpRequestData?> GetHttpRequestDataAsync(FunctionContext context) => new(request);
    }
}
