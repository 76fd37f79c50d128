using System.Globalization;
using Portability.Terminations;

namespace Portability.Http.Problems;

/// <summary>The problems of the HTTP layer itself, and how a refusal of the rules reads over HTTP.</summary>
internal static class ApiProblems
{
    public static Problem NoToken() =>
        new(401, "no-token", "The request carries no token.", "Send a bearer token in the Authorization header.")
        {
            Headers = Challenge("Bearer realm=\"portability\""),
        };

    public static Problem InvalidToken() =>
        new(401, "invalid-token", "The token is not valid, has expired or was revoked.", "Get a new token.")
        {
            Headers = Challenge("Bearer realm=\"portability\", error=\"invalid_token\""),
        };

    public static Problem Forbidden(Roles needed) =>
        new(
            403,
            "wrong-role",
            $"This call is open to: {needed.ToString().ToLowerInvariant()}.",
            "Have someone with such a role make the call."
        );

    public static Problem UnknownCase() =>
        new(404, "unknown-case", "There is no such case, or this token may not see it.", "Check the case's id.");

    public static Problem Unknown(string what) =>
        new(404, $"unknown-{what}", $"The case has no such {what}.", "Read the case for what it has.");

    public static Problem UnknownCall() =>
        new(404, "unknown-call", "There is no such call.", "Check method and path against docs/openapi.yaml.");

    public static Problem WrongMethod(string method, IReadOnlyList<string> allowed)
    {
        string list = string.Join(", ", allowed);
        return new(405, "wrong-method", $"This path does not take {method}.", $"Call it by {list}.")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Allow"] = list },
        };
    }

    public static Problem Malformed(string detail, long? line = null, long? position = null) =>
        new(400, "malformed-json", detail, "Send one JSON object as docs/openapi.yaml describes it.")
        {
            Data = line is null
                ? new Dictionary<string, string>(StringComparer.Ordinal)
                : new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    ["line"] = line.Value.ToString(CultureInfo.InvariantCulture),
                    ["position"] = position!.Value.ToString(CultureInfo.InvariantCulture),
                },
        };

    public static Problem Invalid(IReadOnlyDictionary<string, IReadOnlyList<string>> errors) =>
        new(
            400,
            "invalid-request",
            "The request does not have the shape that this call takes.",
            "Correct what 'errors' names and send it again."
        )
        {
            Errors = errors,
        };

    public static Problem Invalid(string name, string error) =>
        Invalid(new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [name] = [error] });

    public static Problem TooLarge(int limit) =>
        new(
            413,
            "body-too-large",
            $"The body is larger than {limit.ToString(CultureInfo.InvariantCulture)} bytes.",
            "Send a smaller body."
        );

    public static Problem WrongContentType() =>
        new(
            415,
            "wrong-content-type",
            "The body must be application/json in UTF-8, without a content encoding.",
            "Set Content-Type: application/json."
        );

    public static Problem StaleVersion(string current) =>
        new(
            412,
            "stale-version",
            "The case has changed since it was read.",
            "Read the case again and decide on what it says now."
        )
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["ETag"] = current },
        };

    public static Problem KeyReused() =>
        new(
            422,
            "idempotency-key-reused",
            "This Idempotency-Key was used for another body.",
            "Use a new key for a new request."
        );

    public static Problem InProgress() =>
        new(
            409,
            "request-in-progress",
            "The same request is being carried out at this moment.",
            "Send it again in a moment, under the same key."
        )
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "1" },
        };

    public static Problem StorageUnreachable() =>
        new(503, "storage-unreachable", "The service's storage does not answer.", "Send it again in a moment.")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "5" },
        };

    public static Problem Busy() =>
        new(429, "too-many-changes", "The case is being changed by others at this moment.", "Try again in a moment.")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "1" },
        };

    public static Problem IssuerUnreachable() =>
        new(503, "issuer-unreachable", "The issuer of tokens cannot be reached.", "Try again in a moment.")
        {
            Headers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Retry-After"] = "5" },
        };

    public static Problem Fault(string traceId) =>
        new(
            500,
            "fault",
            "The request failed by a fault of the service.",
            "Try again; if it fails again, tell the operators the trace id."
        )
        {
            Data = new Dictionary<string, string>(StringComparer.Ordinal) { ["traceId"] = traceId },
        };

    /// <summary>A refusal of the rules.</summary>
    public static Problem Of(Refusal refusal) =>
        new(
            refusal.Kind switch
            {
                RefusalKind.WrongState => 409,
                RefusalKind.BreaksRule => 422,
                RefusalKind.Forbidden => 403,
                RefusalKind.Unknown => 404,
                RefusalKind.Gone => 410,
                _ => throw new ArgumentException($"No status for a refusal of kind {refusal.Kind}."),
            },
            refusal.Code,
            refusal.Detail,
            refusal.Next
        )
        {
            Errors = refusal.Field is { } field
                ? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { [field] = [refusal.Detail] }
                : new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal),
            Data = refusal.Data,
        };

    private static Dictionary<string, string> Challenge(string value) =>
        new(StringComparer.Ordinal) { ["WWW-Authenticate"] = value };
}
