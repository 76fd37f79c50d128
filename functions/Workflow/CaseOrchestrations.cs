using System.Globalization;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Portability.Workflow;

/// <summary>
/// The one place that starts, nudges and looks at orchestrations. Starting what runs already and nudging what has
/// ended are no faults here: the stream is the truth, and the sweep finds what was missed.
/// </summary>
public sealed class CaseOrchestrations(DurableTaskClient client, ILogger logger)
{
    /// <summary>The external event that tells a case's orchestration to look at its stream again.</summary>
    public const string CaseChanged = "case-changed";

    public static string ExportInstance(string caseId, int export) => Instance(caseId, "export", export);

    public static string ErasureInstance(string caseId, int run) => Instance(caseId, "erasure", run);

    /// <summary>Starts the case's loop unless it runs.</summary>
    public Task StartCaseAsync(string caseId, CancellationToken cancellation) =>
        StartAsync(nameof(TerminationOrchestrator), input: null, caseId, cancellation);

    public Task StartExportAsync(string caseId, int export, CancellationToken cancellation) =>
        StartAsync(
            nameof(ExportOrchestrator),
            new ExportWork(caseId, export, 0, 0),
            ExportInstance(caseId, export),
            cancellation
        );

    public Task StartErasureAsync(string caseId, int run, CancellationToken cancellation) =>
        StartAsync(
            nameof(ErasureOrchestrator),
            new ErasureWork(caseId, run, 0),
            ErasureInstance(caseId, run),
            cancellation
        );

    /// <summary>Tells the case's loop that the stream has grown. A nudge that is lost is found by the sweep.</summary>
    public async Task NudgeAsync(string caseId, long version, CancellationToken cancellation)
    {
        try
        {
            await client.RaiseEventAsync(caseId, CaseChanged, new CaseNudge(version), cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Not there, ended or out of reach: the append stands, and the sweep starts or nudges it.
            logger.LogInformation("Case {Case} was not nudged ({Reason}); the sweep will.", caseId, e.GetType().Name);
        }
    }

    /// <summary>Whether an instance is there and has not ended.</summary>
    public async Task<bool> IsAliveAsync(string instanceId, CancellationToken cancellation) =>
        await client.GetInstanceAsync(instanceId, cancellation) is { IsCompleted: false };

    /// <summary>What the case's loop last said of itself; null when it is absent or has ended.</summary>
    public async Task<CaseStatus?> StatusAsync(string caseId, CancellationToken cancellation)
    {
        OrchestrationMetadata? found = await client.GetInstanceAsync(caseId, getInputsAndOutputs: true, cancellation);
        return found is { IsCompleted: false }
            ? found.ReadCustomStatusAs<CaseStatus>() ?? new CaseStatus(0, "", Until: null)
            : null;
    }

    private async Task StartAsync(TaskName name, object? input, string instanceId, CancellationToken cancellation)
    {
        if (await IsAliveAsync(instanceId, cancellation))
        {
            return;
        }
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                name,
                input,
                new StartOrchestrationOptions(instanceId),
                cancellation
            );
        }
        catch (OrchestrationAlreadyExistsException)
        {
            logger.LogDebug("{Instance} was started by another at the same moment.", instanceId);
        }
    }

    private static string Instance(string caseId, string kind, int number) =>
        $"{caseId}-{kind}-{number.ToString(CultureInfo.InvariantCulture)}";
}
