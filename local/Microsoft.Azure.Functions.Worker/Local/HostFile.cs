using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Portability.Local;

/// <summary>What this host heeds of host.json, with the official defaults.</summary>
internal sealed record HostFile
{
    private const string DefaultStore = ".portability/local.db";

    // Long enough for a person's next click to come first.
    private static readonly TimeSpan IdleBeforeSkip = TimeSpan.FromSeconds(1);

    /// <summary>What every route begins with, without slashes; empty for none.</summary>
    public required string RoutePrefix { get; init; }

    /// <summary>After how long an invocation's token is cancelled; null for never.</summary>
    public required TimeSpan? FunctionTimeout { get; init; }

    public required int MaxConcurrentActivities { get; init; }

    public required string DefaultVersion { get; init; }

    public required VersionMatch VersionMatch { get; init; }

    public required VersionMismatch VersionMismatch { get; init; }

    /// <exception cref="HostStartException">A value is not what it should be.</exception>
    public static HostFile Read(IConfiguration configuration)
    {
        IConfigurationSection host = configuration.GetSection(LocalHostDefaults.HostSection);
        try
        {
            // The official host reads -1 as no limit; absent, the consumption plan's default of five minutes holds.
            string? timeout = host["functionTimeout"];
            return new HostFile
            {
                RoutePrefix = (host["extensions:http:routePrefix"] ?? "api").Trim('/'),
                FunctionTimeout = timeout == "-1" ? null : host.GetValue("functionTimeout", TimeSpan.FromMinutes(5)),
                MaxConcurrentActivities = host.GetValue(
                    "extensions:durableTask:maxConcurrentActivityFunctions",
                    10 * Environment.ProcessorCount
                ),
                DefaultVersion = host["extensions:durableTask:defaultVersion"] ?? "",
                VersionMatch = host.GetValue(
                    "extensions:durableTask:versionMatchStrategy",
                    VersionMatch.CurrentOrOlder
                ),
                VersionMismatch = host.GetValue(
                    "extensions:durableTask:versionFailureStrategy",
                    VersionMismatch.Reject
                ),
            };
        }
        catch (InvalidOperationException exception)
        {
            throw new HostStartException($"host.json: {exception.Message}", exception);
        }
    }

    public static DurableEngineOptions EngineOptions(HostFile file, IConfiguration configuration) =>
        new()
        {
            StorePath = StorePath(configuration),
            MaxConcurrentActivities = file.MaxConcurrentActivities,
            DefaultVersion = file.DefaultVersion,
            VersionMatch = file.VersionMatch,
            VersionMismatch = file.VersionMismatch,
            SkipIdleTimeAfter = SkipsIdleTime(configuration) ? IdleBeforeSkip : null,
            StartsAt = StartsAt(configuration),
        };

    // By the setting Local__StartsAt.
    private static DateTimeOffset? StartsAt(IConfiguration configuration) =>
        configuration["Local:StartsAt"] switch
        {
            null or "" => null,
            { } text
                when DateTimeOffset.TryParse(
                    text,
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.AssumeUniversal,
                    out DateTimeOffset time
                ) => time,
            { } other => throw new HostStartException(
                $"Local__StartsAt is '{other}': say a time such as 2030-01-31T09:00:00Z.",
                null
            ),
        };

    // By the setting Local__Clock.
    private static bool SkipsIdleTime(IConfiguration configuration) =>
        configuration["Local:Clock"] switch
        {
            null or "" or "real" => false,
            "skip" => true,
            { } other => throw new HostStartException($"Local__Clock is '{other}': say 'real' or 'skip'.", null),
        };

    /// <summary>The file beside the engine's that keeps the timers' state.</summary>
    public static string TimersPath(IConfiguration configuration) =>
        Path.ChangeExtension(StorePath(configuration), ".timers.json");

    /// <summary>The file that keeps the engine's state, by the setting <c>Local__Store</c>.</summary>
    public static string StorePath(IConfiguration configuration) =>
        Path.GetFullPath(configuration["Local:Store"] ?? DefaultStore);
}
