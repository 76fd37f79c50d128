using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Portability.Http.Problems;

namespace Portability.Http.Calls;

/// <summary>The headers that steer a call.</summary>
internal static class RequestHeaders
{
    private const string IdempotencyKey = "Idempotency-Key";

    /// <summary>The key under which a success is remembered; null without one.</summary>
    /// <exception cref="ProblemException">400: several, or more than 255 visible ASCII characters.</exception>
    public static string? KeyOf(HttpRequest request)
    {
        StringValues values = request.Headers[IdempotencyKey];
        return values switch
        {
            [] => null,
            [{ Length: > 0 and <= 255 } key] when key.All(c => c is >= '!' and <= '~') => key,
            _ => throw new ProblemException(
                ApiProblems.Invalid(IdempotencyKey, "must be one value of 1 to 255 visible ASCII characters")
            ),
        };
    }

    /// <summary>The version of the case that the caller acts on; null when any will do.</summary>
    /// <exception cref="ProblemException">400: not one entity tag as the case's <c>ETag</c> reads.</exception>
    public static long? VersionOf(HttpRequest request)
    {
        StringValues values = request.Headers[HeaderNames.IfMatch];
        return values switch
        {
            [] or ["*"] => null,
            [{ Length: > 2 } tag]
                when tag[0] == '"'
                    && tag[^1] == '"'
                    && long.TryParse(tag[1..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long version) =>
                version,
            _ => throw new ProblemException(
                ApiProblems.Invalid(HeaderNames.IfMatch, "must be one entity tag of the case, such as \"7\", or *")
            ),
        };
    }
}
