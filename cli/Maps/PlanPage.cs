using System.Globalization;
using Portability.DataMap;
using Spectre.Console;

namespace Portability.Cli.Maps;

/// <summary>Prints a plan for a person.</summary>
internal sealed class PlanPage(Terminal terminal)
{
    public void Header(TenantDataMap map)
    {
        terminal.Say($"{map.File}  sha256 {map.Sha256}");
        terminal.Say(
            $"{map.Systems.Count} systems, {map.Tables.Count} tables, {map.Blobs.Count} blob prefixes, {map.Documents.Count} documents, "
                + $"{map.Excluded.Count} excluded"
        );
        terminal.Say();
    }

    /// <param name="plan">The plan of one database.</param>
    /// <param name="rows">Rows of one customer by dataset, or null when none was asked for.</param>
    public void Plan(ScopePlan plan, IReadOnlyDictionary<string, long>? rows)
    {
        terminal.Say(
            $"System {plan.System.Name} ({plan.System.Provider}): {plan.Datasets.Count} datasets in erasure order, children first"
        );
        var table = Columns("#", "dataset", "category", "erase", "formats");
        if (rows is not null)
        {
            table.AddColumn(new TableColumn("rows").RightAligned().NoWrap());
        }
        var number = 0;
        foreach (var dataset in plan.Datasets)
        {
            List<string> cells =
            [
                Text(++number),
                Name(dataset),
                dataset.Map.Category,
                Words(dataset.Map.Erase),
                dataset.Map.NotExported is null ? string.Join(' ', dataset.Map.Formats) : "not exported",
            ];
            if (rows is not null)
            {
                cells.Add(Text(rows[dataset.Name]));
            }
            table.AddRow(cells.Select(cell => new Text(cell)));
        }
        terminal.Console.Write(table);
        terminal.Say();
        terminal.Say("The way from a row to its customer");
        foreach (var dataset in plan.Datasets)
        {
            terminal.Say($"  {dataset.Name}: {Way(dataset)}");
        }
        Notes(plan);
        if (rows is not null)
        {
            terminal.Say();
            terminal.Say(
                $"{Text(plan.Datasets.Where(d => d.IsOwned).Sum(d => rows[d.Name]))} rows are the customer's own."
            );
        }
        terminal.Say();
    }

    public void Container(
        TenantDataMap map,
        BlobSystem system,
        IReadOnlyDictionary<string, (long Blobs, long Bytes)>? counts
    )
    {
        terminal.Say($"System {system.Name} (blob container {system.Container})");
        var table = Columns("dataset", "prefix", "category", "erase");
        if (counts is not null)
        {
            table.AddColumn(new TableColumn("blobs").RightAligned().NoWrap());
            table.AddColumn(new TableColumn("bytes").RightAligned().NoWrap());
        }
        foreach (var blobs in map.Blobs.Where(blobs => blobs.System == system.Name))
        {
            List<string> cells = [blobs.Name, blobs.Prefix, blobs.Category, Words(blobs.Erase)];
            if (counts is not null)
            {
                cells.AddRange([Text(counts[blobs.Name].Blobs), Text(counts[blobs.Name].Bytes)]);
            }
            table.AddRow(cells.Select(cell => new Text(cell)));
        }
        terminal.Console.Write(table);
        terminal.Say();
    }

    public void Processor(ProcessorSystem processor)
    {
        terminal.Say($"System {processor.Name} (sub-processor): {processor.Title}");
        terminal.Say();
    }

    public void Footer(TenantDataMap map)
    {
        foreach (var document in map.Documents)
        {
            terminal.Say(
                $"Document {document.Name} ({string.Join(' ', document.Formats)}): {document.Root} with {Inner(document.Include)}"
            );
        }
        foreach (var item in map.Excluded)
        {
            terminal.Say($"Excluded {item.System}/{item.Name}: {item.Reason}");
        }
        foreach (var backup in map.Backups)
        {
            terminal.Say($"Backup class {backup.Name}: the last copy lives {backup.KeepsDays} days");
        }
    }

    private void Notes(ScopePlan plan)
    {
        var broken = plan
            .Datasets.Where(dataset => dataset.Broken.Count > 0)
            .Select(dataset =>
                $"{dataset.Table.Name}: emptied before rows go, because tables or rows refer to one another: {string.Join("; ", dataset.Broken)}"
            );
        var left = plan
            .Datasets.SelectMany(dataset =>
                dataset.Map.ExcludedColumns.Select(column =>
                    $"{dataset.Name}.{column.Key} is not exported: {column.Value}"
                )
            )
            .ToList();
        var notes = plan.Notes.Concat(broken).Concat(left).ToList();
        if (notes.Count == 0)
        {
            return;
        }
        terminal.Say();
        terminal.Say("Notes");
        notes.ForEach(note => terminal.Say($"  {note}"));
    }

    private static Table Columns(params string[] names)
    {
        var table = new Table().Border(TableBorder.Minimal);
        foreach (var name in names)
        {
            table.AddColumn(new TableColumn(name));
        }
        return table;
    }

    private static string Name(ScopedDataset dataset) =>
        string.Equals(dataset.Name, dataset.Table.Name, StringComparison.Ordinal)
            ? dataset.Name
            : $"{dataset.Name} (table {dataset.Table.Name})";

    private static string Way(ScopedDataset dataset) =>
        dataset.Path.Count > 0 ? string.Join(", ", dataset.Path) : "all rows; they are no customer's";

    private static string Inner(IReadOnlyList<IncludedRelation> relations) =>
        relations.Count == 0
            ? "nothing inside"
            : string.Join(
                ", ",
                relations.Select(relation =>
                    relation.Include.Count == 0 ? relation.As : $"{relation.As} ({Inner(relation.Include)})"
                )
            );

    private static string Words(EraseRule rule) =>
        rule switch
        {
            EraseRule.Delete => "delete",
            EraseRule.Retain retain => retain.Anchor is { } anchor
                ? $"retain {retain.Class} from {anchor}"
                : $"retain {retain.Class}",
            EraseRule.Anonymise anonymise => $"anonymise {string.Join(' ', anonymise.Columns.Keys)}",
            EraseRule.Unlink unlink => $"unlink {string.Join(' ', unlink.Columns)}",
            EraseRule.UnlinkThrough through => $"unlink through {through.LinkTable}",
            EraseRule.Tombstone tombstone => $"tombstone {string.Join(' ', tombstone.Keep)}".TrimEnd(),
            EraseRule.None => "none",
            _ => throw new InvalidOperationException($"No words for the rule {rule.GetType().Name}."),
        };

    private static string Text(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
