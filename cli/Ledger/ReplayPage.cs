using System.Globalization;
using Portability.Workflow;
using Spectre.Console;

namespace Portability.Cli.Ledger;

/// <summary>Prints what a look at one erased customer found: counts, never values.</summary>
internal sealed class ReplayPage(Terminal terminal)
{
    private static readonly string[] Columns =
    [
        "dataset",
        "system",
        "to erase",
        "to overwrite",
        "to unlink",
        "kept by law",
        "held",
        "not in the ledger",
    ];

    public void Show(ReplayFinding finding)
    {
        var when = finding.ErasedAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        terminal.Say(
            $"Customer {finding.CustomerId}, case {finding.CaseId}, erased {when}, {finding.Runs} run(s): {Words(finding.Verdict)}"
        );
        if (finding.Verdict != ReplayVerdict.Clean && finding.Datasets.Count > 0)
        {
            Table(finding);
        }
        foreach (var note in finding.Notes)
        {
            terminal.Say($"  Note: {note}.");
        }
        foreach (var reason in finding.Reasons)
        {
            terminal.Complain($"  {finding.CustomerId}: {reason}.");
        }
    }

    private void Table(ReplayFinding finding)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var (title, index) in Columns.Select((title, index) => (title, index)))
        {
            table.AddColumn(index < 2 ? new TableColumn(title) : new TableColumn(title).RightAligned());
        }
        foreach (var dataset in finding.Datasets)
        {
            table.AddRow(
                Markup.Escape(dataset.Dataset),
                Markup.Escape(dataset.System),
                Count(dataset.ToErase),
                Count(dataset.ToOverwrite),
                Count(dataset.ToUnlink),
                Count(dataset.Retained),
                Count(dataset.Held),
                Count(dataset.Unknown)
            );
        }
        table.AddRow(
            "total",
            "",
            Count(finding.Datasets.Sum(dataset => dataset.ToErase)),
            Count(finding.Datasets.Sum(dataset => dataset.ToOverwrite)),
            Count(finding.Datasets.Sum(dataset => dataset.ToUnlink)),
            Count(finding.Datasets.Sum(dataset => dataset.Retained)),
            Count(finding.Datasets.Sum(dataset => dataset.Held)),
            Count(finding.Datasets.Sum(dataset => dataset.Unknown))
        );
        terminal.Console.Write(table);
    }

    private static string Count(long rows) => rows.ToString(CultureInfo.InvariantCulture);

    private static string Words(ReplayVerdict verdict) =>
        verdict switch
        {
            ReplayVerdict.Clean => "nothing came back",
            ReplayVerdict.CameBack => "came back",
            ReplayVerdict.Unfinished => "a replay was interrupted",
            ReplayVerdict.Reused => "not touched, the id may be another customer's by now",
            ReplayVerdict.Living => "not touched, the customer lives",
            ReplayVerdict.Held => "not touched, held",
            ReplayVerdict.Blocked => "cannot be looked at or erased",
            _ => throw new InvalidOperationException($"No words for {verdict}."),
        };
}
