using System.Data.Common;
using Microsoft.Extensions.Logging;
using Portability.Sources;

namespace Portability.DataMap;

/// <summary>
/// Whether the data map fits the live databases, looked at when the app starts and again at intervals: a migration that nobody told the
/// map of is heard of on the day it ran, and not at the next customer's export. Nothing is refused here; exports and erasures check for
/// themselves.
/// </summary>
public sealed class MapFit(MappedSystems systems, TimeProvider clock, ILogger<MapFit> logger) : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private readonly SemaphoreSlim one = new(1, 1);
    private (Fit Fit, DateTimeOffset At)? last;
    private HashSet<string> told = new(StringComparer.Ordinal);

    /// <summary>The answer, at most ten minutes old. Findings go to the log, each once as long as it stays.</summary>
    public async Task<Fit> ReadAsync(CancellationToken cancellationToken)
    {
        await one.WaitAsync(cancellationToken);
        try
        {
            if (last is not { } known || clock.GetUtcNow() - known.At >= Interval)
            {
                last = (await CompareAsync(cancellationToken), clock.GetUtcNow());
            }
            return last.Value.Fit;
        }
        finally
        {
            one.Release();
        }
    }

    public void Dispose() => one.Dispose();

    private async Task<Fit> CompareAsync(CancellationToken cancellationToken)
    {
        var findings = new List<string>();
        var fit = Fit.Fits;
        foreach (var system in systems.Map.Systems.OfType<SqlSystem>().Where(sql => sql.Tenant is TenantScope.Rows))
        {
            try
            {
                await systems.PlanAsync(system.Name, cancellationToken);
            }
            catch (DataMapException unfit)
            {
                fit = Fit.Differs;
                findings.AddRange(unfit.Problems.Select(problem => problem.ToString()));
            }
            catch (SourceUnfitException unfit)
            {
                fit = Fit.Differs;
                findings.Add(unfit.Message);
            }
            catch (Exception silent) when (silent is SourceUnreachableException or DbException)
            {
                fit = fit == Fit.Fits ? Fit.Unknown : fit;
                findings.Add(silent.Message);
            }
        }
        foreach (var finding in findings.Where(finding => !told.Contains(finding)))
        {
            logger.LogWarning("Data map: {Finding}", finding);
        }
        told = [.. findings];
        return fit;
    }
}

/// <summary>How the data map relates to the databases.</summary>
public enum Fit
{
    /// <summary>Every database could be read and planned.</summary>
    Fits,

    /// <summary>Some table, column or key is not as the map says: the next export or erasure would be refused.</summary>
    Differs,

    /// <summary>Some database did not answer.</summary>
    Unknown,
}
