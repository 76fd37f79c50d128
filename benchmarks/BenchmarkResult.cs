using System.Text.Json;

namespace Portability.Benchmarks;

/// <summary>One comparison with a program that others wrote, on the same data in the same run. A ratio over 1: ours is ahead.</summary>
internal sealed record BenchmarkResult(
    string Case,
    double Ours,
    double Peer,
    string PeerName,
    double Ratio,
    string Unit,
    double PeakRssMb
)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true };
}
