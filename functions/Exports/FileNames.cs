using System.Globalization;
using System.Text;

namespace Portability.Exports;

/// <summary>
/// Gives the files of one export paths that every file system can hold: no two the same (also where case or Unicode form is
/// ignored), no way out of the folder, no reserved name. A name that is fine stays as it was.
/// </summary>
internal sealed class FileNames
{
    private const int LongestSegment = 200;
    private const string Forbidden = "<>:\"|?*\\/";
    private static readonly HashSet<string> Reserved = new(
        ["CON", "PRN", "AUX", "NUL", .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" })],
        StringComparer.OrdinalIgnoreCase
    );

    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);

    /// <summary>A free path in <paramref name="folder"/> for a name that may have folders of its own, separated by slashes.</summary>
    public string Take(string folder, string name)
    {
        var segments = name.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Segment).ToList();
        if (segments.Count == 0)
        {
            segments.Add("_");
        }

        var path = string.Join('/', segments.Prepend(folder).Where(part => part.Length > 0));
        var dot = path.LastIndexOf('.') is var at && at > path.LastIndexOf('/') + 1 ? at : path.Length;
        var free = path;
        for (var n = 2; !_taken.Add(Folded(free)); n++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{path[..dot]} ({n}){path[dot..]}");
        }

        return free;
    }

    private static string Folded(string path) =>
        path.Normalize(NormalizationForm.FormC).ToUpperInvariant().Normalize(NormalizationForm.FormC);

    private static string Segment(string name)
    {
        var text = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            // Marks that turn the direction of writing can make one name look like another.
            var category = Rune.GetUnicodeCategory(rune);
            var harmful =
                category
                    is UnicodeCategory.Control
                        or UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
                || rune.Value == 0xFFFD
                || (rune.IsBmp && Forbidden.Contains((char)rune.Value, StringComparison.Ordinal));
            text.Append(harmful && rune.Value != 0x200D ? "_" : rune.ToString());
        }

        var safe = Shorten(text.ToString().Trim(' ')).TrimEnd('.', ' ');
        if (safe.Length == 0 || Reserved.Contains(safe.Split('.')[0].TrimEnd()))
        {
            safe = "_" + safe;
        }

        return safe;
    }

    /// <summary>Keeps the extension; counts bytes, as file systems do.</summary>
    private static string Shorten(string name)
    {
        if (Encoding.UTF8.GetByteCount(name) <= LongestSegment)
        {
            return name;
        }

        var extension = Path.GetExtension(name);
        if (Encoding.UTF8.GetByteCount(extension) > 20)
        {
            extension = "";
        }

        var room = LongestSegment - Encoding.UTF8.GetByteCount(extension);
        var text = new StringBuilder();
        foreach (var rune in name.EnumerateRunes())
        {
            room -= rune.Utf8SequenceLength;
            if (room < 0)
            {
                break;
            }

            text.Append(rune.ToString());
        }

        return text + extension;
    }
}
