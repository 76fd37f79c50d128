using Portability.Terminations;

namespace Portability.Workflow;

// Orchestration payloads: small records of ids, never personal data, properties only.

/// <summary>Payload of the nudge <see cref="CaseOrchestrations.CaseChanged"/>: what was just appended.</summary>
public sealed record CaseNudge(long Version);

/// <summary>Custom status of a case's orchestration: the stream version it acted on, and what it does.</summary>
public sealed record CaseStatus(long Version, string Step, DateTimeOffset? Until);

/// <summary>What the loop does next; <see cref="NextStep"/> as a flat, serialisable message.</summary>
/// <param name="Version">Stream version the step was found from.</param>
/// <param name="Name">Name of the <see cref="NextStep"/>.</param>
/// <param name="AttentionStep">As <see cref="Steps"/> names it, for the case that the step fails; null for those that cannot.</param>
/// <param name="Subject">Hold, message or sub-processor, where the step has one.</param>
/// <param name="Number">Export or run, where the step has one.</param>
/// <param name="Until">When to look again, where the step waits.</param>
public sealed record StepToTake(
    long Version,
    string Name,
    string? AttentionStep,
    string? Subject,
    int Number,
    DateTimeOffset? Until
)
{
    public static StepToTake From(long version, NextStep next) =>
        next switch
        {
            NextStep.Wait w => new(version, nameof(NextStep.Wait), null, null, 0, w.Until),
            NextStep.Done => new(version, nameof(NextStep.Done), null, null, 0, null),
            NextStep.EndTerm => new(version, nameof(NextStep.EndTerm), null, null, 0, null),
            NextStep.FreezeAccess => new(version, nameof(NextStep.FreezeAccess), Steps.FreezeAccess, null, 0, null),
            NextStep.RestoreAccess => new(version, nameof(NextStep.RestoreAccess), Steps.RestoreAccess, null, 0, null),
            NextStep.ExpireHold h => new(version, nameof(NextStep.ExpireHold), null, h.HoldId, 0, null),
            NextStep.SendMessage m => new(
                version,
                nameof(NextStep.SendMessage),
                Steps.Message(m.MessageId),
                m.MessageId,
                0,
                null
            ),
            NextStep.RunExport e => new(
                version,
                nameof(NextStep.RunExport),
                Steps.Export(e.Export),
                null,
                e.Export,
                e.Until
            ),
            NextStep.EraseExport e => new(
                version,
                nameof(NextStep.EraseExport),
                Steps.EraseExport(e.Export),
                null,
                e.Export,
                null
            ),
            NextStep.StartErasure e => new(
                version,
                nameof(NextStep.StartErasure),
                Steps.StartErasure,
                null,
                0,
                e.LookAgainAt
            ),
            NextStep.RunErasure r => new(
                version,
                nameof(NextStep.RunErasure),
                Steps.Erasure(r.Run),
                null,
                r.Run,
                r.Until
            ),
            NextStep.CommandProcessor p => Processor(version, nameof(NextStep.CommandProcessor), p.Processor),
            NextStep.ChaseProcessor p => Processor(version, nameof(NextStep.ChaseProcessor), p.Processor),
            NextStep.AskProcessor p => Processor(version, nameof(NextStep.AskProcessor), p.Processor),
            NextStep.EscalateProcessor p => new(
                version,
                nameof(NextStep.EscalateProcessor),
                null,
                p.Processor,
                0,
                null
            ),
            NextStep.CloseAccount => new(version, nameof(NextStep.CloseAccount), Steps.CloseAccount, null, 0, null),
            NextStep.RedactPersonalData => new(
                version,
                nameof(NextStep.RedactPersonalData),
                Steps.Redact,
                null,
                0,
                null
            ),
            NextStep.RemoveCase => new(version, nameof(NextStep.RemoveCase), Steps.RemoveCase, null, 0, null),
            _ => throw new InvalidOperationException($"No message for {next.GetType().Name}."),
        };

    private static StepToTake Processor(long version, string step, string processor) =>
        new(version, step, Steps.Processor(processor), processor, 0, null);
}

/// <summary>A step that failed for now, for the case's attention list.</summary>
/// <param name="Code">Stable reason, free of data values.</param>
public sealed record StepFailure(string CaseId, string Step, string Code);

/// <summary>A step of a case to be taken.</summary>
public sealed record CaseStep(string CaseId, StepToTake Step);

/// <summary>Where an export orchestration is; carried from generation to generation.</summary>
/// <param name="NextBatch">First batch of files not yet written.</param>
/// <param name="NextDataset">First dataset whose outcome is not yet recorded.</param>
public sealed record ExportWork(string CaseId, int Export, int NextBatch, int NextDataset);

/// <summary>The plan of an export as far as the orchestration needs it.</summary>
public sealed record ExportOutline(IReadOnlyList<FileBatch> Batches, IReadOnlyList<OutlinedDataset> Datasets)
{
    /// <summary>Batches written at once. Decided by the activity, so that a replay elsewhere does as the first run did.</summary>
    public int AtOnce { get; init; } = 4;

    /// <summary>Whether one ZIP of everything is made at the end.</summary>
    public bool Zip { get; init; }
}

/// <summary>Files of the plan written by one activity: one large file, or many small ones of one dataset.</summary>
public sealed record FileBatch(int FirstFile, int Files);

/// <param name="Name">The dataset.</param>
/// <param name="LastBatch">When this batch is written, the dataset is.</param>
public sealed record OutlinedDataset(string Name, int LastBatch);

/// <summary>A batch to be written, from where the last call left off.</summary>
public sealed record BatchToWrite(string CaseId, int Export, int File, int LastFile, string? Cursor);

/// <summary>How far a call came.</summary>
/// <param name="Cancelled">The export was cancelled meanwhile: stop.</param>
/// <param name="Done">All files of the batch stand.</param>
public sealed record BatchProgress(bool Cancelled, bool Done, int File, string? Cursor);

/// <summary>An export that failed for good, for now.</summary>
/// <param name="Code">Stable reason, free of data values.</param>
public sealed record ExportFailure(string CaseId, int Export, string Code);

/// <summary>A dataset of an export, all of whose files stand.</summary>
public sealed record DatasetToRecord(string CaseId, int Export, string Dataset);

/// <summary>Where an erasure orchestration is; carried from generation to generation.</summary>
/// <param name="NextDataset">First dataset not yet erased and recorded.</param>
public sealed record ErasureWork(string CaseId, int Run, int NextDataset)
{
    /// <summary>Where that dataset goes on, when a generation ended in its middle.</summary>
    public string? Cursor { get; init; }
}

/// <summary>Datasets of a sealed run in the order of erasure.</summary>
/// <param name="CaseHeld">A hold covers the whole case: the run pauses before it has begun.</param>
public sealed record ErasureOutline(bool CaseHeld, IReadOnlyList<string> Datasets)
{
    /// <summary>Sealing has got on and is to be called again.</summary>
    public bool Unfinished { get; init; }
}

/// <summary>A dataset to be erased, from where the last call left off.</summary>
public sealed record DatasetToErase(string CaseId, int Run, string Dataset, string? Cursor);

/// <summary>How far a call came.</summary>
/// <param name="Done">Every batch has been committed and recorded.</param>
/// <param name="Stopped">A hold covers the dataset.</param>
/// <param name="CaseHeld">A hold covers the whole case: the run pauses.</param>
public sealed record DatasetErasure(bool Done, bool Stopped, bool CaseHeld, string? Cursor);
