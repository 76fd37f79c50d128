using Azure.Core;
using Azure.Core.Pipeline;

namespace Portability.Tests.Erasure;

/// <summary>The process died here. Whoever started the work only knows that no answer came.</summary>
internal sealed class KilledException() : Exception("killed");

/// <summary>
/// Kills at random points between two durable ones: before a request to storage is sent, after it was carried out and before
/// anybody heard of it, before a batch commits, after it has.
/// </summary>
internal sealed class KillPoints(Random random, int most) : HttpPipelinePolicy
{
    private const int Farthest = 90;
    private readonly Lock gate = new();
    private int distance = random.Next(1, Farthest);

    /// <summary>How often it has killed.</summary>
    public int Kills { get; private set; }

    /// <summary>A point at which a process may die.</summary>
    public void Pass()
    {
        lock (gate)
        {
            if (Kills < most && --distance == 0)
            {
                Kills++;
                distance = random.Next(1, Farthest);
                throw new KilledException();
            }
        }
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        Pass();
        await ProcessNextAsync(message, pipeline);
        Pass();
    }

    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("Erasure is asynchronous throughout.");
}
