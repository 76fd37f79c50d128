using System.Text.Encodings.Web;
using System.Text.Json;

namespace Portability.Exports.Formats;

/// <summary>
/// The last line of a dump, a comment that says how many rows each table has: so a dump that was cut, or rows that a database did not
/// take, show by the name of their table.
/// </summary>
internal static class DumpTrailer
{
    private const string Begin = "-- Rows: ";

    // Line breaks in names are escaped, or they would end the comment.
    private static readonly JsonSerializerOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static string Write(IReadOnlyDictionary<string, long> rows) =>
        Begin + JsonSerializer.Serialize(rows, Options) + "\n";

    /// <summary>Rows by table; null when the text is no such line.</summary>
    public static IReadOnlyDictionary<string, long>? Read(string trailer)
    {
        try
        {
            return trailer.StartsWith(Begin, StringComparison.Ordinal)
                ? JsonSerializer.Deserialize<Dictionary<string, long>>(trailer[Begin.Length..], Options)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
