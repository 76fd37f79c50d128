using System.Globalization;
using Azure.Data.Tables.Serialization;

namespace Azure.Data.Tables.Query;

/// <summary>Values as the service's filter language writes them.</summary>
static class ODataLiteral
{
    public static string Of(object value) =>
        value switch
        {
            null => throw new ArgumentException(
                "A filter cannot compare with null: a row without the property never matches."
            ),
            string text => Quoted(text),
            char letter => Quoted(letter.ToString()),
            Enum member => Quoted(member.ToString()),
            bool truth => truth ? "true" : "false",
            int or short or byte or sbyte or ushort => ((IFormattable)value).ToString(
                null,
                CultureInfo.InvariantCulture
            ),
            long number => number.ToString(CultureInfo.InvariantCulture) + "L",
            uint number => number.ToString(CultureInfo.InvariantCulture) + "L",
            ulong number => ((long)number).ToString(CultureInfo.InvariantCulture) + "L",
            double number => Real(number),
            float number => Real(number),
            Guid guid => $"guid'{guid:D}'",
            DateTimeOffset instant => $"datetime'{EntityJson.Instant(instant)}'",
            DateTime time => $"datetime'{EntityJson.Instant(new DateTimeOffset(time.ToUniversalTime()))}'",
            byte[] bytes => $"X'{Convert.ToHexString(bytes)}'",
            BinaryData bytes => $"X'{Convert.ToHexString(bytes.ToMemory().Span)}'",
            _ => throw new ArgumentException($"A filter cannot compare with a value of type {value.GetType()}."),
        };

    /// <summary>A format string whose arguments are values.</summary>
    public static string Format(FormattableString filter) =>
        string.Format(CultureInfo.InvariantCulture, filter.Format, [.. filter.GetArguments().Select(Of)]);

    static string Quoted(string text) => "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    static string Real(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.All(c => c is '-' or (>= '0' and <= '9')) ? text + ".0" : text;
    }
}
