using Portability.DataMap.OneRoster;

namespace Portability.DataMap;

/// <summary>Checks that need the map alone: names that are unique, references inside the map that lead somewhere.</summary>
internal sealed class MapConsistency(TenantDataMap map, List<DataMapProblem> problems)
{
    public void Check()
    {
        Unique(map.Systems.Select(system => (system.Name, system.Place)), "system");
        Unique(
            map.Tables.Select(table => (table.Name, table.Place))
                .Concat(map.Blobs.Select(blobs => (blobs.Name, blobs.Place)))
                .Concat(map.Documents.Select(document => (document.Name, document.Place)))
                .Concat(map.Templates.Select(template => (template.Name, template.Place)))
                .Concat(map.OneRoster is { } exchange ? [(exchange.Name, exchange.Place)] : []),
            "dataset, document or template"
        );
        Unique(
            map.Tables.Select(table => ($"{table.System}/{table.Table}", table.Place))
                .Concat(map.Excluded.Select(item => ($"{item.System}/{item.Name}", item.Place))),
            "table"
        );
        foreach (var dataset in map.Tables.Cast<IMappedDataset>().Concat(map.Blobs))
        {
            Category(dataset.Category, dataset.Name, dataset.Place);
            Retention(dataset);
        }
        foreach (var blobs in map.Blobs)
        {
            Blobs(blobs);
        }
        foreach (var document in map.Documents)
        {
            Category(document.Category, document.Name, document.Place);
            Known(document.Root, document.Name, document.Place);
            Relations(document.Include, document.Name);
        }
        foreach (var template in map.Templates)
        {
            Category(template.Category, template.Name, template.Place);
            Exported(template.Root, template.Name, template.Place);
            Relations(template.Include, template.Name);
            if (template.Rows is { } rows)
            {
                Exported(rows.Dataset, template.Name, rows.Place);
                Relations(rows.Include, template.Name);
            }
        }
        if (map.OneRoster is { } roster)
        {
            OneRoster(roster);
        }
    }

    private void OneRoster(RosterMap roster)
    {
        Category(roster.Category, "oneRoster", roster.Place);
        foreach (var source in roster.Sources)
        {
            if (source.Dataset is { } dataset)
            {
                Exported(dataset, source.Subject, source.Place);
                Relations(source.Include, source.Subject);
            }
        }
        var systems = roster
            .Sources.Select(source => map.Tables.FirstOrDefault(table => table.Name == source.Dataset)?.System)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToList();
        if (systems.Count > 1)
        {
            Add(
                roster.Place,
                "oneRoster",
                $"its datasets are of several systems: {string.Join(", ", systems)}",
                "Name datasets of one database: the exchange shows one moment."
            );
        }
        new RosterConsistency(roster, problems).Check();
    }

    private void Add(MapPlace place, string subject, string message, string mend) =>
        problems.Add(new(place, subject, message, mend));

    private void Unique(IEnumerable<(string Name, MapPlace Place)> names, string what)
    {
        foreach (
            var group in names
                .Where(entry => entry.Name.Length > 0)
                .GroupBy(entry => entry.Name, StringComparer.OrdinalIgnoreCase)
        )
        {
            foreach (var (name, place) in group.Skip(1))
            {
                Add(
                    place,
                    name,
                    $"the {what} '{name}' appears twice, first {At(group.First().Place, place)}",
                    "Keep one of them."
                );
            }
        }
    }

    private static string At(MapPlace first, MapPlace second) =>
        first.File == second.File ? $"on line {first.Line}" : $"at {first.File}:{first.Line}";

    private void Category(string category, string subject, MapPlace place)
    {
        if (category.Length > 0 && !map.Categories.ContainsKey(category))
        {
            var known = string.Join(", ", map.Categories.Keys);
            Add(
                place,
                subject,
                $"category '{category}' is not declared",
                $"Add it to \"categories\" or use one of: {known}."
            );
        }
    }

    private void Retention(IMappedDataset dataset)
    {
        if (dataset.Erase is not EraseRule.Retain retain || retain.Class.Length == 0)
        {
            return;
        }
        if (!map.Retention.TryGetValue(retain.Class, out var rule))
        {
            Add(
                dataset.Place,
                dataset.Name,
                $"retention class '{retain.Class}' is not declared",
                "Add it to \"retention\"."
            );
        }
        else if (rule.From != RetentionStart.EffectiveEnd && retain.Anchor is null)
        {
            Add(
                dataset.Place,
                dataset.Name,
                $"class '{retain.Class}' counts from a date of the row",
                "Name the date column: \"anchor\": \"…\"."
            );
        }
    }

    private void Blobs(BlobDataset blobs)
    {
        var segments = blobs.Prefix.Split('/');
        if (
            segments[^1].Length > 0
            || segments.Count(segment => segment == "{tenant}") != 1
            || segments[..^1].Any(segment => segment.Length == 0)
        )
        {
            Add(
                blobs.Place,
                blobs.Name,
                $"the prefix '{blobs.Prefix}' could reach another customer's blobs",
                "Write {tenant} once, as a whole segment, and end with '/': customers/{tenant}/"
            );
        }
        if (blobs.Erase is not (EraseRule.Delete or EraseRule.Retain { Anchor: null or "lastModified" }))
        {
            Add(
                blobs.Place,
                blobs.Name,
                "blobs can be deleted or retained only",
                "Use \"delete\", or retain with \"anchor\": \"lastModified\"."
            );
        }
        if (blobs.Names is { } names)
        {
            Known(names.Dataset, blobs.Name, blobs.Place);
        }
    }

    private void Relations(IReadOnlyList<IncludedRelation> relations, string document)
    {
        foreach (var relation in relations)
        {
            Known(relation.Dataset, document, relation.Place);
            Relations(relation.Include, document);
        }
        Unique(relations.Select(relation => (relation.As, relation.Place)), "property");
    }

    /// <summary>A dataset that the map leaves out of exports does not come back through another door.</summary>
    private void Exported(string dataset, string subject, MapPlace place)
    {
        Known(dataset, subject, place);
        if (map.Tables.Any(table => table.Name == dataset && table.NotExported is not null))
        {
            Add(place, subject, $"'{dataset}' is not exported", "Name a dataset without \"notExported\".");
        }
    }

    private void Known(string dataset, string subject, MapPlace place)
    {
        if (dataset.Length > 0 && !map.Tables.Any(table => table.Name == dataset))
        {
            Add(place, subject, $"'{dataset}' is no table dataset of this map", "Use the \"name\" of one.");
        }
    }
}
