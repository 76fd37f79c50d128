using System.Globalization;
using Portability.Exports.Rows;
using Portability.Sources;

namespace Portability.Exports.Formats;

/// <summary>Values and page labels of reports, in the customer's language.</summary>
internal sealed record ReportWords(string Language, string PageLabel, string Yes, string No, string Binary)
{
    private static readonly ReportWords English = new("en", "Page {0} of {1}", "Yes", "No", "{0} bytes of binary data");
    private static readonly ReportWords Swedish = new("sv", "Sida {0} av {1}", "Ja", "Nej", "{0} byte binära data");
    private static readonly ReportWords Norwegian = new("nb", "Side {0} av {1}", "Ja", "Nei", "{0} byte binære data");

    /// <summary>A region is ignored; other languages get English.</summary>
    public static ReportWords For(string locale) =>
        locale.Split('-', '_')[0].ToLowerInvariant() switch
        {
            "sv" => Swedish,
            "nb" or "no" => Norwegian,
            _ => English,
        };

    /// <summary>A value as a person reads it; null is no text. Throws <see cref="FormatException"/> for a text that none can show.</summary>
    public string Text(in Cell cell, ColumnKind kind) =>
        cell.Kind switch
        {
            CellKind.Integer when kind == ColumnKind.Boolean && cell.Integer is 0 or 1 => cell.Integer == 1 ? Yes : No,
            CellKind.Integer => cell.Integer.ToString(CultureInfo.InvariantCulture),
            CellKind.Real => cell.Real.ToString("R", CultureInfo.InvariantCulture),
            CellKind.Text => Checked(cell.Bytes),
            CellKind.Blob => string.Format(CultureInfo.InvariantCulture, Binary, cell.Bytes.Length),
            _ => "",
        };

    private static string Checked(ReadOnlySpan<byte> utf8) =>
        utf8.Contains((byte)0) ? throw new FormatException("the text contains a NUL character")
        : System.Text.Unicode.Utf8.IsValid(utf8) ? System.Text.Encoding.UTF8.GetString(utf8)
        : throw new FormatException("the text is not valid UTF-8");
}
