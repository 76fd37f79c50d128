using System.Text.Json;

namespace Portability.DataMap;

/// <summary>Reads the dataset and document entries of a map.</summary>
internal sealed class DatasetReader(List<DataMapProblem> problems)
{
    private static readonly string[] AllFormats =
    [
        "csv",
        "xlsx",
        "json",
        "ndjson",
        "xml",
        "pdf",
        "docx",
        "sql",
        "parquet",
    ];
    private static readonly string[] DefaultFormats = ["csv", "json", "sql"];

    /// <summary>The systems read so far, for entries that leave theirs out.</summary>
    public IReadOnlyList<MappedSystem> Systems { get; set; } = [];

    public IMappedDataset ReadDataset(MapNode node)
    {
        var isBlob = node.Properties.Any(property => property.Name == "prefix");
        var title =
            node.Properties.FirstOrDefault(property => property.Name == "name").Value
            ?? node.Properties.FirstOrDefault(property => property.Name == "table").Value;
        var entry = new MapObject(node, title?.Text is { Length: > 0 } text ? text : "dataset", problems);
        IMappedDataset dataset = isBlob ? ReadBlobs(entry) : ReadTable(entry);
        entry.RefuseOthers();
        return dataset;
    }

    /// <summary>The named system, or the only one of its kind.</summary>
    public string SystemOf<T>(MapObject entry)
        where T : MappedSystem
    {
        if (entry.Optional("system") is { } name)
        {
            if (!Systems.OfType<T>().Any(system => system.Name == name))
            {
                entry.Problem(
                    entry.Place,
                    $"system '{name}' is unknown or of another kind",
                    "Name a system from \"systems\"."
                );
            }
            return name;
        }
        var fitting = Systems.OfType<T>().ToList();
        if (fitting.Count != 1)
        {
            entry.Problem(entry.Place, "'system' is missing", $"{fitting.Count} systems fit: add \"system\": \"…\".");
        }
        return fitting.Count == 1 ? fitting[0].Name : "";
    }

    public DocumentDataset ReadDocument(MapNode node)
    {
        var entry = new MapObject(node, "document", problems);
        var document = new DocumentDataset
        {
            Name = entry.Required("name"),
            Category = entry.Required("category"),
            Formats = ReadFormats(entry, ["json"]),
            Root = entry.Required("root"),
            Include = entry.List("include").Select(ReadInclude).ToList(),
            Place = node.Place,
        };
        entry.RefuseOthers();
        return document;
    }

    public IncludedRelation ReadInclude(MapNode node)
    {
        var entry = new MapObject(node, "include", problems);
        var dataset = entry.Required("dataset");
        var relation = new IncludedRelation(
            dataset,
            entry.Optional("as") ?? dataset,
            entry.ColumnsOf("by"),
            entry.List("include").Select(ReadInclude).ToList(),
            node.Place
        );
        entry.RefuseOthers();
        return relation;
    }

    private TableDataset ReadTable(MapObject entry)
    {
        var table = entry.Required("table");
        return new()
        {
            Table = table,
            Name = entry.Optional("name") ?? table,
            System = SystemOf<SqlSystem>(entry),
            Category = entry.Required("category"),
            Formats = ReadFormats(entry, DefaultFormats),
            Erase = ReadErase(entry),
            NotExported = entry.Optional("notExported"),
            Via = entry.TextOrTexts("via").Select(MapObject.Split).ToList(),
            References = entry.List("references").Select(ReadReference).ToList(),
            Key = entry.ColumnsOf("key"),
            ExcludedColumns = entry.TextMap("exclude"),
            NotSecret = entry.Texts("notSecret"),
            WhenKept = ReadMasks(entry.Entries("whenKept"), entry),
            Place = entry.Place,
        };
    }

    private BlobDataset ReadBlobs(MapObject entry)
    {
        OriginalNames? names = null;
        if (entry.Node("names") is { } node)
        {
            var inner = new MapObject(node, "names", problems);
            names = new(inner.Required("dataset"), inner.Required("blob"), inner.Required("name"));
            inner.RefuseOthers();
        }
        return new()
        {
            Name = entry.Required("name"),
            System = SystemOf<BlobSystem>(entry),
            Prefix = entry.Required("prefix"),
            Category = entry.Required("category"),
            Erase = ReadErase(entry),
            NotExported = entry.Optional("notExported"),
            Names = names,
            Place = entry.Place,
        };
    }

