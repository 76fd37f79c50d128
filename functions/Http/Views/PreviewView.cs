using Portability.Erasure;
using Portability.Exports;
using Portability.Workflow;

namespace Portability.Http.Views;

/// <summary>A dry run as the API shows it. Bytes and durations are estimates.</summary>
public sealed record PreviewView(
    PreviewDatesView Dates,
    PreviewExportView Export,
    PreviewErasureView Erasure,
    IReadOnlyList<PreviewBlockerView> Blockers,
    IReadOnlyList<string> Notes
)
{
    public static PreviewView Show(CasePreview preview) =>
        new(
            new(
                preview.State.EffectiveEnd,
                preview.State.WindowCloses,
                preview.State.ErasureDue,
                preview.State.ErasureOpens
            ),
            new(
                preview.Export.Datasets,
                preview.Export.Datasets.Sum(dataset => dataset.Files),
                preview.Export.Bytes,
                (long)Math.Ceiling(preview.Export.Duration.TotalSeconds)
            ),
            new(
                [
                    .. preview.Erasure.Datasets.Select(
                        (planned, i) =>
                            new PreviewErasedView(
                                i + 1,
                                planned.Name,
                                planned.System,
                                planned.Rule,
                                planned.Before,
                                planned.ToDelete,
                                planned.ToAnonymise,
                                planned.ToUnlink,
                                planned.Held,
                                planned.KeptParents,
                                planned.Tombstones,
                                planned.Retained
                            )
                    ),
                ],
                preview.ErasureDuration is { } duration ? (long)Math.Ceiling(duration.TotalSeconds) : null
            ),
            [
                .. preview.Blockers.Select(blocker => new PreviewBlockerView("case", blocker.Code, blocker.Message)),
                .. preview.Export.Blockers.Select(text => new PreviewBlockerView("export", "export", text)),
                .. preview.Erasure.Blockers.Select(text => new PreviewBlockerView("erasure", "erasure", text)),
            ],
            preview.Erasure.Notes
        );
}

/// <param name="ErasureOpens">When erasure may begin at the earliest, if nothing stands in its way.</param>
public sealed record PreviewDatesView(
    DateTimeOffset EffectiveEnd,
    DateTimeOffset WindowCloses,
    DateTimeOffset ErasureDue,
    DateTimeOffset ErasureOpens
);

public sealed record PreviewExportView(
    IReadOnlyList<DatasetPreview> Datasets,
    int Files,
    long EstimatedBytes,
    long EstimatedSeconds
);

/// <param name="Datasets">In the order of erasure.</param>
public sealed record PreviewErasureView(IReadOnlyList<PreviewErasedView> Datasets, long? EstimatedSeconds);

public sealed record PreviewErasedView(
    int Order,
    string Dataset,
    string System,
    string Rule,
    long Rows,
    long Deleted,
    long Anonymised,
    long Unlinked,
    long Held,
    long KeptParents,
    long Tombstones,
    IReadOnlyList<RetainedRows> Retained
);

/// <param name="Of">What it stands in the way of: case, export or erasure.</param>
public sealed record PreviewBlockerView(string Of, string Code, string Message);
