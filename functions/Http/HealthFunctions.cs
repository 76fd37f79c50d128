using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Portability.DataMap;
using Portability.Http.Calls;
using Portability.Sources;
using Portability.Storage;

namespace Portability.Http;

/// <summary>Whether store, engine and sources answer. Open to anyone, so it names no system and tells no reason: the log does.</summary>
public sealed class HealthFunctions(
    StorageSetup storage,
    MappedSystems systems,
    MapFit fit,
    ILogger<HealthFunctions> logger
)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Function(nameof(Health))]
    public async Task<IResult> Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/v1/health")] HttpRequest request,
        [DurableClient] DurableTaskClient durable
    )
    {
        CancellationToken aborted = request.HttpContext.RequestAborted;
        bool[] answers = await Task.WhenAll(
            AnswersAsync("store", storage.CheckAsync, aborted),
            AnswersAsync("engine", token => durable.GetInstanceAsync("health", token), aborted),
            AnswersAsync("sources", CheckSourcesAsync, aborted)
        );
        Fit mapFit = await ReadFitAsync(aborted);
        bool healthy = Array.TrueForAll(answers, answer => answer);
        return new ApiAnswer(
            healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable,
            new HealthView(Word(healthy), Word(answers[0]), Word(answers[1]), Word(answers[2]), Word(mapFit))
        );
    }

    private async Task<bool> AnswersAsync(string part, Func<CancellationToken, Task> check, CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(Patience);
        try
        {
            await check(patience.Token).WaitAsync(patience.Token);
            return true;
        }
        catch (Exception fault) when (!aborted.IsCancellationRequested)
        {
            logger.LogWarning(fault, "Health: {Part} does not answer.", part);
            return false;
        }
    }

    private async Task CheckSourcesAsync(CancellationToken cancellation)
    {
        foreach (MappedSystem system in systems.Map.Systems)
        {
            switch (system)
            {
                // Each customer's own database is asked for when its case is: there is no list of customers here.
                case SqlSystem { Tenant: TenantScope.Whole }:
                    break;
                case SqlSystem sql:
                    await using (await systems.Sql(sql.Name).OpenReadAsync(cancellation)) { }
                    break;
                case BlobSystem blobs:
                    await foreach (string _ in systems.Blobs(blobs.Name).ListLevelAsync("", cancellation))
                    {
                        break;
                    }
                    break;
            }
        }
    }

    /// <summary>A map that differs needs a person, and no other instance would fare better: it does not make this one unhealthy.</summary>
    private async Task<Fit> ReadFitAsync(CancellationToken aborted)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        patience.CancelAfter(Patience);
        try
        {
            return await fit.ReadAsync(patience.Token).WaitAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!aborted.IsCancellationRequested)
        {
            return Fit.Unknown;
        }
    }

    private static string Word(Fit fit) =>
        fit switch
        {
            Fit.Fits => "fits",
            Fit.Differs => "differs",
            _ => "unknown",
        };

    private static string Word(bool answers) => answers ? "ok" : "unreachable";

    private sealed record HealthView(string Status, string Store, string Engine, string Sources, string DataMap);
}
