using Local.Tests.DurableTask;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Portability.Local;
using static Local.Tests.Conformance.Orchestrations;

namespace Local.Tests.Functions;

/// <summary>The version settings of host.json: which orchestrations this host runs.</summary>
public sealed class VersionSettingsTests
{
    [Theory]
    [InlineData(VersionMatch.None, "", "9.0", true)]
    [InlineData(VersionMatch.Strict, "1.0", "1.0", true)]
    [InlineData(VersionMatch.Strict, "1.0", "1.0.0", false)]
    [InlineData(VersionMatch.CurrentOrOlder, "2.0", "2.0", true)]
    [InlineData(VersionMatch.CurrentOrOlder, "2.0", "1.9", true)]
    [InlineData(VersionMatch.CurrentOrOlder, "2.0", "", true)]
    [InlineData(VersionMatch.CurrentOrOlder, "2.0", "2.1", false)]
    [InlineData(VersionMatch.CurrentOrOlder, "", "1.0", false)]
    public async Task Match_ByStrategy_RunsOrLeavesTheInstance(
        VersionMatch match,
        string host,
        string instance,
        bool runs
    )
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore engine = await StartAsync(folder, match, host, VersionMismatch.Reject);
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("version", Named(instance));
        await engine.Engine.WhenIdleAsync(CancellationToken.None);
        OrchestrationMetadata state = (await engine.Client.GetInstanceAsync("one"))!;
        Assert.Equal(
            runs ? OrchestrationRuntimeStatus.Completed : OrchestrationRuntimeStatus.Pending,
            state.RuntimeStatus
        );
    }

    [Fact]
    public async Task Mismatch_ToFail_FailsTheInstance()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore engine = await StartAsync(
            folder,
            VersionMatch.CurrentOrOlder,
            "1.0",
            VersionMismatch.Fail
        );
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("version", Named("2.0"));
        Assert.Equal("VersionMismatch", (await engine.Client.EndAsync("one")).Failure().ErrorType);
    }

    [Fact]
    public async Task Mismatch_Rejected_RunsUnderALaterHost()
    {
        using var folder = new StoreFolder();
        await using (EngineOnAStore older = await StartAsync(folder, VersionMatch.CurrentOrOlder, "1.0"))
        {
            await older.Client.ScheduleNewOrchestrationInstanceAsync("letter", Named("2.0"));
            await older.Client.RaiseEventAsync("one", "letter", "kept");
            await older.Engine.WhenIdleAsync(CancellationToken.None);
        }
        await using EngineOnAStore later = await StartAsync(folder, VersionMatch.CurrentOrOlder, "2.0");
        Assert.Equal("kept", (await later.Client.EndAsync("one")).Output<string>());
    }

    [Fact]
    public async Task DefaultVersion_IsThatOfStartsWithoutOne()
    {
        using var folder = new StoreFolder();
        await using EngineOnAStore engine = await StartAsync(folder, VersionMatch.CurrentOrOlder, "3.0");
        string id = await engine.Client.ScheduleNewOrchestrationInstanceAsync("version");
        Assert.Equal("3.0", (await engine.Client.EndAsync(id)).Output<string>());
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("version", Named(""));
        Assert.Equal("", (await engine.Client.EndAsync("one")).Output<string>());
        // Not the parent's, which has none.
        await engine.Client.ScheduleNewOrchestrationInstanceAsync("parent", Named(""));
        Assert.Equal("3.0", (await engine.Client.EndAsync("one")).Output<string>());
    }

    [Fact]
    public void HostFile_WithVersions_IsHeeded()
    {
        HostFile file = Read("Strict", "Fail");
        Assert.Equal(("5.0", VersionMatch.Strict, VersionMismatch.Fail), Versions(file));
        Assert.Equal(
            ("", VersionMatch.CurrentOrOlder, VersionMismatch.Reject),
            Versions(HostFile.Read(new ConfigurationBuilder().Build()))
        );
    }

    [Fact]
    public void HostFile_WithAnUnknownStrategy_IsRefused()
    {
        HostStartException refusal = Assert.Throws<HostStartException>(() => Read("Newest", "Fail"));
        Assert.Contains("versionMatchStrategy", refusal.Message, StringComparison.Ordinal);
    }

    private static (string, VersionMatch, VersionMismatch) Versions(HostFile file)
    {
        DurableEngineOptions options = HostFile.EngineOptions(file, new ConfigurationBuilder().Build());
        return (options.DefaultVersion, options.VersionMatch, options.VersionMismatch);
    }

    private static HostFile Read(string match, string failure) =>
        HostFile.Read(
            new ConfigurationBuilder()
                .AddInMemoryCollection(
                    new Dictionary<string, string?>
                    {
                        ["AzureFunctionsJobHost:extensions:durableTask:defaultVersion"] = "5.0",
                        ["AzureFunctionsJobHost:extensions:durableTask:versionMatchStrategy"] = match,
                        ["AzureFunctionsJobHost:extensions:durableTask:versionFailureStrategy"] = failure,
                    }
                )
                .Build()
        );

    private static StartOrchestrationOptions Named(string version) => new("one") { Version = version };

    private static Task<EngineOnAStore> StartAsync(
        StoreFolder folder,
        VersionMatch match,
        string version,
        VersionMismatch mismatch = VersionMismatch.Reject
    ) =>
        EngineOnAStore.StartAsync(
            folder.Store,
            tasks =>
                tasks
                    .AddOrchestratorFunc("version", context => context.Version)
                    .AddOrchestratorFunc("letter", context => context.WaitForExternalEvent<string>("letter"))
                    .AddOrchestratorFunc("parent", context => context.CallSubOrchestratorAsync<string>("version")),
            options => options with { DefaultVersion = version, VersionMatch = match, VersionMismatch = mismatch }
        );
}