    private DeclaredReference ReadReference(MapNode node)
    {
        var entry = new MapObject(node, "references", problems);
        var reference = new DeclaredReference(
            entry.ColumnsOf("columns"),
            entry.Required("table"),
            entry.ColumnsOf("to")
        );
        if (reference.Columns.Count == 0 || reference.Columns.Count != reference.To.Count)
        {
            entry.Problem(
                entry.Place,
                "'columns' and 'to' must name equally many columns",
                "Pair each column with one it refers to."
            );
        }
        entry.RefuseOthers();
        return reference;
    }

    public static IReadOnlyList<string> ReadFormats(MapObject entry, IReadOnlyList<string> whenLeftOut)
    {
        if (!entry.Has("formats"))
        {
            entry.Node("formats");
            return whenLeftOut;
        }
        var formats = entry.Texts("formats");
        foreach (var unknown in formats.Where(format => !AllFormats.Contains(format, StringComparer.Ordinal)))
        {
            entry.Problem(
                entry.Place,
                $"format '{unknown}' is not known",
                $"Use some of: {string.Join(", ", AllFormats)}."
            );
        }
        return formats.Distinct(StringComparer.Ordinal).ToList();
    }

    private EraseRule ReadErase(MapObject entry)
    {
        const string Mend =
            "Use \"delete\", or an object with one of: retain (with anchor), anonymise, unlink, unlinkThrough, tombstone, none.";
        switch (entry.Node("erase"))
        {
            case { Kind: JsonValueKind.String, Text: "delete" }:
                return new EraseRule.Delete();
            case { Kind: JsonValueKind.Object } node:
                var rule = new MapObject(node, "erase", problems);
                EraseRule? read =
                    rule.Has("retain") ? new EraseRule.Retain(rule.Required("retain"), rule.Optional("anchor"))
                    : rule.Has("anonymise") ? new EraseRule.Anonymise(ReadMasks(rule.Entries("anonymise"), rule))
                    : rule.Has("unlink") ? new EraseRule.Unlink(rule.Texts("unlink"))
                    : rule.Has("unlinkThrough") ? new EraseRule.UnlinkThrough(rule.Required("unlinkThrough"))
                    : rule.Has("tombstone") ? new EraseRule.Tombstone(rule.Texts("tombstone"))
                    : rule.Has("none") ? new EraseRule.None(rule.Required("none"))
                    : null;
                if (read is null)
                {
                    entry.Problem(node.Place, "'erase' names no rule", Mend);
                    return new EraseRule.Delete();
                }
                rule.RefuseOthers();
                return read;
            case var other:
                entry.Problem(other?.Place ?? entry.Place, "'erase' is missing or not a rule", Mend);
                return new EraseRule.Delete();
        }
    }

    private static Dictionary<string, Mask> ReadMasks(
        IReadOnlyList<(string Name, MapNode Value)> entries,
        MapObject owner
    )
    {
        var masks = new Dictionary<string, Mask>(StringComparer.OrdinalIgnoreCase);
        foreach (var (column, value) in entries)
        {
            Mask? mask = value switch
            {
                { Kind: JsonValueKind.String, Text: "null" } or { Kind: JsonValueKind.Null } => new Mask.Null(),
                { Kind: JsonValueKind.String, Text: "hash" } => new Mask.Hash(),
                { Kind: JsonValueKind.Object, Properties: [("value", { Kind: JsonValueKind.String } text)] } =>
                    new Mask.Fixed(text.Text),
                _ => null,
            };
            if (mask is null)
            {
                owner.Problem(
                    value.Place,
                    $"the mask of '{column}' is not known",
                    "Use \"null\", \"hash\" or { \"value\": \"…\" }."
                );
                continue;
            }
            masks[column] = mask;
        }
        return masks;
    }
}
