namespace Portability.Exports;

/// <summary>Plans, writes, completes, shows and erases exports. Every call may be repeated.</summary>
public sealed class Exporter
{
    /// <summary>Makes and stores the plan, or returns the one stored before.</summary>
    public Task<ExportPlan> PlanAsync(ExportOrder order, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>The stored plan. Throws <see cref="ExportGoneException"/>.</summary>
    public Task<ExportPlan> ReadPlanAsync(ExportRef export, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Writes one file of the plan, or adopts the finished one; returns within 4 minutes.</summary>
    public Task<FileOutcome> WriteFileAsync(
        ExportRef export,
        int fileIndex,
        string? cursor,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException();

    /// <summary>Writes README, manifest and checksums. Throws <see cref="ExportFileMissingException"/>.</summary>
    public Task<ExportSummary> CompleteAsync(ExportRef export, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Every planned file and where it is, in plan order.</summary>
    public Task<IReadOnlyList<FileProgress>> ProgressAsync(ExportRef export, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    /// <summary>Deletes every blob and progress row of the export and looks that none is left.</summary>
    public Task EraseAsync(ExportRef export, CancellationToken cancellationToken) => throw new NotSupportedException();
}
