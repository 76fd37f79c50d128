using System.Text.Json;

namespace Portability.DataMap.OneRoster;

/// <summary>Reads the map's <c>oneRoster</c>.</summary>
internal sealed class RosterReader(DatasetReader datasets, List<DataMapProblem> problems)
{
    public RosterMap Read(MapNode node)
    {
        var entry = new MapObject(node, "oneRoster", problems);
        var map = new RosterMap
        {
            Name = entry.Optional("name") ?? "oneroster",
            Category = entry.Required("category"),
            SystemName = entry.Optional("systemName"),
            Sources = entry.Entries("files").SelectMany(file => ReadFile(entry, file.Name, file.Value)).ToList(),
            Place = node.Place,
        };
        entry.RefuseOthers();
        if (map.Sources.Count == 0)
        {
            entry.Problem(node.Place, "names no file", "Add \"files\": { \"orgs\": { … }, \"users\": { … }, … }.");
        }
        return map;
    }

    private IEnumerable<RosterSource> ReadFile(MapObject owner, string name, MapNode node)
    {
        if (OneRosterStandard.Find(name) is not { } file)
        {
            owner.Problem(
                node.Place,
                $"OneRoster has no file '{name}'",
                $"Use one of: {string.Join(", ", OneRosterStandard.Files.Select(known => known.Name))}."
            );
            return [];
        }
        var sources = node.Kind == JsonValueKind.Array ? node.Items : [node];
        return sources.Select(source => ReadSource(file, source)).ToList();
    }

    private RosterSource ReadSource(RosterFile file, MapNode node)
    {
        var entry = new MapObject(node, file.Name, problems);
        var source = new RosterSource
        {
            File = file,
            Dataset = entry.Optional("dataset"),
            Include = entry.List("include").Select(datasets.ReadInclude).ToList(),
            When = entry.Node("when") is { } when ? ReadValue(entry, when) : null,
            Columns = entry
                .Entries("columns")
                .Select(column => ReadColumn(entry, file, column.Name, column.Value))
                .OfType<RosterColumn>()
                .ToList(),
            Place = node.Place,
        };
        entry.RefuseOthers();
        return source;
    }

    private RosterColumn? ReadColumn(MapObject entry, RosterFile file, string name, MapNode node)
    {
        var value = ReadValue(entry, node);
        if (RosterFile.Empty.Contains(name))
        {
            entry.Problem(
                node.Place,
                $"'{name}' must be empty in a complete exchange",
                "Remove it: it is written, without values."
            );
            return null;
        }
        if (name == "password")
        {
            entry.Problem(
                node.Place,
                "passwords are not exported",
                "Remove it: the column is written, without values."
            );
            return null;
        }
        if (file.Find(name) is not { } field)
        {
            entry.Problem(
                node.Place,
                $"{file.Name}.csv has no column '{name}'",
                $"Use one of: {string.Join(", ", file.Fields.Select(known => known.Name).Prepend(RosterFile.SourcedId.Name))}."
            );
            return null;
        }
        return value is null ? null : new(field, value);
    }

    private RosterValue? ReadValue(MapObject owner, MapNode node)
    {
        switch (node.Kind)
        {
            case JsonValueKind.String when TemplateReader.Parts(node.Text) is { } parts:
                return new RosterValue.Text([.. parts.Where(part => part.IsColumn || part.Text.Length > 0)])
                {
                    Place = node.Place,
                };
            case JsonValueKind.Array when node.Items.Count > 0:
                var values = node.Items.Select(item => ReadValue(owner, item)).OfType<RosterValue>().ToList();
                return new RosterValue.First(values) { Place = node.Place };
            case JsonValueKind.Object:
                return ReadObject(new MapObject(node, "value", problems), node);
            default:
                owner.Problem(
                    node.Place,
                    "is no value, or has a brace without its partner",
                    "Write a text with {column} for values ({{ and }} are braces), a list of which the first that has a value counts, "
                        + "{ \"of\": \"…\" } or { \"value\": \"…\", \"map\": { … } }."
                );
                return null;
        }
    }

    private RosterValue? ReadObject(MapObject entry, MapNode node)
    {
        if (entry.Has("of"))
        {
            var path = entry.Required("of");
            entry.RefuseOthers();
            return new RosterValue.Of(path) { Place = node.Place };
        }
        var from = entry.Node("value") is { } value ? ReadValue(entry, value) : null;
        var translated = new RosterValue.Translated(
            from ?? new RosterValue.Text([]) { Place = node.Place },
            Words(entry),
            entry.Optional("whenNull"),
            entry.Optional("otherwise")
        )
        {
            Place = node.Place,
        };
        entry.RefuseOthers();
        if (!entry.Has("value"))
        {
            entry.Problem(
                node.Place,
                "names no value",
                "Add \"value\": \"{column}\", or \"of\": \"…\" for a reference."
            );
        }
        return from is null ? null : translated;
    }

    private static Dictionary<string, string> Words(MapObject entry)
    {
        var words = new Dictionary<string, string>(StringComparer.Ordinal);
        if (entry.Node("map") is { } map)
        {
            foreach (var (value, word) in map.Properties)
            {
                words[value] = word.Text;
            }
            if (map.Kind != JsonValueKind.Object || map.Properties.Any(word => word.Value.Kind != JsonValueKind.String))
            {
                entry.Problem(map.Place, "'map' must be an object of texts", "Write it as { \"value\": \"word\", … }.");
            }
        }
        return words;
    }
}
