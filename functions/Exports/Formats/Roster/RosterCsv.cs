using System.Buffers;
using System.Text;

namespace Portability.Exports.Formats.Roster;

/// <summary>Lines of a OneRoster file: RFC 4180, UTF-8 without a byte order mark. Nothing is put in front of values that look like formulas.</summary>
internal static class RosterCsv
{
    private static readonly SearchValues<char> Quoted = SearchValues.Create("\",\r\n");

    /// <summary>Writes one line; null and empty are nothing between two commas.</summary>
    public static void Write(Stream output, IEnumerable<string?> values)
    {
        var line = new StringBuilder();
        foreach (var value in values)
        {
            if (value is not null)
            {
                Append(line, value);
            }

            line.Append(',');
        }

        line.Length--;
        line.Append("\r\n");
        output.Write(Encoding.UTF8.GetBytes(line.ToString()));
    }

    private static void Append(StringBuilder line, string value)
    {
        if (!value.AsSpan().ContainsAny(Quoted))
        {
            line.Append(value);
            return;
        }

        line.Append('"').Append(value.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
