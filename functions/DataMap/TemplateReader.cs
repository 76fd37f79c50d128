using System.Text;
using System.Text.Json;

namespace Portability.DataMap;

/// <summary>Reads the template entries of a map.</summary>
internal sealed class TemplateReader(DatasetReader datasets, List<DataMapProblem> problems)
{
    public TemplateDataset ReadTemplate(MapNode node)
    {
        var entry = new MapObject(node, "template", problems);
        var name = entry.Required("name");
        var template = new TemplateDataset
        {
            Name = name,
            Category = entry.Required("category"),
            Formats = DatasetReader.ReadFormats(entry, ["pdf"]),
            Title = entry.Optional("title") ?? name,
            Root = entry.Required("root"),
            Include = entry.List("include").Select(datasets.ReadInclude).ToList(),
            Page = entry.List("page").Select(line => ReadLine(entry, line)).ToList(),
            Columns = entry.List("columns").Select(ReadColumn).ToList(),
            Rows = entry.Node("rows") is { } rows ? datasets.ReadInclude(rows) : null,
            Paper = entry.Has("paper") ? entry.OneOf("paper", "portrait", "landscape") : entry.Optional("paper"),
            Place = node.Place,
        };
        entry.RefuseOthers();
        if (template.Page.Count == 0 && (template.Columns.Count == 0 || template.Rows is not null))
        {
            entry.Problem(
                node.Place,
                $"template '{name}' has neither a table over its rows nor a page for each",
                "Give it \"columns\" for one table, or \"page\" for a page a row (\"rows\" goes with \"page\" only)."
            );
        }
        else if (template.Page.Count > 0 && template.Rows is null != (template.Columns.Count == 0))
        {
            entry.Problem(
                node.Place,
                $"template '{name}' has pages, and only one of \"rows\" and \"columns\"",
                "Name both, for a table under each page's text, or neither."
            );
        }
        return template;
    }

    private TemplateColumn ReadColumn(MapNode node)
    {
        if (node.Kind == JsonValueKind.String)
        {
            return new(node.Text, node.Text, node.Place);
        }
        var entry = new MapObject(node, "column", problems);
        var column = entry.Required("column");
        var title = entry.Optional("title") ?? column;
        entry.RefuseOthers();
        return new(column, title, node.Place);
    }

    private static TemplateLine ReadLine(MapObject entry, MapNode node)
    {
        var text = node.Text;
        var level = text.TakeWhile(c => c == '#').Count();
        if (level is < 1 or > 3 || text.Length == level || text[level] != ' ')
        {
            level = 0;
        }
        var parts = Parts(text[(level == 0 ? 0 : level + 1)..]);
        if (node.Kind != JsonValueKind.String || parts is null)
        {
            entry.Problem(
                node.Place,
                "a line of the page is no text, or has a brace without its partner",
                "Write placeholders as {column}, and a brace of its own as {{ or }}."
            );
        }
        return new(level, parts ?? [], node.Place);
    }

    /// <summary>Text and placeholders; null when a brace has no partner.</summary>
    public static List<TemplatePart>? Parts(string line)
    {
        var parts = new List<TemplatePart>();
        var text = new StringBuilder();
        for (var i = 0; i < line.Length; i++)
        {
            var isTwice = i + 1 < line.Length && line[i + 1] == line[i];
            if (line[i] is '{' or '}' && isTwice)
            {
                text.Append(line[i++]);
            }
            else if (line[i] == '{')
            {
                var end = line.IndexOf('}', i);
                if (end < i + 2 || line.IndexOf('{', i + 1, end - i - 1) >= 0)
                {
                    return null;
                }
                parts.Add(new(text.ToString(), IsColumn: false));
                text.Clear();
                parts.Add(new(line[(i + 1)..end].Trim(), IsColumn: true));
                i = end;
            }
            else if (line[i] == '}')
            {
                return null;
            }
            else
            {
                text.Append(line[i]);
            }
        }
        parts.Add(new(text.ToString(), IsColumn: false));
        return parts;
    }
}
