using Microsoft.DurableTask.Abstractions;

namespace Portability.Local.Engine;

/// <summary>Whether this host runs an orchestration, as the Functions host decides it at each step.</summary>
internal static class VersionRule
{
    public static bool Runs(DurableEngineOptions host, string version) =>
        host.VersionMatch switch
        {
            VersionMatch.Strict => string.Equals(version, host.DefaultVersion, StringComparison.Ordinal),
            VersionMatch.CurrentOrOlder => TaskOrchestrationVersioningUtils.CompareVersions(
                version,
                host.DefaultVersion
            ) <= 0,
            _ => true,
        };

    public static StoredFailure Failure(DurableEngineOptions host, string version) =>
        new(
            "VersionMismatch",
            $"The orchestration has version '{version}', and this host runs those that match '{host.DefaultVersion}' by "
                + $"{host.VersionMatch}.",
            null,
            null
        );
}
