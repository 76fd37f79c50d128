using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;

namespace Portability.Local;

/// <summary>Writes what an HTTP function came to.</summary>
internal static class HttpAnswer
{
    public static Task WriteAsync(HttpContext http, object? value)
    {
        switch (value)
        {
            case null:
                // The function wrote to the response itself, or has nothing to say.
                return Task.CompletedTask;
            case IActionResult result:
                return result.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
            case IResult result:
                return result.ExecuteAsync(http);
            case LocalHttpResponse:
                return LocalHttpResponse.FinishAsync(http);
            case Microsoft.Azure.Functions.Worker.Http.HttpResponseData foreign:
                throw new InvalidOperationException(
                    $"{foreign.GetType()} is no answer of this host: make it with request.CreateResponse()."
                );
        }
        PropertyInfo? answer = value
            .GetType()
            .GetProperties()
            .SingleOrDefault(property => property.IsDefined(typeof(HttpResultAttribute)));
        return answer is null ? WriteAsync(http, new ObjectResult(value)) : WriteAsync(http, answer.GetValue(value));
    }
}
