using System.Globalization;
using System.Text.Json;

namespace Portability.Benchmarks;

/// <summary>
/// One comparison with a program that others wrote, on the same data in the same run. A ratio over 1: ours is ahead. Where
/// there is no such program the peer and the ratio are null.
/// </summary>
internal sealed record BenchmarkResult(
    string Case,
    double Ours,
    double? Peer,
    string? PeerName,
    double? Ratio,
    string Unit,
    double PeakRssMb
)
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The line for the terminal.</summary>
    public override string ToString()
    {
        var beside = Peer is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {PeerName} {Peer}, ratio {Ratio}");
        return string.Create(CultureInfo.InvariantCulture, $"{Case}: ours {Ours} {Unit}{beside}, peak {PeakRssMb} MB");
    }
}
