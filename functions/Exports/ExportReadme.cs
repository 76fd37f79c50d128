using System.Globalization;
using System.Text;

namespace Portability.Exports;

/// <summary>The README that the customer finds beside the files, in its own language. The same order and data give the same text.</summary>
internal static class ExportReadme
{
    public static string Write(
        ExportOrder order,
        IReadOnlyList<ManifestDataset> datasets,
        IReadOnlyDictionary<string, string> categories
    )
    {
        var words = ReadmeWords.For(order.Locale);
        var culture = CultureInfo.GetCultureInfo(words.Culture);
        var text = new StringBuilder();
        text.AppendLine(words.Title).AppendLine(new string('=', words.Title.Length)).AppendLine();
        text.AppendLine(words.Introduction).AppendLine();
        text.AppendLine(string.Format(culture, words.Facts, order.CustomerId, order.CaseId, order.Number));
        text.AppendLine(string.Format(culture, words.Requested, order.RequestedAt.UtcDateTime.ToString("d", culture)));
        text.AppendLine();
        foreach (var (heading, body) in words.Sections)
        {
            text.AppendLine(heading).AppendLine(new string('-', heading.Length)).AppendLine(body.Trim()).AppendLine();
        }

        text.AppendLine(words.Contents).AppendLine(new string('-', words.Contents.Length));
        foreach (var group in datasets.GroupBy(dataset => dataset.Category))
        {
            text.AppendLine().AppendLine(categories.GetValueOrDefault(group.Key) ?? words.WholeDatabase);
            foreach (var dataset in group)
            {
                var rows = dataset.Rows.ToString("N0", culture);
                text.AppendLine(culture, $"  {dataset.Name}: {rows} {words.Rows}, {dataset.Files.Count} {words.Files}");
            }
        }

        // One kind of line end whatever the machine, so that the file is the same everywhere.
        return text.ToString().ReplaceLineEndings("\n");
    }
}
