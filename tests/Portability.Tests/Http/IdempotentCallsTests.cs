using System.Text;
using Microsoft.AspNetCore.Http;
using Portability.Http;
using Portability.Http.Calls;
using Portability.Http.Parsing;
using Portability.Http.Problems;
using Portability.Storage;
using Portability.Tests.Storage;

namespace Portability.Tests.Http;

/// <summary>What becomes of a key whose call did not end well.</summary>
[Collection(StoreCollection.Name)]
public sealed class IdempotentCallsTests(StoreFixture storage)
{
    private readonly string key = Guid.NewGuid().ToString();

    private async Task<IdempotentAnswer> CallAsync(string body, Func<string, Task<IdempotentAnswer>> act)
    {
        var http = new DefaultHttpContext();
        http.Request.Method = "POST";
        http.Request.Path = "/api/v1/terminations/c-1/holds";
        http.Request.Headers["Idempotency-Key"] = key;
        http.Request.ContentType = "application/json";
        http.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        var calls = new IdempotentCalls(new IdempotencyStore(storage.Tables, TimeProvider.System));
        return await calls.RunAsync(
            http.Request,
            new Identity("officer-1", Roles.Officer),
            await JsonBody.ReadAsync(http.Request),
            act
        );
    }

    private static Task<IdempotentAnswer> Done(string id) =>
        Task.FromResult(new IdempotentAnswer(201, new Dictionary<string, string> { ["holdId"] = id }));

    [Fact]
    public async Task Key_WhoseCallerHungUp_StaysWithItsBodyAndMayBeTriedAgainAtOnce()
    {
        string? first = null;
        await Assert.ThrowsAsync<OperationCanceledException>(() =>
            CallAsync(
                """{"reason":"one"}""",
                cause =>
                {
                    first = cause;
                    throw new OperationCanceledException("The caller hung up after the commit.");
                }
            )
        );

        var other = await Assert.ThrowsAsync<ProblemException>(() =>
            CallAsync("""{"reason":"two"}""", _ => Done("never"))
        );
        string? again = null;
        IdempotentAnswer answer = await CallAsync(
            """{"reason":"one"}""",
            cause =>
            {
                again = cause;
                return Done("h-1");
            }
        );

        Assert.Equal(422, other.Problem.Status);
        Assert.Equal(first, again);
        Assert.Equal("h-1", answer.Ids["holdId"]);
    }

    [Fact]
    public async Task Key_OfARefusedCall_IsFreeForAnotherBody()
    {
        await Assert.ThrowsAsync<ProblemException>(() =>
            CallAsync("""{"reason":"one"}""", _ => throw new ProblemException(ApiProblems.UnknownCase()))
        );

        Assert.Equal("h-2", (await CallAsync("""{"reason":"two"}""", _ => Done("h-2"))).Ids["holdId"]);
    }
}
