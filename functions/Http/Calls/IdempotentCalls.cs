using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Storage;

namespace Portability.Http.Calls;

/// <summary>
/// Calls that may be repeated. Under one <c>Idempotency-Key</c> of one caller and one route the same body gives the same
/// success again; a refusal is not remembered, and after a fault the same body may be sent again.
/// </summary>
public sealed class IdempotentCalls(IdempotencyStore store)
{
    /// <param name="request">Carries the key, or none: then the call is simply made.</param>
    /// <param name="who">The caller.</param>
    /// <param name="body">What the caller sent.</param>
    /// <param name="act">
    /// Does it. The cause it is given makes the same event ids however often it is tried, so that a commit whose record was
    /// lost is recognised.
    /// </param>
    /// <exception cref="ProblemException">409 while the same call is going on, 422 for another body.</exception>
    public async Task<IdempotentAnswer> RunAsync(
        HttpRequest request,
        Identity who,
        JsonBody body,
        Func<string, Task<IdempotentAnswer>> act
    )
    {
        if (RequestHeaders.KeyOf(request) is not { } key)
        {
            return await act($"call:{Guid.NewGuid():N}");
        }
        var scope = new IdempotencyScope(who.Actor, $"{request.Method} {request.Path.Value}", key);
        CancellationToken cancellationToken = request.HttpContext.RequestAborted;
        switch (await store.BeginAsync(scope, body.Sha256, cancellationToken))
        {
            case IdempotencyOutcome.Completed completed:
                return completed.Answer;
            case IdempotencyOutcome.OtherBody:
                throw new ProblemException(ApiProblems.KeyReused());
            case IdempotencyOutcome.InProgress:
                throw new ProblemException(ApiProblems.InProgress());
        }
        IdempotentAnswer answer;
        try
        {
            answer = await act(CauseOf(scope));
        }
        catch (ProblemException)
        {
            await store.AbandonAsync(scope, CancellationToken.None);
            throw;
        }
        catch
        {
            // A fault, or the caller hung up, perhaps after the commit: the key stays with this body.
            await store.ReleaseAsync(scope, body.Sha256, CancellationToken.None);
            throw;
        }
        await store.CompleteAsync(scope, body.Sha256, answer, CancellationToken.None);
        return answer;
    }

    private static string CauseOf(IdempotencyScope scope)
    {
        string whole = $"{scope.Identity.Length}:{scope.Identity}{scope.Route.Length}:{scope.Route}{scope.Key}";
        return $"key:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(whole)))}";
    }
}
