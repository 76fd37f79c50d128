using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Portability.Http.Problems;

namespace Portability.Http;

/// <summary>Answers what no other function answers with a problem instead of an empty 404: a wrong path, or a wrong method.</summary>
public sealed class UnknownCallFunctions
{
    [Function(nameof(UnknownCall))]
    public static IResult UnknownCall(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", Route = "api/v1/{*rest}")]
            HttpRequest request
    ) =>
        throw new ProblemException(
            KnownCalls.MethodsOf(request.Path.Value ?? "") is { Count: > 0 } allowed
                ? ApiProblems.WrongMethod(request.Method, allowed)
                : ApiProblems.UnknownCall()
        );
}
