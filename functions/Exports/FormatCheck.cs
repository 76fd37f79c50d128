using Portability.DataMap;
using Portability.Exports.Formats;

namespace Portability.Exports;

/// <summary>Holds the formats that a data map asks for against those that are written, so that no file is left out in silence.</summary>
public static class FormatCheck
{
    /// <summary>Throws <see cref="DataMapException"/> with every table and document whose format has no writer.</summary>
    public static void Check(TenantDataMap map)
    {
        var tables = Names(format => format.Table is not null).Append(ExportFormats.Sql).ToList();
        var documents = Names(format => format.Document is not null).ToList();
        var templates = Names(format => format.Template is not null).ToList();
        List<DataMapProblem> problems =
        [
            .. map.Tables.SelectMany(table => Problems(table.Name, "a table", table.Formats, tables, table.Place)),
            .. map.Documents.SelectMany(document =>
                Problems(document.Name, "a document", document.Formats, documents, document.Place)
            ),
            .. map.Templates.SelectMany(template =>
                Problems(template.Name, "a template", template.Formats, templates, template.Place)
            ),
        ];
        if (problems.Count > 0)
        {
            throw new DataMapException(problems);
        }
    }

    private static IEnumerable<string> Names(Func<RowFormat, bool> suits) =>
        RowFormats.All.Where(suits).Select(format => format.Name);

    private static IEnumerable<DataMapProblem> Problems(
        string subject,
        string kind,
        IReadOnlyList<string> asked,
        List<string> written,
        MapPlace place
    ) =>
        asked
            .Except(written, StringComparer.Ordinal)
            .Select(format => new DataMapProblem(
                place,
                subject,
                $"{kind} cannot be written as '{format}'",
                $"Use some of: {string.Join(", ", written)}."
            ));
}
