using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Portability.Terminations;

namespace Portability.Http.Problems;

/// <summary>A problem as RFC 9457 tells it.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Slug">Stable name; the type is <c>/problems/{slug}</c>, relative to the address of the app.</param>
/// <param name="Detail">What is wrong with this request, for people.</param>
/// <param name="Next">What the caller can do now.</param>
public sealed record Problem(int Status, string Slug, string Detail, string Next)
{
    public const string ContentType = "application/problem+json";
    public const string TypePrefix = "/problems/";

    /// <summary>The same for every occurrence of the type.</summary>
    public string Title => char.ToUpperInvariant(Slug[0]) + Slug[1..].Replace('-', ' ');

    /// <summary>What is wrong with each member of the body, by its path (<c>notice.receivedAt</c>).</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);

    /// <summary>Further members, such as <c>lastDayForNotice</c>.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Headers beside it, such as <c>WWW-Authenticate</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } =
        new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Writes it as the answer.</summary>
    public async Task WriteAsync(HttpResponse response, CancellationToken cancellationToken)
    {
        response.StatusCode = Status;
        response.ContentType = ContentType;
        response.Headers.CacheControl = "no-store";
        foreach ((string name, string value) in Headers)
        {
            response.Headers[name] = value;
        }
        await response.Body.WriteAsync(ToJson(), cancellationToken);
    }

    internal byte[] ToJson()
    {
        var members = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["type"] = TypePrefix + Slug,
            ["title"] = Title,
            ["status"] = Status,
            ["detail"] = Detail,
            ["next"] = Next,
        };
        if (Errors.Count > 0)
        {
            members["errors"] = Errors;
        }
        foreach ((string name, string value) in Data)
        {
            members.TryAdd(name, value);
        }
        return JsonSerializer.SerializeToUtf8Bytes(members, EventCodec.Json);
    }
}

/// <summary>Ends a request with a problem. The middleware writes it; nothing else is done.</summary>
public sealed class ProblemException(Problem problem, Exception? inner = null) : Exception(problem.Detail, inner)
{
    public Problem Problem { get; } = problem;
}
